# The status light: what it tells, and its patterns.

from loadrail import lights, registers
from loadrail.config import check
from loadrail.core import Primary
from loadrail.presence import DEFIANT, DOUBTFUL, ONLINE, SILENT

N = 3


def group(status=registers.NO_CAR, **sections):
    """A static group whose chargers are all well, 1 s after the start."""
    raw = {"group": {"type": "static"}, "chargers": {"first_address": 2, "count": N}}
    raw.update(sections)
    config, faults = check(raw)
    assert not faults, faults
    primary = Primary(config, 0)
    primary.tick(1000)
    c = primary.chargers
    for i in range(N):
        c.presence[i] = ONLINE
        c.known[i] = True
        c.status[i] = status
    return primary


def shown(primary):
    return lights.kind(primary, 1000)


def test_the_light_tells_what_the_cars_do():
    rows = (
        (registers.CHARGING, lights.CHARGING),
        (registers.STARTING, lights.WAITING),
        (registers.SHORT_PAUSED, lights.WAITING),
        (registers.SHORT_NEW, lights.WAITING),
        (registers.CAR_STOPPED, lights.FINE),
        (registers.NOT_AUTHORISED, lights.WAITING),
        (registers.NOT_ALLOWED, lights.WAITING),
        (registers.NO_CAR, lights.FINE),
        (registers.ERROR, lights.WARNING),
        (registers.UNKNOWN, lights.FINE),
    )
    for status, kind in rows:
        primary = group()
        primary.chargers.status[1] = status
        assert shown(primary) == kind


def test_one_that_charges_counts_more_than_those_that_wait():
    primary = group(registers.SHORT_NEW)
    primary.chargers.status[2] = registers.CHARGING
    assert shown(primary) == lights.CHARGING


def test_a_car_at_a_charger_that_does_not_answer_counts_for_nothing():
    primary = group()
    primary.chargers.status[0] = registers.CHARGING
    for presence, kind in (
        (DOUBTFUL, lights.CHARGING),
        (SILENT, lights.FINE),
    ):
        primary.chargers.presence[0] = presence
        assert shown(primary) == kind


def test_until_all_have_answered_it_is_starting():
    primary = group(registers.CHARGING)
    primary.chargers.known[1] = False
    assert shown(primary) == lights.STARTING
    primary.chargers.known[1] = True
    assert shown(primary) == lights.CHARGING


def test_until_the_meter_has_answered_it_is_starting():
    meter = {"address": 1}
    primary = group(registers.CHARGING, group={"type": "dynamic"}, meter=meter)
    assert shown(primary) == lights.STARTING


def test_a_local_input_that_shuts_all_is_told_of():
    rows = (
        # section, position, closed
        ({"selector": "on"}, 8, None, lights.SHUT),
        ({"selector": "on"}, 3, None, lights.CHARGING),
        ({"contact": "emergency_stop"}, None, True, lights.SHUT),
        ({"contact": "emergency_stop"}, None, None, lights.SHUT),
        ({"contact": "emergency_stop"}, None, False, lights.CHARGING),
        ({"contact": "block"}, None, True, lights.CHARGING),  # a timer's everyday business
        ({"contact": "reduce"}, None, None, lights.WARNING),
    )
    for section, position, closed, kind in rows:
        primary = group(registers.CHARGING, inputs=section)
        primary.inputs.selector.take(1000, position)
        primary.inputs.contact.take(1000, closed)
        # what the first decision, before any reading, has made of them is over by then
        primary.inputs.selector.take(3000, position)
        primary.inputs.contact.take(3000, closed)
        assert lights.kind(primary, 3000) == kind, section


def test_the_most_urgent_is_told():
    primary = group(registers.CHARGING, inputs={"selector": "on"})
    c = primary.chargers
    c.status[0] = registers.ERROR
    primary.inputs.selector.take(1000, 0)
    primary.inputs.selector.take(3000, 0)
    assert lights.kind(primary, 3000) == lights.WARNING
    primary.inputs.selector.take(3000, 9)
    primary.inputs.selector.take(5000, 9)
    assert lights.kind(primary, 5000) == lights.SHUT
    c.balks[1] = DEFIANT
    assert lights.kind(primary, 5000) == lights.ALARM


def test_a_steady_light_never_changes():
    for now_ms in (0, 1, 999, 12_345, (1 << 30) - 1):
        assert lights.brightness(lights.FINE, now_ms) == 255
        assert lights.color(lights.FINE, now_ms) == (0, 255, 0)


def test_a_breath_rises_and_falls_evenly_and_never_goes_out():
    for kind, period_ms in (
        (lights.CHARGING, 4000),
        (lights.WAITING, 4000),
        (lights.STARTING, 4000),
        (lights.WARNING, 2000),
    ):
        half_ms = period_ms // 2
        assert lights.brightness(kind, half_ms) == 255
        before = lights.brightness(kind, 0)
        assert 0 < before < 20
        for at_ms in range(50, half_ms + 1, 50):
            now = lights.brightness(kind, at_ms)
            assert now >= before
            assert now - before <= 30
            assert now == lights.brightness(kind, period_ms - at_ms)
            before = now
        assert lights.brightness(kind, period_ms) == lights.brightness(kind, 0)


def test_a_blink_is_on_for_one_half_of_its_period_and_off_for_the_other():
    for kind, period_ms in ((lights.SHUT, 1000), (lights.ALARM, 500)):
        half_ms = period_ms // 2
        for at_ms in range(0, period_ms, 10):
            assert lights.brightness(kind, at_ms) == (255 if at_ms < half_ms else 0)


def test_a_color_is_its_row_as_bright_as_the_pattern_is():
    assert lights.color(lights.ALARM, 0) == (255, 0, 0)
    assert lights.color(lights.ALARM, 250) == (0, 0, 0)
    assert lights.color(lights.SHUT, 499) == (255, 255, 0)
    for kind in range(lights.ALARM + 1):
        for now_ms in range(0, 4000, 37):
            for part in lights.color(kind, now_ms):
                assert 0 <= part <= lights.brightness(kind, now_ms)


def test_each_kind_has_words_of_its_own():
    texts = [lights.text(kind) for kind in range(lights.ALARM + 1)]
    assert len(set(texts)) == len(texts)
    assert texts[lights.FINE] == "green, steady"
    assert texts[lights.WARNING] == "yellow, breathing"

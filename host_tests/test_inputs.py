"""The local inputs in whole groups in virtual time: the stop, the caps, and what is told."""

import pytest
from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st
from world import World

from loadrail import alerts, events, inputs, lights, reasons, status
from loadrail.line import transaction_us
from loadrail.registers import AMPS_TO_USE
from loadrail.request import Request
from loadrail_site.virtual import Run

CAR = ("L1L2L3", {"phases": 3, "max_a": 32})
READ_MS = 100
STOP = {"contact": "emergency_stop"}
TURNAROUND_MS = 5
MOST = 1.15  # times what the line itself needs


class InputWorld(World):
    """A world whose inputs are read every 100 ms: set `position` and `closed`."""

    def __init__(self, cars, section, *, start_ms=0, bus=None, faults=None, **more):
        super().__init__(cars, start_ms=start_ms, **more)
        config = dict(self.primary.config, inputs=self._whole(section))
        config["bus"] = {**config["bus"], **(bus or {})}
        self.primary.configure(config, start_ms)
        self.position = 0
        self.closed = False
        hooks = {"on_frame": self._see, "faults": faults, "turnaround_ms": TURNAROUND_MS}
        self.run = Run(self.primary, self.site, offset_ms=start_ms, **hooks)

    def _whole(self, section):
        return {**self.primary.config["inputs"], **section}

    def read(self):
        self.primary.local_inputs(self.run.ticks_ms(), self.position, self.closed)

    def go(self, seconds, look=None):
        """Run on until this time; `look()` is called with each reading."""
        if self.run.now_ms == 0:
            self.read()

        def each():
            self.read()
            if look:
                look()

        return self.until(seconds, READ_MS, each)

    def reasons(self):
        return list(self.primary.chargers.reason)

    def shown(self):
        return "\n".join(status.table(self.primary, self.run.ticks_ms()))


@pytest.mark.parametrize("baud, parity", [(9600, "N"), (19200, "E"), (115200, "N")])
def test_an_emergency_stop_puts_twenty_chargers_to_0_a_as_fast_as_the_line_can(baud, parity):
    line = {"baud": baud, "parity": parity}
    world = InputWorld([CAR] * 20, STOP, limit_a=400, bus=line).go(90)
    assert min(world.true_limits_a()) > 6
    said_ms = world.run.now_ms
    world.closed = True
    world.read()
    write = Request().write(2, AMPS_TO_USE, [0], 300)
    bits = 10 + (parity == "E")
    one_ms = transaction_us(write, baud, bits, TURNAROUND_MS) / 1000
    first_ms = world.run.buses[0].ends_us / 1000  # the end of what is under way
    world.until((first_ms + 21 * one_ms * MOST) / 1000)
    # After that nothing is asked but this, and nobody is asked twice.
    after = [frame for frame in world.asked if frame[0] >= said_ms]
    zeros = [frame[:2] for frame in world.frames if frame[0] >= said_ms and frame[2] == 0]
    assert zeros[:20] == after[:20]
    assert len({unit for _, unit in zeros[:20]}) == 20
    assert zeros[0][0] <= first_ms
    assert zeros[19][0] - zeros[0][0] <= 19 * one_ms * MOST + 1
    assert world.true_limits_a() == [0] * 20


@pytest.mark.parametrize("start_ms", [0, (1 << 30) - 60_000])
def test_after_an_emergency_stop_all_charge_again_within_the_circuit(start_ms):
    cars = [CAR, ("L2L3L1", {"phases": 1, "max_a": 32}), ("L3", {"phases": 1, "max_a": 16})]
    world = InputWorld(cars, STOP, limit_a=32, start_ms=start_ms).go(55)
    assert sum(world.true_limits_a()) > 0
    world.closed = True
    world.go(70)
    assert world.reasons() == [reasons.EMERGENCY_STOP] * 3
    assert max(world.site.grid_ma) == 0
    world.closed = False
    world.go(71.9)
    assert world.true_limits_a() == [0] * 3
    lowest_a = []

    def look():
        for phase in range(3):
            assert world.may_flow_ma(phase) <= 32_000, world.run.now_ms
        lowest_a.append(sum(world.true_limits_a()))

    world.go(140, look)
    assert lowest_a[-1] >= 18
    assert not [r for r in world.reasons() if r == reasons.EMERGENCY_STOP]


def test_an_emergency_stop_counts_before_the_meter_has_answered():
    """The limits that a restarted controller finds are lowered without waiting for the meter."""
    found = InputWorld([CAR] * 3, STOP, limit_a=100)
    for charger in found.site.chargers:
        charger.settings[AMPS_TO_USE] = 16
    found.site.meter.deaf = True
    found.closed = True
    found.go(4)
    assert found.true_limits_a() == [0] * 3
    assert found.reasons() == [reasons.EMERGENCY_STOP] * 3


def test_without_a_stop_nothing_is_written_before_the_meter_has_answered():
    found = InputWorld([CAR] * 3, STOP, limit_a=100)
    for charger in found.site.chargers:
        charger.settings[AMPS_TO_USE] = 16
    found.site.meter.deaf = True
    found.go(4)
    assert found.true_limits_a() == [16] * 3
    assert found.frames == []


def test_an_emergency_stop_reaches_a_charger_whose_answers_are_lost():
    world = InputWorld([CAR] * 2, STOP, group={"failsafe_current_a": 6}).go(60)
    world.site.chargers[0].silent = True
    world.go(70)
    assert world.true_limits_a()[0] > 0
    world.closed = True
    world.go(80)
    assert world.true_limits_a() == [0, 0]


def test_an_emergency_stop_gets_through_a_line_that_loses_one_frame_in_four():
    count = [0]

    def faults(bus, request, now_ms):
        from loadrail.request import TIMEOUT

        count[0] += 1
        return TIMEOUT if count[0] % 4 == 0 else None

    world = InputWorld([CAR] * 6, STOP, limit_a=200, faults=faults).go(90)
    assert sum(world.true_limits_a()) > 36
    world.closed = True
    world.go(94)
    assert world.true_limits_a() == [0] * 6


def test_a_stop_and_its_end_are_told_and_shown():
    world = InputWorld([CAR], STOP).go(60)
    world.said()
    ticks_ms = world.run.ticks_ms
    assert lights.kind(world.primary, ticks_ms()) == lights.CHARGING
    world.closed = True
    world.go(60.5)
    said = "emergency stop: goes on 2 s after the contact is released"
    assert world.said() == [said]
    assert f"! {said}" in world.shown()
    assert "light: yellow, blinking" in world.shown()
    assert alerts.level(world.primary, ticks_ms()) == alerts.WARNING
    world.closed = False
    world.go(63)
    assert world.said() == ["the contact holds nobody back any more"]
    assert alerts.level(world.primary, ticks_ms()) == alerts.OK


@pytest.mark.parametrize("position", [8, 9])
def test_a_reserved_position_lets_nobody_charge_and_is_named(position):
    world = InputWorld([CAR] * 2, {"selector": "on"}).go(60)
    world.said()
    world.position = position
    world.go(64)
    said = f"position {position} is reserved: set the power selector to 0..7"
    assert world.true_limits_a() == [0, 0]
    assert world.said() == [said]
    assert f"! {said}" in world.shown()
    assert "light: yellow, blinking" in world.shown()
    assert world.shown().count(said) == 3


@pytest.mark.parametrize("position, amps", list(enumerate(inputs.SELECTOR_A)))
def test_s3_no_limit_is_above_the_power_selector(position, amps):
    world = InputWorld([CAR] * 2, {"selector": "on"}, limit_a=100)
    world.position = position
    world.go(90)
    assert world.true_limits_a() == [amps] * 2
    assert max(limit for _, _, limit in world.frames) == amps
    if amps < 32:
        assert world.reasons() == [reasons.SELECTOR] * 2
        said = f"the power selector stands at {position}: {amps} A at most"
        assert said in world.shown()


def test_the_contact_reduces_to_its_current_and_back():
    world = InputWorld([CAR] * 2, {"contact": "reduce", "contact_current_a": 9}, limit_a=100).go(
        90
    )
    assert world.true_limits_a() == [32, 32]
    world.closed = True
    world.go(91.9)
    assert world.true_limits_a() == [32, 32]
    world.go(93)
    assert world.true_limits_a() == [9, 9]
    assert "the contact at the controller allows 9 A at most" in world.shown()
    world.closed = False
    world.go(150)
    assert world.true_limits_a() == [32, 32]


@pytest.mark.parametrize("use, closed", [("block", True), ("allow", False)])
def test_block_and_allow_stop_all_after_the_debounce_and_let_them_go_on(use, closed):
    world = InputWorld([CAR] * 2, {"contact": use}, limit_a=100)
    world.closed = not closed
    world.go(90)
    assert world.true_limits_a() == [32, 32]
    world.closed = closed
    world.go(91.9)
    assert world.true_limits_a() == [32, 32]
    world.go(93)
    assert world.true_limits_a() == [0, 0]
    assert world.reasons() == [reasons.BLOCKED] * 2
    assert alerts.level(world.primary, world.run.ticks_ms()) == alerts.OK
    world.closed = not closed
    world.go(160)
    assert world.true_limits_a() == [32, 32]


def test_the_lower_of_selector_and_contact_counts_and_gives_the_reason():
    section = {"selector": "on", "contact": "reduce", "contact_current_a": 13}
    for position, amps, why in ((2, 10, reasons.SELECTOR), (5, 13, reasons.REDUCED)):
        world = InputWorld([CAR], section, limit_a=100)
        world.position, world.closed = position, True
        world.go(60)
        assert world.true_limits_a() == [amps]
        assert world.reasons() == [why]


def test_an_emergency_stop_is_the_reason_before_a_reserved_position():
    world = InputWorld([CAR], {"selector": "on", **STOP})
    world.position, world.closed = 8, True
    world.go(10)
    assert world.reasons() == [reasons.EMERGENCY_STOP]
    assert world.shown().count("! ") == 2


def test_a_charger_whose_minimum_is_above_the_cap_gets_nothing_and_is_told_why():
    world = InputWorld([CAR], {"selector": "on"}, rows={"min_a": 10})
    world.position = 1
    world.go(60)
    assert world.true_limits_a() == [0]
    assert "the power selector stands at 1: 6 A at most" in world.shown()


def test_an_operators_stop_outlasts_that_of_the_contact():
    from loadrail import orders

    world = InputWorld([CAR] * 2, STOP).go(60)
    assert world.primary.order(orders.STOP, 0, world.run.ticks_ms()) is None
    world.closed = True
    world.go(70)
    assert world.reasons() == [reasons.EMERGENCY_STOP] * 2
    world.closed = False
    world.go(120)
    limits = world.true_limits_a()
    assert limits[0] == 0
    assert limits[1] > 0
    assert world.reasons()[0] == reasons.OPERATOR


def test_a_configuration_with_inputs_that_cannot_be_read_lowers_all():
    world = InputWorld([CAR] * 2, {}).go(60)
    assert min(world.true_limits_a()) > 0
    world.closed = None
    config = dict(world.primary.config, inputs=world._whole({"contact": "block"}))
    world.go(62)
    world.primary.configure(config, world.run.ticks_ms())
    world.go(64)
    assert world.true_limits_a() == [0, 0]
    assert "! the power selector or the contact cannot be read" in world.shown()


# --- laws

POSITIONS = st.sampled_from([None, *range(10)])
STEPS_MS = st.sampled_from([1, 50, 100, 100, 100, 700, 999, 1000, 1001, 2000, 2500])
STARTS = st.sampled_from([0, (1 << 30) - 5000])
WHOLE = {"selector": "on", "contact": "none", "contact_active": "closed", "contact_current_a": 9}


def allowed_a(position):
    """What a selector that has not stood there for 2 s yet may allow at once."""
    return inputs.SELECTOR_A[position] if position < 8 else 6


@cases_of(200)
@given(STARTS, st.lists(st.tuples(STEPS_MS, POSITIONS), min_size=1, max_size=40))
def test_s3_the_selector_allows_no_more_than_every_position_of_the_last_2_s(start_ms, turns):
    found = inputs.Inputs(events.Events())
    found.configure(WHOLE)
    now_ms, history = 0, []
    for step_ms, position in turns:
        now_ms += step_ms
        found.take_selector((start_ms + now_ms) % (1 << 30), position)
        if position is not None:
            history.append((now_ms, position))
        fresh = history and now_ms - history[-1][0] <= inputs.UNREAD_MS
        most_a = found.selector.most_a
        if not fresh:
            assert most_a <= 6
        elif len(history) > 1:
            lately = [p for at, p in history if now_ms - at < inputs.DEBOUNCE_MS]
            assert most_a <= min(map(allowed_a, lately))


@cases_of(200)
@given(
    STARTS,
    st.sampled_from(["emergency_stop", "block", "allow", "reduce"]),
    st.lists(st.tuples(STEPS_MS, st.sampled_from([True, False, None])), min_size=1, max_size=40),
)
def test_the_contact_lets_go_only_after_2_s_without_a_break(start_ms, use, readings):
    found = inputs.Inputs(events.Events())
    found.configure({**WHOLE, "selector": "off", "contact": use})
    holds = use != "allow"
    now_ms, held_ms, read_ms, held = 0, None, None, True
    for step_ms, closed in readings:
        now_ms += step_ms
        found.take_contact((start_ms + now_ms) % (1 << 30), closed)
        if closed is not None:
            read_ms = now_ms
        if closed == holds:
            held_ms = now_ms
        was, held = held, found.contact.most_a < 32
        if held_ms is not None and now_ms - held_ms < inputs.DEBOUNCE_MS:
            assert held or not was, "it was held, and 2 s are not over"
            assert held or use != "emergency_stop"
        if use == "emergency_stop" and (read_ms is None or now_ms - read_ms > inputs.UNREAD_MS):
            assert held

# Clamps as the meter of a group: what is taken of their readings, and what `calibrate` says.

from array import array

from loadrail import clamps, events, plausible
from loadrail.budget import METER_FINE, METER_STALE
from loadrail.clamp_meter import NOTE, ClampMeter
from loadrail.commands import run
from loadrail.config import check
from loadrail.core import Primary
from loadrail.presence import DOUBTFUL, ONLINE, SILENT

_LIMIT_MA = 63_000
_FULL_MA = 194_454  # where the ADC ends with the default burden


class Drawing:
    """Chargers that draw so much together."""

    n = 1
    presence = (ONLINE,)

    def __init__(self, ma=0):
        self.draw_ma = [ma, 0, 0]


def section(**more):
    raw = {"group": {"limit_a": 63}, "chargers": [{"address": 2, "phases": "L1"}]}
    raw["meter"] = {"model": "clamps"}
    raw["meter"].update(more)
    config, faults = check(raw)
    assert not faults, faults
    return config["meter"]


def meter(**more):
    return ClampMeter(section(**more), events.Events())


def primary(now_ms=0, group=None, **more):
    settings = {"limit_a": 63, "meter_loss_a": 16, "raise_after_s": 0, "start_after_s": 0}
    settings.update(group or {})
    raw = {"group": settings, "chargers": [{"address": 2, "phases": "L1"}]}
    raw["meter"] = {"model": "clamps"}
    raw["meter"].update(more)
    config, faults = check(raw)
    assert not faults, faults
    return Primary(config, now_ms)


def told(log):
    codes = []
    event = log.take()
    while event is not None:
        codes.append((event[1], event[3]))
        event = log.take()
    return codes


# --- samples


def test_readings_are_taken_as_import():
    one = meter()
    assert one.take(5, [1000, 20_000, 0], _LIMIT_MA, Drawing())
    assert one.sample.current_ma == [1000, 20_000, 0]
    assert one.sample.at_ms == 5
    assert (one.fault, one.bad, one.note) == (None, 0, NOTE)


def test_s5_a_clamp_without_a_reading_makes_no_sample():
    for phase in (0, 1, 2):
        log = events.Events()
        one = ClampMeter(section(), log)
        assert one.take(0, [1000, 2000, 3000], _LIMIT_MA, Drawing())
        current_ma = [4000, 5000, 6000]
        current_ma[phase] = None
        assert not one.take(1000, current_ma, _LIMIT_MA, Drawing())
        assert not one.take(2000, current_ma, _LIMIT_MA, Drawing())
        assert one.sample.current_ma == [1000, 2000, 3000]
        assert one.sample.at_ms == 0
        assert one.bad == 2
        assert told(log) == [(events.METER_UNBELIEVED, plausible.CURRENT_MISSING)]
        assert one.fault.startswith("L%d: " % (phase + 1))
        assert one.take(3000, [4000, 5000, 6000], _LIMIT_MA, Drawing())
        assert one.fault is None


def test_s5_the_fault_says_what_the_clamp_lacks():
    one = meter()
    for clamp in one.clamps:
        clamp.measure(array("H", [2048] * clamp.length))
    one.clamps[1].measure(array("H", [0] * one.clamps[1].length))
    assert not one.take(0, [clamp.ma for clamp in one.clamps], _LIMIT_MA, Drawing())
    assert one.fault == "L2: " + clamps.TEXTS[clamps.UNPLUGGED]


def test_one_clamp_needs_no_others():
    one = meter(phases=1)
    assert one.phases == len(one.clamps) == 1
    assert one.take(0, [7000, None, None], _LIMIT_MA, Drawing())
    assert one.sample.current_ma == [7000, None, None]


def test_a_reading_at_its_end_leaves_nothing_whatever_the_chargers_draw():
    for ma in (_FULL_MA, 250_000, 5_000_000):
        for limit_ma in (6000, 63_000, 190_000):
            one = meter()
            assert one.take(0, [1000, ma, 0], limit_ma, Drawing(limit_ma))
            shown_ma = one.sample.current_ma[1]
            assert shown_ma >= ma
            assert limit_ma - shown_ma + limit_ma <= 0, (ma, limit_ma)
            assert one.sample.current_ma[0] == 1000
            assert one.note == NOTE + "; L2 above what they can measure: nothing is left"
    assert one.take(1000, [1000, _FULL_MA - 1, 0], 190_000, Drawing())
    assert one.sample.current_ma[1] == _FULL_MA - 1
    assert one.note == NOTE


def test_a_reading_beyond_the_range_configured_is_at_its_end_too():
    one = meter(range_a=100)
    assert one.take(0, [99_999, 0, 0], _LIMIT_MA, Drawing())
    assert one.sample.current_ma[0] == 99_999
    assert one.take(1000, [100_000, 0, 0], _LIMIT_MA, Drawing())
    assert one.sample.current_ma[0] == 126_000


def stands_still(ma):
    """Whether readings that stay are believed to the end, while the chargers' draw falls."""
    one = meter()
    for second in range(200):
        drawing = Drawing(30_000 if second < 30 else 0)
        if not one.take(second * 1000, [ma, 5000, 5000], _LIMIT_MA, drawing):
            return False
    return True


def test_s5_readings_that_stand_still_are_believed_only_at_their_end():
    assert not stands_still(_FULL_MA - 1)
    assert stands_still(_FULL_MA)
    assert stands_still(275_000)  # a square wave


def test_ratio_and_burden_set_where_a_clamp_ends():
    one = meter(clamp_ratio=1500)
    assert one.take(0, [_FULL_MA // 2 + 1, 0, 0], _LIMIT_MA, Drawing())
    assert "L1" in one.note
    one = meter(clamp_burden_mohm=9000)
    assert one.take(0, [_FULL_MA + 1, 0, 0], _LIMIT_MA, Drawing())
    assert one.note == NOTE


def test_the_boards_rate_and_reference_set_the_clamps_up_anew():
    one = meter()
    one.set_up(5000, 1650)
    for clamp in one.clamps:
        assert clamp.length == 525
        assert clamp.full_scale_ma == _FULL_MA // 2
    assert one.take(0, [_FULL_MA // 2, 0, 0], _LIMIT_MA, Drawing())
    assert "L1" in one.note


def test_the_zero_of_the_configuration_is_taken():
    zero = [[1648, 0], [2448, 500], [2050, 134]]
    one = meter(clamp_zero=zero)
    for _ in range(2):
        assert [[clamp.offset, clamp.noise_ma] for clamp in one.clamps] == zero
        one.set_up(5000, 3300)


# --- in the core


def test_no_bus_is_asked_for_clamps():
    core = primary()
    assert (core.buses, core.meter_bus) == (1, None)
    asked = []
    for now_ms in range(0, 20_000, 50):
        request = core.next_request(0, now_ms)
        if request is not None:
            asked.append(request.unit)
            core.answer(0, now_ms, 1, None)
    assert set(asked) == {2}


def dead_chargers(core, from_ms, until_ms, current_ma=None):
    """Time goes on, the charger never answers, and clamps read every second, if they do."""
    for now_ms in range(from_ms, until_ms, 250):
        if core.next_request(0, now_ms) is not None:
            core.answer(0, now_ms, 1, None)
        if current_ma and now_ms % 1000 == 0:
            core.clamp_sample(now_ms, current_ma)


def test_s5_without_samples_the_meter_is_lost_and_with_them_it_is_back():
    core = primary()
    dead_chargers(core, 0, 20_000, [10_000] * 3)
    assert core.budget.meter == METER_FINE
    assert core.budget.ma == [53_000] * 3
    dead_chargers(core, 20_000, 31_000)
    assert core.budget.meter == METER_STALE
    assert core.budget.ma == [16_000] * 3
    dead_chargers(core, 31_000, 40_000, [20_000] * 3)
    assert core.budget.meter == METER_FINE
    assert core.budget.ma == [43_000] * 3


def test_s5_a_reading_at_its_end_is_no_lost_meter():
    core = primary(group={"limit_a": 150, "meter_loss_a": 100})
    dead_chargers(core, 0, 20_000, [10_000] * 3)
    dead_chargers(core, 20_000, 300_000, [10_000, 250_000, 10_000])
    assert core.budget.meter == METER_FINE
    assert core.budget.ma == [140_000, 0, 140_000]


def test_samples_of_clamps_that_the_configuration_lacks_are_ignored():
    raw = {"group": {"type": "static"}, "chargers": [{"address": 2}]}
    static = Primary(check(raw)[0], 0)
    static.clamp_sample(0, [1000] * 3)
    assert static.meter is None
    metered = Primary(check({"meter": {"address": 1}, "chargers": [{"address": 2}]})[0], 0)
    metered.clamp_sample(0, [1000] * 3)
    assert metered.budget.grid_at is None


def test_clamps_may_come_and_go_with_a_new_configuration():
    core = primary()
    core.clamp_sample(0, [1000] * 3)
    on_clamps = core.config
    by_bus, faults = check({"meter": {"address": 1}, "chargers": [{"address": 2}]})
    assert not faults
    core.configure(by_bus, 1000)
    assert core.meter_bus == 0
    core.clamp_sample(2000, [2000] * 3)
    assert core.budget.grid_ma == [1000] * 3
    core.configure(on_clamps, 3000)
    assert core.meter_bus is None
    core.clamp_sample(4000, [3000] * 3)
    assert core.budget.grid_ma == [3000] * 3


# --- the zero


class Job:
    """Ends a calibration after some looks."""

    def __init__(self, meter, samples, looks=3):
        self.found = ()
        self._meter = meter
        self._samples = samples
        self._looks = looks
        self._left = 0

    def calibrate(self):
        self._left = self._looks

    @property
    def calibrating(self):
        self._left -= 1
        if self._left == 0:
            pairs = zip(self._meter.clamps, self._samples)
            self.found = [clamp.calibrate(samples) for clamp, samples in pairs]
        return self._left > 0

    @calibrating.setter
    def calibrating(self, on):
        self._left = 0


class Context:
    def __init__(self, core, clamps=None, step_ms=10):
        self.primary = core
        self.clamps = clamps
        self._step_ms = step_ms
        self._now_ms = (1 << 30) - 20

    def now_ms(self):
        self._now_ms = (self._now_ms + self._step_ms) & 0x3FFFFFFF
        return self._now_ms


def said(line, context):
    return "".join(list(run(line, context))).split("\n")[:-1]


def swinging(clamp, steps):
    """`steps` up and down around 2060."""
    return array("H", [2060 + (steps if k % 2 else -steps) for k in range(clamp.length)])


def test_calibrate_tells_of_each_clamp_what_it_found_or_why_not():
    core = primary()
    one = core.meter.clamps[0]
    unplugged, clipped = array("H", [9] * one.length), swinging(one, 2000)
    clipped[5] = 4095
    cases = (
        (swinging(one, 2), "offset 2060, noise 268 mA"),
        (swinging(one, 200), "refused: " + clamps.TEXTS[clamps.NOT_EMPTY]),
        (unplugged, "refused: " + clamps.TEXTS[clamps.UNPLUGGED]),
        (clipped, "refused: " + clamps.TEXTS[clamps.ABOVE_RANGE]),
        (unplugged[:9], "refused: " + clamps.TEXTS[clamps.TOO_FEW]),
    )
    quiet = swinging(one, 1)
    for samples, text in cases:
        context = Context(core, Job(core.meter, [quiet, samples, quiet]))
        assert said("calibrate", context) == [
            "L1: offset 2060, noise 134 mA",
            "L2: " + text,
            "L3: offset 2060, noise 134 mA",
            'put the clamps back; "calibrate show" tells what to keep',
        ]


def test_calibrate_says_nothing_of_putting_back_where_nothing_was_taken():
    core = primary(phases=1)
    one = core.meter.clamps[0]
    context = Context(core, Job(core.meter, [swinging(one, 200)]))
    assert said("calibrate", context) == ["L1: refused: " + clamps.TEXTS[clamps.NOT_EMPTY]]
    assert (one.offset, one.noise_ma) == (2048, 0)


def test_calibrate_ends_where_no_samples_come():
    core = primary()
    job = Job(core.meter, (), 1 << 20)
    texts = said("calibrate", Context(core, job, 100))
    assert texts == ["refused: the board gave no samples; nothing was changed"]
    assert not job.calibrating


def test_calibrate_is_refused_while_a_car_charges():
    for presence, draw_ma, refused in (
        (ONLINE, 1000, True),
        (DOUBTFUL, 32_000, True),
        (ONLINE, 999, False),
        (SILENT, 32_000, False),  # of long ago
    ):
        core = primary()
        core.chargers.presence[0] = presence
        core.chargers.draw_ma[1] = draw_ma
        quiet = swinging(core.meter.clamps[0], 1)
        texts = said("calibrate", Context(core, Job(core.meter, [quiet] * 3)))
        assert texts[0].startswith("refused: charger 1 draws current") == refused
        assert (core.meter.clamps[0].offset == 2048) == refused


def test_calibrate_needs_clamps_and_a_board_with_inputs():
    by_bus = Primary(check({"meter": {"address": 1}, "chargers": [{"address": 2}]})[0], 0)
    static = {"group": {"type": "static"}, "chargers": [{"address": 2}]}
    for core in (by_bus, Primary(check(static)[0], 0)):
        for line in ("calibrate", "calibrate show"):
            none = ['there are no clamps: meter.model is not "clamps"']
            assert said(line, Context(core)) == none
    inputs = ["refused: this board has no inputs for clamps"]
    assert said("calibrate", Context(primary())) == inputs


def test_what_calibrate_shows_can_be_configured():
    core = primary(phases=3)
    for k in (0, 1, 2):
        assert core.meter.clamps[k].set_zero(2040 + k, 100 + k)
    texts = said("calibrate show", Context(core))
    assert texts[:3] == [
        "L%d: offset %d, noise %d mA" % (k + 1, 2040 + k, 100 + k) for k in range(3)
    ]
    shown = texts[3].split(": ", 2)
    assert shown[1] == '"clamp_zero"'
    import json

    kept = meter(clamp_zero=json.loads(shown[2]))
    assert [clamp.offset for clamp in kept.clamps] == [2040, 2041, 2042]
    assert [clamp.noise_ma for clamp in kept.clamps] == [100, 101, 102]

"""The simulated TeltoCharge against its register table, and under every open reading of it."""

import pytest

from loadrail_site import readings
from loadrail_site import teltocharge as tc
from loadrail_site.car import Car
from loadrail_site.charger import Charger
from loadrail_site.device import ModbusError

STEP_MS = 100
SETTLED_MS = 15_000  # signal, reaction and ramp are over


def run(charger, until_ms):
    for now_ms in range(charger.now_ms + STEP_MS, until_ms + 1, STEP_MS):
        charger.step(now_ms)


def with_car(amps_a=16, charger=None, reading=None, **car):
    charger = charger or {}
    charger = Charger(2, amps_a=amps_a, reading=reading, cars=[Car(**car)], **charger)
    charger.step(0)
    return charger


def word(charger, register):
    return charger.read(3, register, 1)[0]


def refusal(function, *values):
    with pytest.raises(ModbusError) as caught:
        function(*values)
    return caught.value.code


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        (0, 230),
        (6, 7),  # no EV
        (9, 21571),
        (10, 1),
        (12, 32),
        (13, 6),
        (14, 6),
        (16, 0),
        (18, 0),
        (19, 30),
        (20, 6),
        (21, 0),
        (23, 1234),
        (26, 11200),
        (33, 0),
        (35, 0),
        (37, 2),
    ],
)
def test_a_new_charger_shows_the_defaults_of_the_table(register, expected):
    assert word(Charger(2), register) == expected


def test_all_45_registers_can_be_read_at_once_and_are_words():
    words = with_car().read(3, 0, 45)
    assert len(words) == 45
    assert all(0 <= value <= 0xFFFF for value in words)


@pytest.mark.parametrize(
    ("access", "arguments", "code"),
    [
        ("read", (3, 45, 1), 2),
        ("read", (3, 0, 46), 2),
        ("read", (3, 0, 126), 3),
        ("read", (3, 0, 0), 3),
        ("read", (1, 0, 1), 1),
        ("write", (6, 0, [1]), 2),  # read-only
        ("write", (6, 45, [1]), 2),
        ("write", (16, 20, [6, 0, 0]), 2),  # runs into a read-only one
        ("write", (5, 15, [6]), 1),
        ("write", (6, 15, [5]), 3),
        ("write", (6, 15, [33]), 3),
        ("write", (6, 14, [8]), 3),
        ("write", (6, 19, [601]), 3),
        ("write", (6, 20, [1]), 3),
        ("write", (6, 16, [3]), 3),
    ],
)
def test_what_the_table_does_not_allow_is_refused(access, arguments, code):
    assert refusal(getattr(Charger(2), access), *arguments) == code


def test_a_write_of_several_registers_is_taken_whole_or_not_at_all():
    charger = Charger(2)
    assert refusal(charger.write, 16, 19, [60, 5]) == 3
    assert charger.read(3, 19, 2) == [30, 6]
    charger.write(16, 19, [60, 8])
    assert charger.read(3, 19, 2) == [60, 8]


def test_states_follow_the_life_of_a_session():
    charger = Charger(2, cars=[Car(plug_in_ms=1000, unplug_ms=60_000)])
    seen = []

    def look(until_ms):
        run(charger, until_ms)
        seen.append((word(charger, 6), word(charger, 33), word(charger, 27)))

    look(500)
    look(2000)
    charger.write(6, 15, [16])
    look(3100)
    look(10_000)
    charger.write(6, 15, [0])
    look(20_000)
    look(61_000)
    # evse_status, iec_state, charge_point_state
    assert seen == [(7, 0, 0), (3, 1, 2), (1, 2, 2), (0, 4, 3), (2, 3, 4), (7, 0, 0)]


def test_a_full_car_is_stopped_by_the_ev_and_stays_so_without_current():
    charger = with_car(energy_wh=10)
    run(charger, 60_000)
    assert word(charger, 6) == tc.STOPPED_BY_EV
    charger.write(6, 15, [0])
    run(charger, 70_000)
    assert word(charger, 6) == tc.STOPPED_BY_EV


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"error_bits": 1}, tc.ERROR),
        ({"forced_status": tc.NOT_ALLOWED}, tc.NOT_ALLOWED),
    ],
)
def test_a_fault_ends_the_current_and_shows(change, status):
    charger = with_car()
    run(charger, SETTLED_MS)
    for name, value in change.items():
        setattr(charger, name, value)
    run(charger, 2 * SETTLED_MS)
    assert (word(charger, 6), charger.grid_current_ma()) == (status, [0, 0, 0])


def test_no_current_before_authorisation_where_it_is_required():
    charger = Charger(2, amps_a=16, cars=[Car()])
    charger.authorization_required = True
    run(charger, SETTLED_MS)
    assert word(charger, 6) == tc.NOT_AUTHORIZED
    charger.write(6, 17, [1])
    run(charger, 2 * SETTLED_MS)
    assert word(charger, 6) == tc.CHARGING


@pytest.mark.parametrize("delay_ms", [0, 1000, 5000])
def test_a_new_limit_reaches_the_car_after_the_signal_delay(delay_ms):
    charger = with_car(charger={"signal_delay_ms": delay_ms})
    run(charger, SETTLED_MS)
    charger.write(6, 15, [6])
    seen = []
    while charger.now_ms < 2 * SETTLED_MS:
        charger.step(charger.now_ms + STEP_MS)
        seen.append(charger.signal_a)
    # The charger acts on the write in its next step.
    assert seen.index(6) == delay_ms // STEP_MS
    assert set(seen) <= {16, 6}


# 16 A signalled, 0.2 A below it drawn.
@pytest.mark.parametrize(
    ("wiring", "car_phases", "terminals", "grid"),
    [
        ("L1L2L3", 3, [158, 158, 158], [15_800, 15_800, 15_800]),
        ("L1L2L3", 1, [158, 0, 0], [15_800, 0, 0]),
        ("L2L3L1", 1, [158, 0, 0], [0, 15_800, 0]),
        ("L2L3L1", 2, [158, 158, 0], [0, 15_800, 15_800]),
        ("L3L1L2", 2, [158, 158, 0], [15_800, 0, 15_800]),
        ("L2", 3, [158, 0, 0], [0, 15_800, 0]),
        ("L3", 1, [158, 0, 0], [0, 0, 15_800]),
    ],
)
def test_registers_show_terminals_and_the_grid_sees_its_own_phases(
    wiring, car_phases, terminals, grid
):
    charger = with_car(charger={"phases": wiring}, phases=car_phases, max_a=32)
    run(charger, SETTLED_MS)
    assert charger.read(3, 3, 3) == terminals
    assert charger.grid_current_ma() == grid


@pytest.mark.parametrize(
    ("wiring", "connected", "three"),
    [("L1L2L3", 6, 1), ("L3L1L2", 6, 1), ("L2", 1, 0), ("L3", 2, 0)],
)
def test_phase_registers_tell_the_wiring(wiring, connected, three):
    assert Charger(2, phases=wiring).read(3, 10, 5)[0::3] == [three, connected]
    assert word(Charger(2, phases=wiring), 14) == connected


def test_one_phase_is_used_after_phase_to_use_says_so():
    charger = with_car(phases=3)
    charger.write(6, 14, [0])
    run(charger, SETTLED_MS)
    assert charger.grid_current_ma() == [15_800, 0, 0]
    assert charger.switches_under_load == 0


def test_switching_phases_under_current_is_counted():
    charger = with_car(phases=3)
    run(charger, SETTLED_MS)
    charger.write(6, 14, [0])
    assert charger.switches_under_load == 1


def test_a_single_phase_charger_takes_no_other_phase():
    assert refusal(Charger(2, phases="L2").write, 6, 14, [0]) == 3


@pytest.mark.parametrize(
    ("after", "amps_a", "failsafe_a", "limit_a"),
    [
        ("failsafe", 16, 6, 6),
        ("failsafe", 0, 6, 6),
        ("failsafe", 10, 16, 16),
        ("failsafe", 16, 0, 0),
        ("lower", 0, 6, 0),
        ("lower", 16, 8, 8),
        ("stop", 16, 6, 0),
    ],
)
def test_after_the_communication_timeout(after, amps_a, failsafe_a, limit_a):
    charger = with_car(amps_a, reading={"after_timeout": after})
    charger.write(6, 20, [failsafe_a])
    run(charger, 29_900)
    assert charger.limit_and_cause()[0] == amps_a
    run(charger, 60_000)
    assert charger.limit_and_cause()[0] == limit_a
    assert max(charger.grid_current_ma()) <= limit_a * 1000
    charger.write(6, 15, [amps_a])
    assert charger.limit_and_cause()[0] == amps_a


READ = ("read", (3, 0, 7))
WRITE_TIMEOUT = ("write", (6, 20, [6]))
WRITE_AMPS = ("write", (6, 15, [16]))


@pytest.mark.parametrize(
    ("fed_by", "frame", "fed"),
    [
        ("any", READ, True),
        ("any", WRITE_AMPS, True),
        ("writes", READ, False),
        ("writes", WRITE_TIMEOUT, True),
        ("writes", WRITE_AMPS, True),
        ("amps", READ, False),
        ("amps", WRITE_TIMEOUT, False),
        ("amps", WRITE_AMPS, True),
    ],
)
def test_what_feeds_the_watchdog(fed_by, frame, fed):
    charger = with_car(reading={"fed_by": fed_by})
    for until_ms in range(10_000, 60_001, 10_000):
        run(charger, until_ms)
        access, arguments = frame
        getattr(charger, access)(*arguments)
    assert charger.watchdog.expired(charger.now_ms) is not fed


def test_a_timeout_of_zero_needs_no_primary():
    charger = with_car()
    charger.write(6, 19, [0])
    run(charger, 1_000_000)
    assert charger.limit_and_cause() == (16, tc.CAUSE_LOAD_BALANCE)


@pytest.mark.parametrize(
    ("bad_value", "register", "value", "kept"),
    [
        ("clamp", 15, 3, 6),
        ("clamp", 15, 40, 32),
        ("clamp", 19, 700, 600),
        ("clamp", 14, 9, 6),
        ("ignore", 15, 3, 16),
        ("ignore", 19, 700, 30),
    ],
)
def test_a_bad_value_may_be_moved_into_the_range_or_dropped(bad_value, register, value, kept):
    charger = Charger(2, amps_a=16, reading={"bad_value": bad_value})
    charger.write(6, register, [value])
    assert word(charger, register) == kept


@pytest.mark.parametrize(("after", "amps_a"), [("kept", 8), ("defaults", 32)])
def test_a_restart_opens_the_contactor_and_keeps_or_loses_the_registers(after, amps_a):
    charger = with_car(8, reading={"after_restart": after}, max_a=32)
    run(charger, SETTLED_MS)
    charger.write(6, 21, [1])
    charger.step(charger.now_ms + STEP_MS)
    assert charger.grid_current_ma() == [0, 0, 0]
    assert charger.request(3, 0, 7) is None
    run(charger, 2 * SETTLED_MS)
    assert charger.request(3, 15, 1) == [amps_a]
    assert charger.request(3, 21, 1) == [0]


def test_a_silent_charger_obeys_and_a_deaf_one_does_not():
    charger = Charger(2)
    charger.silent = True
    assert charger.request(6, 15, 1, [8]) is None
    assert charger.request(6, 15, 1, [3]) is None  # no exception answer, either
    charger.silent = False
    charger.deaf = True
    assert charger.request(6, 15, 1, [10]) is None
    charger.deaf = False
    assert charger.request(3, 15, 1) == [8]


@pytest.mark.parametrize(
    ("change", "limit", "cause"),
    [
        ({}, 20, tc.CAUSE_LOAD_BALANCE),
        ({"max_grid_a": 18}, 18, tc.CAUSE_MAX_GRID),
        ({"user_max_a": 10}, 10, tc.CAUSE_USER),
        ({"cable_a": 13}, 13, tc.CAUSE_CABLE),
        ({"max_grid_a": 5}, 0, tc.CAUSE_MAX_GRID),
    ],
)
def test_the_smallest_limit_holds_and_tells_its_cause(change, limit, cause):
    charger = Charger(2, amps_a=20)
    for name, value in change.items():
        setattr(charger, name, value)
    assert charger.limit_and_cause() == (limit, cause)
    assert word(charger, 36) == cause


def test_an_hour_of_three_times_ten_amperes_is_counted():
    charger = with_car(10, error_ma=0)
    charger.write(6, 19, [0])
    run(charger, 3_610_000)
    assert abs(word(charger, 39) - 690) <= 2  # 3 x 10 A x 230 V x 1 h = 6.90 kWh
    assert word(charger, 38) == 6900
    assert word(charger, 40) == 3610
    assert abs(word(charger, 41) - 690) <= 2


def test_the_time_in_a_state_is_32_bits_low_word_first():
    charger = Charger(2)
    charger.step(70_000_000)
    assert charger.read(3, 7, 2) == [70_000 - 65_536, 1]


@pytest.mark.parametrize("stop", [{}, {"session_request_clears": False}])
def test_session_request_stops_and_starts(stop):
    charger = with_car(reading=stop)
    run(charger, SETTLED_MS)
    charger.write(6, 16, [1])
    run(charger, 2 * SETTLED_MS)
    assert charger.grid_current_ma() == [0, 0, 0]
    assert (word(charger, 6), word(charger, 27)) == (tc.NOT_AUTHORIZED, tc.STOPPED_BY_USER)
    assert word(charger, 16) == (1 if stop else 0)
    charger.write(6, 16, [2])
    run(charger, 3 * SETTLED_MS)
    assert word(charger, 6) == tc.CHARGING


@pytest.mark.parametrize(
    ("reading", "access", "arguments", "code"),
    [
        ({"read_functions": [3]}, "read", (4, 0, 1), 1),
        ({"write_functions": [6]}, "write", (16, 15, [6]), 1),
        ({"write_functions": [16]}, "write", (6, 15, [6]), 1),
        ({"max_read": 16}, "read", (3, 0, 17), 3),
        ({"session_request_max": 1}, "write", (6, 16, [2]), 3),
    ],
)
def test_readings_that_take_less(reading, access, arguments, code):
    assert refusal(getattr(Charger(2, reading=reading), access), *arguments) == code


@pytest.mark.parametrize("change", readings.variants(), ids=str)
def test_a_car_charges_at_the_written_limit_under_every_reading(change):
    charger = with_car(0, reading=change)
    function = charger.reading["write_functions"][0]
    for until_ms in range(5000, 40_001, 5000):
        charger.write(function, 15, [10])
        run(charger, until_ms)
    assert charger.grid_current_ma() == [9800, 9800, 9800]


@pytest.mark.parametrize("change", [{"fed_by": "nothing"}, {"colour": "red"}])
def test_an_unknown_reading_is_refused(change):
    with pytest.raises(ValueError):
        readings.choose(change)

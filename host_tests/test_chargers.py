"""What the core finds out about each charger and keeps in order, on a site in virtual time."""

import pytest
from test_safety import THREE, keep_watchdog, nearly
from world import World

from loadrail import abilities, alerts, charger_page, orders, presence, reasons, registers, status
from loadrail.registers import CHARGING, NO_CAR
from loadrail.request import CRC
from loadrail_site import readings
from loadrail_site import teltocharge as tc
from loadrail_site.collision import Collision
from loadrail_site.session import Session
from loadrail_site.stranger import Stranger

EMPTY = ("L1L2L3", None)


def with_reading(car=THREE, **reading):
    return (*car, {"reading": reading})


def events(*rows):
    """(at_s, device, do, more) rows as a scenario has them."""
    made = []
    for at_s, device, do, *more in rows:
        made.append({"at_s": at_s, "device": device, "do": do, **(more[0] if more else {})})
    return made


def change_words(world, i, register, word):
    """From now on charger i shows this in a register."""
    charger = world.site.chargers[i]
    read = charger.read

    def changed(function, first, count):
        words = list(read(function, first, count))
        if first <= register < first + count:
            words[register - first] = word
        return words

    charger.read = changed


# --- commissioning


@pytest.mark.parametrize("write", [(6, 16), (6,), (16,)])
@pytest.mark.parametrize("read", [(3, 4), (3,)])
def test_the_function_codes_are_found_out_and_only_those_are_used(read, write):
    world = World([with_reading(read_functions=read, write_functions=write)]).until(40)
    c = world.primary.chargers
    assert c.commissioned(0)
    told = {code for code in (3, 4, 6, 16) if c.works[0] >> code & 1}
    assert told == {*read, *write}
    assert {code for code in (3, 4, 6, 16) if c.refused[0] >> code & 1} == {3, 4, 6, 16} - told
    assert world.true_limits_a()[0] >= 31
    assert c.settings_fine[0]
    assert c.status[0] == CHARGING


@pytest.mark.parametrize("most, found", [(125, 45), (45, 45), (21, 21), (16, 16)])
def test_the_registers_that_a_charger_hands_over_at_a_time_are_found_out(most, found):
    """125 are more than there are; that they may be asked for shows nowhere."""
    world = World([with_reading(max_read=most)]).until(40)
    c = world.primary.chargers
    assert c.block[0] == found
    assert all(c.has(0, register) for register in range(45))
    assert world.true_limits_a()[0] >= 31


def test_a_charger_that_hands_over_125_registers_is_said_to():
    world = World([THREE])
    read = world.site.chargers[0].read
    pad = [0] * 80

    def padded(function, register, count):
        return (
            read(function, register, 45) + pad if count == 125 else read(function, register, count)
        )

    world.site.chargers[0].read = padded
    world.until(20)
    assert world.primary.chargers.block[0] == 125


@pytest.mark.parametrize("spoilt", [0, 1, 2, 3])
def test_commissioning_ends_the_same_while_frames_are_lost(spoilt):
    count = [0]

    def faults(bus, request, now_ms):
        count[0] += 1
        return CRC if count[0] % 4 == spoilt else None

    world = World([with_reading(max_read=45)] * 2, faults=faults).until(90)
    c = world.primary.chargers
    assert c.commissioned(0)
    assert c.works[0] & (1 << 3 | 1 << 6) == 1 << 3 | 1 << 6
    assert c.block[0] in (16, 21, 45), "never more than it can"


def test_nothing_but_limits_and_the_watchdog_is_written_unasked():
    world = World([THREE, EMPTY]).until(60)
    assert {register for _, _, register, _ in world.writes} == {tc.COMMUNICATION_TIMEOUT}


def test_what_was_found_out_is_remembered_through_a_silence_and_a_new_configuration():
    world = World([THREE] * 2, events=events((60, 1, "deaf"), (70, 1, "back"))).until(59)
    c = world.primary.chargers
    works = c.works[0]
    asked = [request for request in world.asked if request[1] == 2]
    assert asked
    world.until(90)
    assert c.works[0] == works
    assert c.commissioned(0)
    world.primary.configure(world.primary.config, world.run.ticks_ms())
    assert world.primary.chargers.works[0] == works
    assert world.primary.chargers.commissioned(0)


def test_a_new_configuration_writes_the_watchdogs_only_where_others_are_wanted():
    """A program may set the group's limit every minute, and a charger may keep them in a flash."""
    world = World([THREE] * 2).until(60)
    world.said()
    config = world.primary.config
    del world.writes[:]
    lower = {**config, "group": {**config["group"], "limit_a": 40}}
    world.primary.configure(lower, world.run.ticks_ms())
    world.until(150)
    assert not world.writes
    longer = {**config, "group": {**config["group"], "communication_timeout_s": 30}}
    world.primary.configure(longer, world.run.ticks_ms())
    world.until(160)
    written = [(unit, register, values) for _, unit, register, values in world.writes]
    assert written == [(unit, tc.COMMUNICATION_TIMEOUT, [30, 6]) for unit in (2, 3)]
    assert all(world.primary.chargers.settings_fine)
    assert not world.said(), "nobody else has changed them"


def test_another_charger_at_the_address_is_looked_at_anew():
    world = World([THREE] * 2).until(60)
    world.said()
    change_words(world, 0, tc.SERIAL_NUMBER_LO, 5)
    world.until(120)
    assert any("another device or firmware" in line for line in world.said())
    assert world.primary.chargers.commissioned(0)


def test_the_turnaround_is_measured_and_the_time_out_follows_it():
    cars = [(*THREE, {"turnaround_ms": 5}), (*THREE, {"turnaround_ms": 120})]
    world = World(cars).until(30)
    exchange = world.primary.poller.exchange
    fast, slow = world.primary.chargers.turn_ms
    assert 5 <= fast < 10, "the silence before it counts too"
    assert 120 <= slow < 125
    assert exchange.timeout_ms(0) == 150
    assert exchange.timeout_ms(1) == 2 * slow + 50
    world.primary.chargers.misses[0] = 3
    assert exchange.timeout_ms(0) == 300, "one in four tries waits as long as is configured"


# --- watchdog and failsafe current


@pytest.mark.parametrize("write", [(6, 16), (6,), (16,)])
def test_s6_the_watchdog_is_set_at_the_start_and_read_back(write):
    cars = [with_reading(write_functions=write)]
    world = World(cars, group={"communication_timeout_s": 20, "failsafe_current_a": 8})
    world.until(10)
    charger, c = world.site.chargers[0], world.primary.chargers
    assert charger.settings[tc.COMMUNICATION_TIMEOUT] == 20
    assert charger.settings[tc.FAILSAFE_CURRENT] == 8
    assert (c.timeout_ms[0], c.failsafe_ma[0]) == (20_000, 8000)
    assert c.settings_fine[0]
    written = len(world.writes)
    world.until(100)
    assert len(world.writes) == written, "and left alone from then on"


def test_the_default_watchdog_is_15_s_and_6_a():
    world = World([THREE]).until(10)
    settings = world.site.chargers[0].settings
    assert (settings[tc.COMMUNICATION_TIMEOUT], settings[tc.FAILSAFE_CURRENT]) == (15, 6)


def test_a_failsafe_current_is_never_more_than_the_charger_can_supply():
    cars = [("L1L2L3", {"phases": 3}, {"max_a": 10})]
    world = World(cars, group={"failsafe_current_a": 16}).until(10)
    assert world.site.chargers[0].settings[tc.FAILSAFE_CURRENT] == 10
    assert world.primary.chargers.settings_fine[0]


@pytest.mark.parametrize(
    "register, value", [("communication_timeout", 0), ("failsafe_current", 20)]
)
def test_a_watchdog_that_the_app_has_changed_is_told_counted_and_set_back(register, value):
    change = {"register": register, "value": value}
    world = World([THREE], events=events((30, 1, "app", change))).until(29)
    world.said()
    world.until(75)
    settings = world.site.chargers[0].settings
    assert (settings[tc.COMMUNICATION_TIMEOUT], settings[tc.FAILSAFE_CURRENT]) == (15, 6)
    assert world.primary.chargers.overrides[0] == 1
    said = [line for line in world.said() if "somebody else" in line]
    assert said == [
        f"charger 1 (address 2, bay 1): somebody else set {register} to {value}; it is set back"
    ]


def test_s6_until_a_new_watchdog_is_read_back_the_worse_of_both_is_booked():
    world = World([THREE] * 2, limit_a=32)
    for charger in world.site.chargers:
        keep_watchdog(charger, 60)
    world.until(60)
    c = world.primary.chargers
    assert c.timeout_ms == [60_000, 60_000]
    assert not any(c.settings_fine)
    tries = [row for row in world.writes if row[1] == 2]
    assert 3 <= len(tries) <= 8, "tried again, but not all the time"


# --- read, compare, write again


def test_each_changed_limit_is_read_back_within_two_cycles():
    world = World([THREE] * 3)
    reads = []
    see = world.run.on_frame

    def also(bus, request, now_ms):
        see(bus, request, now_ms)
        if request.values is None and request.register <= 15 < request.register + request.count:
            reads.append((now_ms, request.unit))

    world.run.on_frame = also
    world.until(40)
    before = dict.fromkeys((2, 3, 4), 0)
    changes = 0
    for at_ms, unit, amps in world.frames:
        if amps != before[unit]:
            before[unit] = amps
            changes += 1
            soon = [row for row in reads if row[1] == unit and 0 <= row[0] - at_ms <= 2100]
            assert soon, (at_ms, unit)
    assert changes > 5


def test_a_lower_user_limit_is_kept_as_a_cap_and_its_reason_told():
    change = {"register": "user_max_current", "value": 10}
    world = World([THREE] * 2, limit_a=40, events=events((40, 1, "app", change))).until(39)
    assert nearly(world.true_limits_a(), [20, 20])
    world.until(90)
    first, second = world.true_limits_a()
    assert first == 10
    assert 19 <= second <= 30, "a car of 16 A uses no more"
    assert world.primary.chargers.reason[0] == reasons.CAP_USER
    assert world.primary.chargers.overrides[0] == 0


@pytest.mark.parametrize(
    "amp_limit, grid, user, model, cap",
    [
        (32, 63, 32, 2, 32),
        (32, 63, 32, 1, 16),
        (20, 63, 32, 2, 20),
        (32, 13, 32, 2, 13),
        (32, 63, 7, 0, 7),
        (0, 63, 32, 2, 0),
        (32, 0, 3, 9, 32),  # what is out of range says nothing
        (65535, 63, 16, 2, 16),
    ],
)
def test_the_cap_is_the_least_of_registers_12_28_29_and_37(amp_limit, grid, user, model, cap):
    world = World([THREE])
    c = world.primary.chargers
    words = [0] * 45
    words[9] = registers.TELTOCHARGE_ID
    words[12], words[28], words[29], words[37] = amp_limit, grid, user, model
    c.amp_limit_a[0] = amp_limit if amp_limit <= 32 else 32
    c.keep(0, 0, 45, words)
    assert c.cap_a[0] == cap


def test_a_charger_that_takes_less_than_it_is_told_is_capped_there_till_the_car_leaves():
    world = World([THREE] * 2, limit_a=40)
    table = world.site.chargers[0].table
    put = table.put
    table.put = lambda register, value: put(register, min(value, 12) if register == 15 else value)
    world.until(90)
    c = world.primary.chargers
    assert c.seen_cap_a[0] == 12
    assert nearly(world.true_limits_a(), [12, 28])
    assert c.reason[0] == reasons.CAP_SEEN
    assert any("takes no more than 12 A" in line for line in world.said())
    world.site.chargers[0].cars.clear()
    world.until(100)
    assert c.seen_cap_a[0] == 32


def test_a_charger_that_drops_its_limits_is_told_booked_and_held_at_what_it_has():
    world = World([THREE] * 2, limit_a=32, events=events((50, 1, "lie", {"what": "deaf_ear"})))
    world.until(49)
    assert nearly(world.true_limits_a(), [16, 16])
    world.site.house.steps.append((55_000, (0, 1, 2), 10_000))

    def look():
        for phase in range(3):
            assert max(world.site.grid_ma) <= 42_000, phase

    world.until(90, 100, look)
    c = world.primary.chargers
    assert c.balks[0] >= presence.DEFIANT
    assert c.reason[0] == reasons.DEFIES
    assert c.booked_ma(0, 0) >= 15_000
    assert alerts.level(world.primary, world.run.ticks_ms()) == alerts.ALARM
    assert max(world.site.grid_ma) <= 32_000, "the other one makes room"
    assert any("make sure that it is set up as a secondary" in line for line in world.said())


# --- S7: more drawn than allowed


@pytest.mark.parametrize("what", ["parrot", "greedy"])
def test_s7_more_drawn_than_allowed_is_booked_written_again_and_then_paused(what):
    house = [{"at_s": 60, "phases": ["L1", "L2", "L3"], "amps": 14}]
    cars = [THREE] * 2
    world = World(cars, limit_a=40, house=house, events=events((50, 1, "lie", {"what": what})))
    world.until(59)
    c = world.primary.chargers
    world.until(100)
    said = world.said()
    assert any("its limit is written again" in line for line in said)
    assert any("it is paused" in line for line in said)
    assert c.reason[0] == reasons.OVERDRAW
    assert c.limit_ma[0] == 0
    told = sentence(world, 0)
    assert "drew more than it may" in told
    assert max(world.site.grid_ma) <= 40_000
    innocent = world.true_limits_a()[1]
    free_a = (40_000 - 14_000 - world.site.chargers[0].grid_current_ma()[0]) // 1000
    assert innocent >= min(26, free_a) - 2, "no more is taken from the other than is drawn"


def sentence(world, i):
    return status.state_line(world.primary, i)


def test_s7_a_car_that_takes_ten_percent_more_is_booked_and_left_alone():
    cars = [("L1L2L3", {"phases": 3, "max_a": 32, "error_percent": 9, "error_ma": 0}), THREE]
    world = World(cars, limit_a=40).until(150)
    c = world.primary.chargers
    assert c.paused_at[0] is None
    assert c.limit_ma[0] > 0
    assert max(world.site.grid_ma) <= 40_000


@pytest.mark.parametrize(("limit_a", "others"), [(12, 0), (12, 1), (24, 1), (30, 1)])
def test_a_car_that_takes_a_little_more_makes_no_limit_go_up_and_down(limit_a, others):
    cars = [("L1", {"phases": 1, "max_a": 32, "error_percent": 10, "error_ma": 0})]
    cars += [("L1", {"phases": 1, "max_a": 32})] * others
    world = World(cars, limit_a=limit_a, group={"type": "static"}).until(120)
    count = len(world.frames)
    world.until(300)
    told = {(unit, amps) for _, unit, amps in world.frames[count:]}
    assert len(told) == 1 + others, "one limit each"
    assert max(world.site.grid_ma) <= limit_a * 1000


def test_s7_one_that_draws_at_zero_is_written_to_again_and_told():
    at = events((40, 1, "lie", {"what": "sleepwalker"}))
    world = World([THREE] * 2, limit_a=40, events=at).until(39)
    world.primary.order(orders.STOP, 0, world.run.ticks_ms())
    world.until(90)
    assert world.true_limits_a()[0] == 0
    assert world.site.chargers[0].grid_current_ma()[0] > 7000
    assert any("its limit is written again" in line for line in world.said())
    assert 30 <= world.true_limits_a()[1] <= 32


def test_s7_a_pause_ends_after_15_min_and_the_third_one_with_the_car():
    world = World([THREE] * 2, limit_a=40, events=events((50, 1, "lie", {"what": "greedy"})))
    world.run.idle_ms = 20
    world.run.site_step_ms = 100
    c = world.primary.chargers
    world.until(120)
    assert c.pauses[0] == 1
    world.until(120 + 1000)
    assert c.pauses[0] == 2
    world.until(120 + 3000)
    assert c.pauses[0] == 3
    assert c.reason[0] == reasons.OVERDRAW_FOR_GOOD
    world.site.chargers[0].lie = None
    world.until(120 + 4200)
    assert c.limit_ma[0] == 0
    world.site.chargers[0].cars.clear()
    world.until(120 + 4210)
    assert c.pauses[0] == 0


# --- frozen answers


@pytest.mark.parametrize("writes", ["obeyed", "dropped"])
def test_answers_that_stand_still_are_not_believed(writes):
    at = events((60, 1, "freeze", {"writes": writes}), (200, 1, "thaw"))
    world = World([THREE] * 2, limit_a=32, events=at).until(59)
    c = world.primary.chargers
    assert c.clock_runs[0]

    def look():
        for phase in range(3):
            assert world.may_flow_ma(phase) <= 32_000

    world.until(120, 100, look)
    assert c.frozen[0]
    assert c.presence[0] == presence.SILENT
    assert c.reason[0] == reasons.FROZEN
    assert c.booked_ma(0, 0) >= 15_000
    assert any("answers stand still" in line for line in world.said())
    world.until(240, 100, look)
    assert not c.frozen[0]
    assert c.presence[0] == presence.ONLINE
    assert nearly(world.true_limits_a(), [16, 16])


def test_nobody_rises_beside_one_whose_time_may_stand():
    """Its car has stopped, but its answers show the old current: the house seems smaller."""
    house = [{"at_s": 0, "phases": ["L1", "L2", "L3"], "amps": 8}]
    at = events((60, 1, "freeze", {"writes": "dropped"}))
    car = ("L1L2L3", {"phases": 3, "max_a": 32})
    world = World([car] * 2, limit_a=40, house=house, events=at, rows={"max_a": 32}).until(63)
    world.site.chargers[0].car.max_ma = 0
    before_a = world.true_limits_a()[1]
    while not world.primary.chargers.frozen[0]:
        world.until(world.run.now_ms / 1000 + 1)
        assert world.run.now_ms < 100_000
        assert world.limits_a()[1] <= before_a


def test_a_charger_whose_time_never_moved_is_not_judged_by_it():
    world = World([THREE])
    change_words(world, 0, tc.EVSE_STATUS_TIME_LO, 7)
    world.until(200)
    assert not world.primary.chargers.frozen[0]
    assert world.true_limits_a()[0] >= 31


# --- registers that get lost


@pytest.mark.parametrize("do", ["lose_registers", "restart"])
@pytest.mark.parametrize("after", ["kept", "defaults"])
def test_s6_registers_lost_in_a_restart_are_found_booked_and_written_again(do, after):
    cars = [with_reading(after_restart=after), THREE]
    world = World(cars, limit_a=32, events=events((60, 1, do))).until(110)
    settings = world.site.chargers[0].settings
    assert settings[tc.COMMUNICATION_TIMEOUT] == 15
    assert nearly(world.true_limits_a(), [16, 16])
    assert (
        max(world.site.recorder.peaks_ma if hasattr(world.site.recorder, "peaks_ma") else [0])
        <= 40_000
    )
    assert not world.site.breaker.tripped


# --- silent devices


def test_s13_a_silence_is_told_after_the_communication_timeout_and_its_end_too():
    world = World([THREE] * 2, events=events((60, 1, "deaf"), (100, 1, "back"))).until(60)
    world.said()
    world.until(73)
    assert not world.said()
    assert alerts.level(world.primary, world.run.ticks_ms()) == alerts.OK
    world.until(77)
    said = world.said()
    assert len(said) == 1
    assert said[0].startswith("charger 1 (address 2, bay 1): silent for 15 s")
    assert alerts.level(world.primary, world.run.ticks_ms()) == alerts.WARNING
    shown = "\n".join(status.table(world.primary, world.run.ticks_ms()))
    assert "light: yellow, breathing" in shown
    assert "! charger 1 (address 2, bay 1): silent; check its supply" in shown
    world.until(105)
    assert any("answers again" in line for line in world.said())
    assert alerts.level(world.primary, world.run.ticks_ms()) == alerts.OK


def test_s13_a_silent_charger_is_steered_again_within_two_cycles_of_its_first_answer():
    at = events((60, 1, "deaf"), (60, 2, "deaf"), (60, 3, "deaf"), (110, 2, "back"))
    world = World([THREE] * 5, events=at).until(110)
    c, poller = world.primary.chargers, world.primary.poller
    while c.presence[1] != presence.ONLINE:
        world.until(world.run.now_ms / 1000 + 0.05)
    cycle = poller.cycle
    while not c.known[1]:
        world.until(world.run.now_ms / 1000 + 0.05)
    assert poller.cycle - cycle <= 2


# --- what is not a charger, or not alone


def test_a_device_with_another_identity_is_refused_and_named():
    world = World([THREE] * 2)
    world.site.put(Stranger(2, 99)) if hasattr(world.site, "put") else replace(
        world, Stranger(2, 99)
    )
    world.until(40)
    assert 2 not in {row[1] for row in world.frames + world.writes}
    said = world.said()
    assert any("register 9 says 99, not 21571" in line for line in said)
    assert "not a TeltoCharge" in sentence(world, 0)
    assert world.true_limits_a()[1] > 0


def replace(world, device):
    world.site._by_address[device.address] = device


def test_two_chargers_on_one_address_are_told_as_such():
    world = World([THREE, EMPTY, THREE])
    one, two = world.site.chargers[0], world.site.chargers[1]
    replace(world, Collision(one, two))
    del world.site._by_address[3]
    world.until(60)
    told = world.said()
    assert any("two devices of one address" in line for line in told), told
    c = world.primary.chargers
    assert c.reason[0] == reasons.GARBLED
    assert c.reason[1] == reasons.NEVER_HEARD
    assert world.true_limits_a()[2] >= 0


def test_s1_while_another_primary_talks_nothing_rises_and_it_is_told():
    world = World([THREE, ("L1L2L3", {"phases": 3, "max_a": 32, "plug_in_s": 50})], limit_a=32)
    world.until(49)
    before = world.true_limits_a()[0]
    assert before >= 31
    world.primary.intruder(world.run.ticks_ms(), 3)
    world.until(80)
    assert world.true_limits_a()[1] == 0
    assert world.primary.chargers.reason[1] == reasons.INTRUDER
    assert alerts.level(world.primary, world.run.ticks_ms()) == alerts.ALARM
    assert any("unit 3 was asked, not by us" in line for line in world.said())
    world.until(140)
    assert nearly(world.true_limits_a(), [16, 16])


# --- orders


def ask(world, kind, i=0):
    return world.primary.order(kind, i, world.run.ticks_ms())


def test_a_stop_holds_at_zero_until_the_start_and_gives_the_rest_to_others():
    world = World([THREE] * 2, limit_a=32).until(40)
    assert ask(world, orders.STOP) is None
    assert ask(world, orders.STOP) == "it is stopped already"
    world.until(70)
    first, second = world.true_limits_a()
    assert first == 0
    assert 24 <= second <= 32, "a car of 16 A uses no more"
    assert world.primary.chargers.reason[0] == reasons.OPERATOR
    assert ask(world, orders.START) is None
    assert ask(world, orders.START) == "it is not stopped"
    world.until(110)
    assert nearly(world.true_limits_a(), [16, 16])


def test_a_stop_ends_when_the_car_leaves():
    cars = [("L1L2L3", {"phases": 3, "unplug_s": 50}), THREE]
    world = World(cars).until(40)
    assert ask(world, orders.STOP) is None
    world.until(55)
    assert not world.primary.orders.stopped[0]
    assert ask(world, orders.STOP) == "no car is connected"
    assert ask(world, orders.START) == "no car is connected"


def test_authorise_is_for_a_car_that_waits_for_it():
    world = World([THREE] * 2)
    charger = world.site.chargers[0]
    charger.authorization_required = True
    charger.session = Session(True)
    world.until(30)
    assert ask(world, orders.AUTHORISE, 1) == "it does not wait for an authorisation"
    assert "not authorised" in sentence(world, 0)
    assert ask(world, orders.START) == "it is not authorised; authorise it first"
    assert ask(world, orders.AUTHORISE) is None
    assert ask(world, orders.AUTHORISE) == "authorise is still under way"
    world.until(60)
    assert any("authorise: done" in line for line in world.said())
    assert world.true_limits_a()[0] > 6


def test_lock_and_unlock_write_what_the_table_says():
    world = World([THREE]).until(40)
    settings = world.site.chargers[0].settings
    assert ask(world, orders.UNLOCK) == "current flows; stop it first"
    assert ask(world, orders.LOCK) is None
    world.until(60)
    assert settings[tc.SOCKET_LOCK_REQUEST] == 1
    world.until(100)
    assert ask(world, orders.LOCK) == "it is set to be locked always already"
    assert ask(world, orders.STOP) is None
    world.until(120)
    assert ask(world, orders.UNLOCK) is None
    world.until(140)
    assert settings[tc.SOCKET_LOCK_REQUEST] == 0
    world.until(200)
    assert ask(world, orders.UNLOCK) is None
    world.until(210)
    assert settings[tc.SOCKET_LOCK_REQUEST] == 2


def test_an_empty_and_unlocked_socket_needs_no_unlocking():
    world = World([EMPTY]).until(40)
    assert ask(world, orders.UNLOCK) == "it is not locked"


def test_a_restart_waits_until_nothing_flows_and_then_all_is_set_again():
    world = World([with_reading(after_restart="defaults"), THREE], limit_a=32).until(40)
    refusal = "current flows, and its contactor would open under it; stop it first"
    assert ask(world, orders.RESTART) == refusal
    ask(world, orders.STOP)
    world.until(60)
    assert ask(world, orders.RESTART) is None
    world.until(62)
    assert world.site.chargers[0].is_deaf()
    world.until(100)
    assert world.site.chargers[0].settings[tc.COMMUNICATION_TIMEOUT] == 15
    assert world.true_limits_a()[0] == 0, "the stop outlives the restart"


@pytest.mark.parametrize(
    "most, clears, bad, taken",
    [
        (2, False, "exception", abilities.YES),
        (2, True, "exception", abilities.UNSHOWN),
        (1, False, "exception", abilities.NO),
        (1, False, "clamp", abilities.NO),
        (1, False, "ignore", abilities.UNSHOWN),
    ],
)
def test_a_start_over_modbus_is_tried_where_the_session_was_stopped_and_read_back(
    most, clears, bad, taken
):
    reading = {"session_request_max": most, "session_request_clears": clears, "bad_value": bad}
    change = {"register": "session_request", "value": 1}
    world = World([with_reading(**reading)], limit_a=40, events=events((50, 1, "app", change)))
    world.until(49)
    assert world.true_limits_a()[0] >= 31
    world.until(120)
    charger, c = world.site.chargers[0], world.primary.chargers
    assert c.status[0] != CHARGING
    charger.settings[tc.SESSION_REQUEST] = 0
    world.said()
    assert ask(world, orders.START) is None
    world.until(160)
    assert c.takes_start[0] == taken
    assert charger.settings[tc.SESSION_REQUEST] == 0, "nothing that would start or stop it later"
    assert (charger.status == CHARGING) == (most == 2)
    said = world.said()
    if taken == abilities.NO:
        assert any("start: the charger does not take it" in line for line in said)
        assert "takes no start over Modbus" in ask(world, orders.START)
    else:
        assert any("start: done" in line for line in said)


def test_a_refused_order_and_one_that_cannot_be_delivered_are_told():
    world = World([EMPTY] * 2, events=events((49.5, 2, "deaf"))).until(49.9)
    charger = world.site.chargers[0]
    write = charger.write

    def refuse(function, register, values):
        if register == tc.SOCKET_LOCK_REQUEST:
            raise_illegal_value()
        write(function, register, values)

    charger.write = refuse
    assert ask(world, orders.LOCK, 0) is None
    assert ask(world, orders.LOCK, 1) is None
    world.until(90)
    said = world.said()
    assert any("lock: the charger does not take it (Modbus exception 3)" in line for line in said)
    assert any("lock: could not be delivered" in line for line in said)
    assert ask(world, orders.LOCK, 1) == "it does not answer"


def raise_illegal_value():
    from loadrail_site.device import ILLEGAL_VALUE, ModbusError

    raise ModbusError(ILLEGAL_VALUE)


# --- the page of one charger


def test_the_page_of_a_charger_tells_all_that_was_found_out():
    import json

    world = World([with_reading(max_read=21, read_functions=(3,))]).until(40)
    now_ms = world.run.ticks_ms()
    page = "".join(charger_page.lines(world.primary, 0, now_ms))
    assert "function codes          3, 6, 16" in page
    assert "registers a read        21" in page
    assert "watchdog                15 s, then 6 A" in page
    assert "TC, a TeltoCharge" in page
    told = json.loads("".join(charger_page.json_pieces(world.primary, 0, now_ms)))
    assert told["facts"]["registers_a_read"] == "21"
    assert told["registers"]["evse_id"]["raw"] == 21571


def test_the_page_of_a_charger_that_never_answered_is_all_dashes_and_no_crash():
    world = World([THREE], events=events((0, 1, "deaf"))).until(20)
    page = "".join(charger_page.lines(world.primary, 0, world.run.ticks_ms()))
    assert "has never answered" in page
    assert world.primary.chargers.status[0] != NO_CAR


@pytest.mark.parametrize("number", range(0, readings.COMBINATIONS, readings.COMBINATIONS // 11))
def test_no_event_is_lost_and_each_has_a_sentence(number):
    world = World([(*THREE, {"reading": readings.combination(number)})] * 3).until(60)
    assert world.primary.events.lost == 0
    assert all("{" not in line for line in world.said())


def test_s5_a_charger_that_draws_too_much_is_lowered_with_the_others_when_the_meter_is_lost():
    at = events((40, 1, "lie", {"what": "greedy"}), (41, "meter", "deaf"))
    world = World([THREE] * 2, limit_a=40, events=at).until(54)
    assert world.true_limits_a() == [0, 0]

# Why a charger's phases are switched: each rule, how long it must hold, and what breaks it.

from loadrail import presence, reasons, registers
from loadrail.sharing import NO_LIMIT
from loadrail.switch_states import ALL, FOLLOWED, LOCKED, ONE, QUIT
from loadrail.switch_wishes import CAR_ON_ONE, LACK, NEW_CAR, POWER_BACK, Wishes
from logic.bays import WRAP_MS, Bay, set_phases


def rooms(*left):
    return list(left) + [NO_LIMIT] * 4


def wish(bay, left, start_left=None):
    start_left = left if start_left is None else start_left
    args = (rooms(*left), rooms(*start_left), 6, 7)
    return bay.w.wish(0, bay.now_ms, bay.c, bay.s, *args)


def wishes_after(bay, seconds, left, start_left=None):
    """The second in which a wish comes, and the wish; None where none comes."""
    for second in range(seconds + 1):
        found = wish(bay, left, start_left)
        if found is not None:
            return second, found
        bay.ago(1000)
    return None


def lacking(**changes):
    """Waits on three phases for want of room."""
    bay = Bay()
    bay.c.reason[0] = reasons.NO_ROOM
    for column, value in changes.items():
        getattr(bay.c, column)[0] = value
    return bay


def test_a_charger_that_waits_for_want_of_another_phase_wishes_for_one():
    """Terminal 1 is on L2."""
    yes = (60, (ONE, LACK))
    rows = (
        # what is different, left, left for a start, wish
        ({}, (0, 6, 0), None, yes),
        ({}, (7, 6, 6), None, yes),
        ({}, (20, 7, 6), None, yes),
        ({}, (20, 20, 20), (20, 20, 6), yes),
        ({}, (20, 20, 20), None, None),
        ({}, (7, 7, 7), None, None),
        ({}, (20, 5, 0), None, None),
        ({}, (20, 6, 0), (20, 5, 0), None),
        ({"reason": reasons.TURN_AWAITED}, (0, 6, 0), None, yes),
        ({"reason": reasons.STABLE_AWAITED}, (0, 6, 0), None, yes),
        ({"reason": reasons.METER_LOST}, (0, 6, 0), None, None),
        ({"reason": reasons.START_HOLD}, (0, 6, 0), None, None),
        ({"limit_ma": 7000}, (0, 6, 0), None, None),
        ({"status": registers.STARTING}, (0, 6, 0), None, yes),
        ({"status": registers.CAR_STOPPED}, (0, 6, 0), None, None),
        ({"status": registers.NO_CAR}, (0, 6, 0), None, None),
        ({"presence": presence.DOUBTFUL}, (0, 6, 0), None, yes),
        ({"presence": presence.SILENT}, (0, 6, 0), None, None),
        ({"known": False}, (0, 6, 0), None, None),
    )
    for place, (changes, left, start_left, expected) in enumerate(rows):
        assert wishes_after(lacking(**changes), 200, left, start_left) == expected, place


def test_a_lack_that_is_broken_once_counts_anew():
    bay = lacking()
    assert wishes_after(bay, 59, (0, 6, 0)) is None
    assert wish(bay, (9, 9, 9)) is None
    assert wishes_after(bay, 200, (0, 6, 0)) == (60, (ONE, LACK))


def test_one_phase_for_the_power_or_the_phase_difference_must_fit_too():
    for room in (3, 5):
        bay = lacking()
        left = rooms(0, 9, 0)
        for amps, expected in ((5, None), (6, (ONE, LACK))):
            left[room] = amps
            bay.w.wish(0, bay.now_ms, bay.c, bay.s, left, left, 6, 7)
            bay.ago(60_000)
            assert bay.w.wish(0, bay.now_ms, bay.c, bay.s, left, left, 6, 7) == expected


def on_one(limit_ma=6000):
    bay = lacking().switch(ONE).ago(300_000).allow(limit_ma)
    bay.c.reason[0] = reasons.SHARE
    return bay


def test_a_charger_on_one_phase_for_lack_wishes_for_three_once_there_is_room_for_long():
    yes = (120, (ALL, POWER_BACK))
    rows = (
        ({}, (7, 1, 7), yes),
        ({}, (7, 0, 7), None),
        ({}, (6, 9, 9), None),
        ({}, (9, 9, 6), None),
        ({"limit_ma": 0}, (7, 7, 7), yes),
        ({"limit_ma": 0}, (7, 6, 7), None),
        ({"reason": reasons.METER_LOST}, (9, 9, 9), None),
        ({"status": registers.CAR_STOPPED}, (9, 9, 9), None),
        ({"presence": presence.SILENT}, (9, 9, 9), None),
    )
    for place, (changes, left, expected) in enumerate(rows):
        bay = on_one()
        for column, value in changes.items():
            getattr(bay.c, column)[0] = value
        assert wishes_after(bay, 200, (30, 30, 30), left) == expected, place
    bay = on_one()
    assert wishes_after(bay, 119, (9, 9, 9)) is None
    assert wish(bay, (6, 9, 9)) is None
    assert wishes_after(bay, 200, (9, 9, 9)) == yes, "without a break"


def test_the_power_limit_must_have_room_for_three_phases_too():
    bay = on_one()
    for amps, expected in ((14, None), (15, (ALL, POWER_BACK))):
        left = rooms(9, 9, 9)
        left[3] = amps
        bay.w.wish(0, bay.now_ms, bay.c, bay.s, left, left, 6, 7)
        bay.ago(120_000)
        assert bay.w.wish(0, bay.now_ms, bay.c, bay.s, left, left, 6, 7) == expected


def test_one_phase_that_somebody_else_has_set_is_left_alone():
    assert wishes_after(Bay(code=ONE), 200, (9, 9, 9)) is None
    bay = Bay()
    set_phases(ONE)(bay)
    bay.step()
    assert wishes_after(bay, 200, (9, 9, 9)) is None


def test_a_car_that_uses_one_phase_above_its_minimum_wishes_for_one():
    yes = (60, (ONE, CAR_ON_ONE))
    rows = (
        ([7100, 0, 0], registers.CHARGING, yes),
        ([7100, 999, 999], registers.CHARGING, yes),
        ([7000, 0, 0], registers.CHARGING, None),
        ([0, 9000, 0], registers.CHARGING, None),
        ([9000, 1000, 0], registers.CHARGING, None),
        ([9000, 9000, 9000], registers.CHARGING, None),
        ([9000, 0, 0], registers.ERROR, None),
    )
    for place, (draw_ma, status, expected) in enumerate(rows):
        bay = Bay().allow(16_000).read(draw_ma, status)
        assert wishes_after(bay, 100, (9, 9, 9)) == expected, place


def test_a_car_on_one_phase_is_tried_once_a_session():
    bay = Bay().allow(16_000).read(9000)
    assert wishes_after(bay, 60, (9, 9, 9)) == (60, (ONE, CAR_ON_ONE))
    assert bay.s.want(0, bay.now_ms, bay.c, ONE, CAR_ON_ONE)
    assert wish(bay, (9, 9, 9)) is None
    bay.c.known[0] = False
    assert bay.step().outcome == QUIT
    bay.c.known[0] = True
    bay.ago(300_000).read(9000)
    assert wishes_after(bay, 100, (9, 9, 9)) is None
    bay.read(0, registers.NO_CAR)
    assert wish(bay, (9, 9, 9)) is None
    bay.read(9000)
    assert wishes_after(bay, 60, (9, 9, 9)) == (60, (ONE, CAR_ON_ONE))


def test_one_phase_for_a_car_that_has_no_more_holds_while_it_is_there():
    bay = Bay().allow(16_000).read(9000)
    assert bay.s.want(0, bay.now_ms, bay.c, ONE, CAR_ON_ONE)
    wish(bay, (9, 9, 9))
    bay.step().allow(0).step().read(0).step().rest(91_000).send()
    set_phases(ONE)(bay)
    bay.step().read(6000).step().ago(300_000)
    assert wishes_after(bay, 200, (9, 9, 9)) is None
    bay.read(0, registers.NO_CAR)
    wish(bay, (9, 9, 9))
    bay.read(0, registers.SHORT_NEW)
    assert wishes_after(bay, 200, (9, 9, 9)) == (120, (ALL, POWER_BACK)), "another car"


def test_a_bay_that_becomes_empty_goes_back_to_three_phases_at_once():
    for bay in (on_one(), Bay(code=ONE)):
        bay.allow(0).read(0, registers.NO_CAR).step()
        assert wish(bay, (0, 0, 0)) == (ALL, NEW_CAR)
        assert bay.s.want(0, bay.now_ms, bay.c, ALL, NEW_CAR)
    assert wishes_after(Bay().read(0, registers.NO_CAR), 100, (9, 9, 9)) is None


def test_an_empty_bay_that_goes_back_to_one_phase_by_itself_is_not_fought():
    bay = on_one().allow(0).read(0, registers.NO_CAR).step()
    assert bay.s.want(0, bay.now_ms, bay.c, *wish(bay, (0, 0, 0)))
    assert wish(bay, (0, 0, 0)) is None
    set_phases(ALL)(bay)
    assert bay.step().outcome == FOLLOWED
    set_phases(ONE)(bay)
    assert bay.step().outcome == FOLLOWED
    assert wish(bay, (0, 0, 0)) is None
    bay.read(0, registers.STARTING).step()
    assert wish(bay, (0, 0, 0)) is None
    bay.read(0, registers.NO_CAR).step()
    assert wish(bay, (0, 0, 0)) == (ALL, NEW_CAR)


def test_a_switch_back_that_was_broken_off_is_wished_for_again():
    bay = on_one()
    assert bay.s.want(0, bay.now_ms, bay.c, ALL, POWER_BACK)
    wish(bay, (9, 9, 9))
    bay.c.known[0] = False
    bay.step()
    bay.c.known[0] = True
    bay.ago(300_000)
    assert wishes_after(bay, 200, (9, 9, 9)) == (120, (ALL, POWER_BACK))


def test_wishes_cross_the_end_of_the_clock():
    for before_ms in range(0, 61_000, 7000):
        bay = lacking()
        bay.now_ms = WRAP_MS - 1 - before_ms
        assert wishes_after(bay, 200, (0, 6, 0)) == (60, (ONE, LACK))


def test_a_wish_lasts_beyond_a_lap_of_the_clock():
    bay = lacking()
    assert wish(bay, (0, 6, 0)) is None
    for _ in range(13):
        bay.ago(86_400_000).w.clip_stamps(bay.now_ms)
        assert wish(bay, (0, 6, 0)) == (ONE, LACK)


def test_nobody_who_may_not_be_switched_has_a_wish():
    bay = lacking()
    bay.s.allowed[0] = False
    assert wishes_after(bay, 200, (0, 6, 0)) is None
    for phases in ("L1", "unknown", "L1L2"):
        bay = Bay(phases=phases)
        bay.c.reason[0] = reasons.NO_ROOM
        assert wishes_after(bay, 200, (9, 9, 0)) is None
    bay = lacking()
    bay.s.state[0] = LOCKED
    assert wishes_after(bay, 200, (0, 6, 0)) is None


def test_a_new_table_keeps_what_a_session_has_seen():
    bay = Bay().allow(16_000).read(9000)
    assert bay.s.want(0, bay.now_ms, bay.c, ONE, CAR_ON_ONE)
    wish(bay, (9, 9, 9))
    new = Wishes(1)
    new.inherit(0, bay.w, 0)
    assert new.was_on_one == [True]
    assert new.was_new == [False]

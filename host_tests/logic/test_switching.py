# S11: phases are never switched under current. Each state, what ends it, and what bounds it.

from loadrail import presence, registers
from loadrail.clock import add_ms
from loadrail.switch_states import (
    ALL,
    CONFIRM,
    DONE,
    FAILED,
    FAILURE_TEXTS,
    FOLLOWED,
    IDLE,
    LOCKED,
    ONE,
    PHASES_TEXTS,
    QUIT,
    RAMP,
    START,
    STATE_TEXTS,
    STOP,
    TABLE,
    WAIT,
    WRITE,
)
from loadrail.switch_wishes import (
    WHY_TEXTS,
)
from loadrail.switching import (
    IS_BUSY,
    IS_LOCKED,
    IS_SO,
    MAY_NOT,
    NOT_KNOWN,
    REFUSAL_TEXTS,
    TOO_OFTEN,
    TOO_SOON,
    Switching,
)
from logic.bays import WRAP_MS, Bay, be, set_phases

L1, L2, ALL_PHASES = 1, 2, 7


# --- the table


def test_s11_each_state_ends_as_the_table_says():
    three = [7000, 7000, 7000]
    rows = (
        # state, what happens, state then, failures
        (RAMP, lambda b: b.allow(7000).read([7400, 7400, 7500]), STOP, 0),
        (RAMP, lambda b: b.allow(7000).read([6000, 6000, 7501]), RAMP, 0),
        (RAMP, lambda b: b.allow(7000), RAMP, 0),
        (RAMP, lambda b: b.ago(14_900), RAMP, 0),
        (RAMP, lambda b: b.ago(15_000), STOP, 0),
        (STOP, lambda b: b.read(999), WAIT, 0),
        (STOP, lambda b: b.read(1000), STOP, 0),
        (STOP, lambda b: b.read([0, 0, 1000]), STOP, 0),
        (STOP, lambda b: b, STOP, 0),
        (STOP, lambda b: b.allow(6000).allow(0, False).step().read(0), STOP, 0),
        (STOP, lambda b: b.allow(6000).step().read(0).allow(0).step(), STOP, 0),
        (STOP, lambda b: b.rest(59_000, 6000), STOP, 0),
        (STOP, lambda b: b.rest(61_000, 6000), IDLE, 1),
        (WAIT, lambda b: b.rest(89_000), WAIT, 0),
        (WAIT, lambda b: b.rest(90_000), WRITE, 0),
        (WAIT, lambda b: b.rest(90_000, 999), WRITE, 0),
        (WAIT, lambda b: b.rest(80_000).ago(10_000), WAIT, 0),
        (WAIT, lambda b: b.rest(80_000).read(1000), STOP, 0),
        (WAIT, lambda b: b.rest(80_000).read([0, 1000, 0]).read(0), STOP, 0),
        (WAIT, lambda b: b.allow(6000), STOP, 0),
        (WAIT, lambda b: b.allow(6000).allow(0, False), STOP, 0),
        (WRITE, lambda b: b.rest(28_000), WRITE, 0),
        (WRITE, lambda b: b.rest(31_000), IDLE, 1),
        (WRITE, lambda b: b.read(1000), STOP, 0),
        (WRITE, lambda b: b.read(1000).read(0), STOP, 0),
        (WRITE, lambda b: b.ago(4900), WRITE, 0),
        (WRITE, lambda b: b.ago(5000), STOP, 0),
        (WRITE, lambda b: b.allow(6000), STOP, 0),
        (WRITE, lambda b: b.send(), CONFIRM, 0),
        (CONFIRM, set_phases(None), CONFIRM, 0),
        (CONFIRM, set_phases(ONE), START, 0),
        (CONFIRM, set_phases(ALL), CONFIRM, 0),
        (CONFIRM, set_phases(3), IDLE, 1),
        (CONFIRM, lambda b: b.rest(29_000), CONFIRM, 0),
        (CONFIRM, lambda b: b.rest(31_000), IDLE, 1),
        (START, lambda b: b.read(6000), IDLE, 0),
        (START, lambda b: b.read(three), IDLE, 1),
        (START, lambda b: b.read([0, 6000, 0]), IDLE, 1),
        (START, lambda b: b.rest(119_000), START, 0),
        (START, lambda b: b.rest(121_000), IDLE, 0),
    )
    for place, (state, act, then, failures) in enumerate(rows):
        bay = Bay().go(state)
        assert bay.state == state, place
        act(bay)
        bay.step()
        assert (bay.state, bay.s.failures[0]) == (then, failures), (place, bay.state)
        assert not failures or bay.s.failed_in[0] == state, place


def test_s11_a_charger_at_0_begins_with_stop_and_another_with_ramp():
    for limit_ma, held_ma, state in ((0, 0, STOP), (6000, 6000, RAMP), (0, 6000, RAMP)):
        bay = Bay()
        bay.c.limit_ma[0], bay.c.held_ma[0] = limit_ma, held_ma
        assert bay.want()
        assert bay.state == state


def test_s11_its_limit_is_its_minimum_then_0_then_its_minimum():
    rows = ((IDLE, None), (RAMP, 6), (STOP, 0), (WAIT, 0), (WRITE, 0), (CONFIRM, 0), (START, 6))
    for state, most_a in rows:
        bay = Bay().go(state)
        assert bay.s.most_a(0, 6) == most_a
        assert bay.s.must_be_zero(0) == (most_a == 0)


def test_s11_the_phases_are_written_only_when_all_is_seen_to_be_so():
    spoil = (
        lambda b: b,
        lambda b: b.ago(4990).read(1000),
        lambda b: b.read(1000).read(0),
        lambda b: b.ago(5000),
        lambda b: b.allow(6000),
        lambda b: b.allow(6000).allow(0, False),
        be("presence", presence.DOUBTFUL),
        be("presence", presence.SILENT),
        be("known", False),
        set_phases(None),
        set_phases(ONE),
        set_phases(3),
        lambda b: b.s.configure(0, False),
        be("able", False),
    )
    for place, act in enumerate(spoil):
        bay = Bay().go(WRITE)
        act(bay)
        assert bay.code_to_write() == (ONE if place == 0 else None), place
    for state in (IDLE, RAMP, STOP, WAIT, CONFIRM, START):
        assert Bay().go(state).code_to_write() is None


def test_s11_what_was_sent_is_not_known_until_it_is_read_back():
    bay = Bay().go(WRITE)
    assert not bay.s.read_back_due(0, bay.c)
    assert bay.code_to_write() == ONE
    assert bay.c.phase_to_use[0] is None
    assert bay.s.read_back_due(0, bay.c)


def test_s11_a_write_whose_answer_was_lost_is_sent_again_and_counts_once():
    bay = Bay().go(WRITE)
    for _ in range(3):
        assert bay.code_to_write() == ONE
        bay.rest(2000)
    assert bay.s.switches[0] == 1
    set_phases(ALL)(bay)
    assert bay.step().state == WRITE, "read back: it never arrived"
    assert bay.code_to_write() == ONE


def test_s11_a_write_that_was_taken_without_an_answer_counts_once_read_back():
    for more in (lambda b: b, lambda b: b.read(1000).step(), lambda b: b.ago(5000).step()):
        bay = Bay().go(WRITE)
        assert bay.code_to_write() == ONE
        more(bay)
        set_phases(ONE)(bay)
        assert bay.code_to_write() is None
        assert bay.step().state == START
        assert bay.s.code[0] == ONE


def test_s11_an_acknowledgement_that_comes_too_late_confirms_nothing():
    bay = Bay().go(WRITE)
    bay.code_to_write()
    bay.read(1000).step()
    bay.s.wrote(0, bay.now_ms)
    assert bay.state == STOP


def test_s11_a_reading_from_before_its_limit_was_0_shows_nothing():
    bay = Bay().go(STOP)
    bay.c.known[0] = False
    assert bay.step().outcome == QUIT
    bay.c.known[0] = True
    bay.ago(300_000).allow(16_000).read(0).allow(0)
    assert bay.want()
    assert bay.step().state == STOP
    assert bay.step().state == STOP
    assert bay.read(0).step().state == WAIT


def test_s11_a_car_that_starts_and_stops_for_ever_is_a_failure():
    bay = Bay().go(WAIT)
    for _ in range(11):
        bay.rest(60_000).read(6000).step()
        assert bay.state == STOP
    bay.rest(60_000)
    assert (bay.state, bay.s.failures[0]) == (IDLE, 1)


def test_both_ways_cross_the_end_of_the_clock_alike():
    traces = []
    for start_ms in (1000, WRAP_MS - 100_000, WRAP_MS - 320_000, WRAP_MS - 390_000, WRAP_MS - 1):
        trace = []
        bay = Bay(start_ms=start_ms)
        for code in (ONE, ALL):
            assert bay.want(code)
            for _ in range(600):
                bay.rest(1000)
                trace.append((bay.state, bay.s.countdown_s(0, bay.now_ms)))
                if bay.code_to_write() is not None:
                    bay.s.wrote(0, bay.now_ms)
                elif bay.state == CONFIRM:
                    bay.c.phase_to_use[0] = code
            assert bay.s.code[0] == code
        traces.append(trace)
    assert {state for state, _ in traces[0]} == {STOP, WAIT, WRITE, CONFIRM, START, IDLE}
    for trace in traces:
        assert trace == traces[0]


# --- what bounds it


def test_s11_a_switch_that_may_not_be_is_refused_with_its_reason():
    rows = (
        (lambda b: b, ONE, 0),
        (lambda b: b.s.configure(0, False), ONE, MAY_NOT),
        (be("able", False), ONE, MAY_NOT),
        (lambda b: b, ALL, IS_SO),
        (lambda b: b.want(), ONE, IS_BUSY),
        (be("presence", presence.SILENT), ONE, NOT_KNOWN),
        (be("known", False), ONE, NOT_KNOWN),
        (set_phases(None), ONE, NOT_KNOWN),
        (set_phases(ONE), ALL, NOT_KNOWN),
        (be("most", 0), ONE, TOO_OFTEN),
    )
    for place, (act, code, why) in enumerate(rows):
        bay = Bay()
        act(bay)
        assert bay.refusal(code) == why, place
        assert bay.want(code) == (why == 0), place
    for phases in ("unknown", "L1", "L1L2"):
        assert Bay(phases=phases).refusal() == MAY_NOT


def test_s11_after_a_start_of_the_controller_the_pause_comes_first():
    """Nobody knows when the charger was switched last."""
    bay = Bay()
    fresh = Switching(1)
    fresh.configure(0, True)
    fresh.able[0] = True
    assert fresh.refusal(0, bay.now_ms, bay.c, ONE) == NOT_KNOWN
    fresh.step(0, bay.now_ms, bay.c)
    assert fresh.refusal(0, bay.now_ms, bay.c, ONE) == TOO_SOON
    assert fresh.refusal(0, add_ms(bay.now_ms, 300_000), bay.c, ONE) == 0
    assert fresh.followed[0] == 0


def test_s11_between_two_switches_there_is_a_pause():
    bay = Bay().switch(ONE)
    assert bay.refusal(ALL) == TOO_SOON
    assert bay.ago(299_900).refusal(ALL) == TOO_SOON
    assert bay.ago(100).refusal(ALL) == 0


def test_s11_a_session_has_so_many_switches_and_a_new_car_begins_anew():
    bay = Bay()
    bay.s.most[0] = 2
    bay.switch(ONE).ago(300_000).switch(ALL).ago(300_000)
    assert bay.refusal() == TOO_OFTEN
    bay.read(0, registers.NO_CAR).step()
    assert bay.refusal() == 0
    bay.switch(ONE).read(0, registers.NO_CAR).step()
    assert bay.refusal(ALL) == TOO_SOON, "but not the pause"


def fail(bay):
    assert bay.want(), bay.refusal()
    return bay.step().rest(61_000, 6000).read(0)


def test_s11_two_failures_lock_it_until_it_is_unlocked_or_configured():
    for release in (lambda s: s.unlock(0), lambda s: s.configure(0, True)):
        bay = fail(Bay())
        assert bay.state == IDLE
        assert bay.refusal() == TOO_SOON
        fail(bay.ago(300_000))
        assert bay.state == LOCKED
        bay.ago(300_000).read(0, registers.NO_CAR).step()
        assert bay.refusal() == IS_LOCKED
        assert bay.code_to_write() is None
        assert not bay.s.must_be_zero(0)
        release(bay.s)
        assert bay.refusal() == 0
        assert fail(bay).state == IDLE


def test_s11_a_charger_that_goes_silent_ends_it_and_fails_only_after_a_write():
    rows = ((RAMP, QUIT), (STOP, QUIT), (WAIT, QUIT), (WRITE, QUIT), (CONFIRM, FAILED))
    rows += ((START, QUIT),)
    for act in (be("presence", presence.SILENT), be("known", False)):
        for state, outcome in rows:
            bay = Bay().go(state)
            act(bay)
            assert bay.step().outcome == outcome, state
            assert bay.state == IDLE
            assert bay.s.failures[0] == (1 if outcome == FAILED else 0)
            assert bay.masks() == ALL_PHASES


def test_s11_one_that_comes_back_with_other_phases_is_believed_and_not_counted_twice():
    bay = Bay().go(CONFIRM)
    bay.c.presence[0] = presence.SILENT
    bay.step()
    assert bay.s.code[0] is None
    bay.ago(60_000)
    bay.c.presence[0] = presence.ONLINE
    assert bay.read(0).step().s.code[0] is None
    set_phases(ONE)(bay)
    bay.step()
    assert (bay.s.code[0], bay.s.followed[0]) == (ONE, 0)


def test_a_doubtful_charger_does_not_end_it():
    for state in (RAMP, STOP, WAIT, WRITE, CONFIRM, START):
        bay = Bay().go(state)
        bay.c.presence[0] = presence.DOUBTFUL
        assert bay.step().state == state


# --- what it changes by itself


def test_s11_a_charger_that_changes_its_phases_is_followed_and_not_fought():
    bay = Bay()
    set_phases(ONE)(bay)
    assert bay.step().outcome == FOLLOWED
    assert (bay.s.code[0], bay.s.why[0], bay.s.followed[0]) == (ONE, FOLLOWED, 1)
    assert bay.masks() == ALL_PHASES, "it may be under way"
    bay.rest(16_000)
    assert bay.masks() == L2
    assert bay.code_to_write() is None
    assert bay.refusal(ALL) == TOO_SOON, "it was a switch"


def test_s11_a_change_of_its_own_takes_a_while_in_which_both_are_booked():
    bay = Bay().allow(16_000)
    set_phases(ONE)(bay)
    bay.step().rest(10_000, [9000, 9000, 9000]).read(9000).step()
    assert bay.masks() == ALL_PHASES
    assert (bay.s.followed[0], bay.s.wide[0]) == (1, False)
    bay.rest(6000, 9000)
    assert bay.masks() == L2


def test_s11_a_change_of_its_own_in_mid_sequence_ends_that():
    for state in (RAMP, STOP, WAIT, WRITE):
        for code in (ONE, 3):
            bay = Bay().go(state)
            set_phases(code)(bay)
            assert bay.step().outcome == FOLLOWED
            assert (bay.state, bay.s.code[0], bay.s.failures[0]) == (IDLE, code, 0)
    bay = Bay().go(START)
    set_phases(ALL)(bay)
    assert bay.step().outcome == FOLLOWED
    assert bay.masks() == ALL_PHASES


def test_s11_one_that_uses_more_phases_than_it_says_is_booked_on_all_from_then_on():
    bay = Bay(code=ONE).rest(20_000, 6000)
    assert bay.masks() == L2
    bay.read([6000, 6000, 0])
    assert bay.masks() == 6, "at once where it draws"
    assert bay.step().outcome == FOLLOWED
    bay.rest(20_000, 6000)
    assert bay.masks() == ALL_PHASES
    assert bay.s.followed[0] == 1
    bay.s.unlock(0)
    assert bay.masks() == L2


# --- what is booked


def test_s11_until_a_switch_is_confirmed_the_old_and_the_new_phases_are_booked():
    for code, after in ((ALL, L2), (ONE, ALL_PHASES)):
        before = Bay(code=code).rest(16_000).masks()
        assert before == (L2 if code == ONE else ALL_PHASES)
        for state in (RAMP, STOP, WAIT, WRITE, CONFIRM):
            assert Bay(code=code).go(state).masks() == ALL_PHASES
        assert Bay(code=code).go(START).masks() == after
    bay = Bay().go(CONFIRM).rest(31_000)
    assert (bay.state, bay.masks()) == (IDLE, ALL_PHASES)


def test_phases_that_nobody_knows_are_all_that_it_is_wired_to():
    for phases, code, mask in (
        ("L2L3L1", ONE, L2),
        ("L1L2L3", ONE, L1),
        ("L1L2L3", 1, ALL_PHASES),
        ("L1L2L3", 7, ALL_PHASES),
        ("L1L2L3", None, ALL_PHASES),
        ("L2", ONE, L2),
        ("L2", ALL, L2),
        ("L1L2", ONE, 3),
        ("unknown", ONE, ALL_PHASES),
    ):
        assert Bay(code=code, phases=phases).rest(16_000).masks() == mask, (phases, code)


# --- configuration in mid-run


def test_s11_a_new_configuration_breaks_off_what_is_under_way_and_keeps_the_pause():
    for state in (RAMP, STOP, WAIT, WRITE, CONFIRM, START):
        bay = Bay().go(state)
        new = Switching(1)
        new.inherit(0, bay.s, 0)
        new.configure(0, True, 90_000, 300_000, 6)
        bay.s = new
        assert bay.state == IDLE
        assert bay.masks() == ALL_PHASES
        assert bay.code_to_write() is None
        if state == CONFIRM:
            assert new.read_back_due(0, bay.c)
            set_phases(ALL)(bay)
        bay.step()
        assert bay.refusal(ONE if state != START else ALL) == TOO_SOON
        assert new.followed[0] == 0


def test_stamps_are_moved_along_before_the_clock_laps_them():
    bay = Bay().switch(ONE)
    for _ in range(13):
        bay.ago(86_400_000).s.clip_stamps(bay.now_ms)
        bay.w.clip_stamps(bay.now_ms)
        assert bay.refusal(ALL) == 0
        assert bay.s.countdown_s(0, bay.now_ms) == 0


# --- words


def test_every_state_refusal_failure_and_why_has_its_words():
    assert len(STATE_TEXTS) == len(FAILURE_TEXTS) == len(TABLE) == LOCKED + 1
    assert len(REFUSAL_TEXTS) == TOO_OFTEN + 1
    bay = Bay().go(WAIT).rest(47_000)
    said = STATE_TEXTS[bay.state].replace("{to}", PHASES_TEXTS[bay.s.target[0]])
    said = said.replace("{t}", "%d s" % bay.s.countdown_s(0, bay.now_ms))
    assert said == "stopped for a switch to one phase: waiting 43 s more"
    for texts in (STATE_TEXTS[1:], REFUSAL_TEXTS[1:], list(WHY_TEXTS.values())):
        assert all(texts)
        assert len(set(texts)) == len(texts)


def test_done_is_told_when_current_shows():
    bay = Bay().go(START)
    assert bay.read(6000).step().outcome == DONE
    assert bay.step().outcome is None

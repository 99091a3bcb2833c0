# The power selector and the contact: what they order, and from when on.

from loadrail import events, reasons
from loadrail.inputs import DEBOUNCE_MS, SELECTOR_A, UNREAD_MS, Inputs

WRAP = 1 << 30
STARTS = (0, WRAP - 2500, WRAP - 1000)  # of the counter: it wraps in mid-test
STEP_MS = 100
OFF = {"selector": "off", "contact": "none", "contact_active": "closed", "contact_current_a": 6}


class Desk:
    """Inputs that are read every 100 ms; time is ms since the start."""

    def __init__(self, start_ms=0, **section):
        self.log = events.Events()
        self.inputs = Inputs(self.log)
        self.inputs.configure(dict(OFF, **section))
        self.start_ms = start_ms
        self.ms = 0
        self.position = None
        self.closed = None

    def now(self):
        return (self.start_ms + self.ms) % WRAP

    def read(self):
        self.inputs.take_selector(self.now(), self.position)
        self.inputs.take_contact(self.now(), self.closed)

    def go(self, for_ms):
        """Read on for so long; the last reading is at its end."""
        for _ in range(for_ms // STEP_MS):
            self.ms += STEP_MS
            self.read()
        self.ms += for_ms % STEP_MS
        self.read()
        return self

    def turn(self, position):
        self.position = position
        self.read()
        return self

    def set(self, closed):
        self.closed = closed
        self.read()
        return self

    def caps(self):
        return self.inputs.selector.most_a, self.inputs.contact.most_a

    def said(self):
        """(reason, place, A) of each event since the last call."""
        found = []
        while True:
            event = self.log.take()
            if event is None:
                return found
            assert event[1] == events.LOCAL_INPUT and event[2] == events.NOBODY
            found.append((event[3], event[4] >> 6, event[4] & 63))


def test_each_position_caps_as_the_maker_says():
    table = ((0, 32), (1, 6), (2, 10), (3, 13), (4, 16), (5, 20), (6, 25), (7, 28))
    assert len(SELECTOR_A) == len(table)
    for position, amps in table:
        desk = Desk(selector="on").turn(position)
        selector = desk.inputs.selector
        assert (selector.why, selector.most_a) == (reasons.SELECTOR, amps)
        assert selector.place == position
        assert not desk.inputs.shut
        assert desk.inputs.troubles() == []


def test_the_reserved_positions_let_nobody_charge_and_are_named():
    for position in (8, 9):
        desk = Desk(selector="on").turn(position)
        selector = desk.inputs.selector
        assert (selector.why, selector.most_a) == (reasons.SELECTOR_RESERVED, 0)
        assert desk.inputs.shut
        assert desk.inputs.troubles() == [selector]
        assert desk.said() == [(reasons.SELECTOR_RESERVED, position, 0)]


def test_a_position_that_no_selector_has_is_no_reading():
    for position in (-1, 10, 15, None):
        desk = Desk(selector="on").turn(position)
        assert desk.inputs.selector.why == reasons.INPUT_UNREAD
        assert desk.caps()[0] == 0


def test_a_turn_downward_counts_at_once_and_upward_after_2_s_across_the_wrap():
    for start_ms in STARTS:
        desk = Desk(start_ms, selector="on").turn(5).go(3000)
        assert desk.turn(3).caps()[0] == 13
        desk.turn(6)
        assert desk.go(DEBOUNCE_MS - 1).caps()[0] == 13
        assert desk.go(1).caps()[0] == 25


def test_a_turn_up_and_on_counts_the_last_position_for_2_s():
    desk = Desk(selector="on").turn(1).go(3000)
    for position in (2, 3, 4):
        assert desk.turn(position).go(1900).caps()[0] == 6
    assert desk.go(100).caps()[0] == 16


def test_on_the_way_past_the_reserved_positions_nobody_is_stopped():
    """7 to 0 is a turn from 28 A to 32 A."""
    desk = Desk(selector="on").turn(7).go(3000)
    seen = []
    for position in (8, 9, 0):
        seen.append(desk.turn(position).go(900).caps()[0])
    assert seen == [6, 6, 6]
    assert desk.go(1100).caps()[0] == 32
    desk.turn(9).go(1999)
    assert desk.caps()[0] == 6
    assert desk.go(1).caps()[0] == 0
    assert desk.said() == [(reasons.SELECTOR, 7, 28), (reasons.SELECTOR, 0, 32)] + [
        (reasons.SELECTOR_RESERVED, 9, 0)
    ]


def test_a_bouncing_selector_has_the_least_that_it_shows():
    desk = Desk(selector="on").turn(7).go(3000)
    for _ in range(30):
        desk.turn(2).go(100)
        assert desk.turn(7).go(900).caps()[0] == 10


def test_a_selector_that_cannot_be_read_counts_as_before_for_1_s_and_then_only_lower():
    for start_ms in STARTS:
        desk = Desk(start_ms, selector="on").turn(4).go(1000)
        desk.position = None
        assert desk.go(UNREAD_MS).caps()[0] == 16
        assert desk.go(1).caps()[0] == 6
        assert desk.go(DEBOUNCE_MS).caps()[0] == 0
        assert desk.inputs.selector.why == reasons.INPUT_UNREAD
        desk.turn(4)
        assert desk.go(DEBOUNCE_MS - 1).caps()[0] == 0
        assert desk.go(1).caps()[0] == 16


USES = (  # use, active, closed while it holds, A that it leaves
    ("emergency_stop", "closed", True, 0),
    ("emergency_stop", "open", False, 0),
    ("block", "closed", True, 0),
    ("block", "open", False, 0),
    ("allow", "closed", False, 0),
    ("allow", "open", True, 0),
    ("reduce", "closed", True, 9),
    ("reduce", "open", False, 9),
)


def wired(use, active, start_ms=0):
    return Desk(start_ms, contact=use, contact_active=active, contact_current_a=9)


def test_each_use_holds_the_chargers_in_its_position_and_in_no_other():
    for use, active, holds, amps in USES:
        assert wired(use, active).set(holds).caps() == (32, amps)
        desk = wired(use, active).set(not holds)
        assert desk.caps() == (32, 32)
        assert desk.inputs.contact.why == 0
        assert desk.said() == []


def test_each_use_has_its_reason():
    for use, why in (
        ("emergency_stop", reasons.EMERGENCY_STOP),
        ("block", reasons.BLOCKED),
        ("reduce", reasons.REDUCED),
    ):
        assert wired(use, "closed").set(True).inputs.contact.why == why
    assert wired("allow", "closed").set(False).inputs.contact.why == reasons.BLOCKED


def test_the_contact_is_debounced_for_2_s_both_ways_across_the_wrap():
    for start_ms in STARTS:
        for use, active, holds, amps in USES[2:]:
            desk = wired(use, active, start_ms).set(not holds).go(500)
            desk.set(holds)
            assert desk.go(DEBOUNCE_MS - 1).caps()[1] == 32
            assert desk.go(1).caps()[1] == amps
            desk.set(not holds)
            assert desk.go(DEBOUNCE_MS - 1).caps()[1] == amps
            assert desk.go(1).caps()[1] == 32


def test_an_emergency_stop_counts_at_once_and_its_end_after_2_s_across_the_wrap():
    for start_ms in STARTS:
        for use, active, holds, _ in USES[:2]:
            desk = wired(use, active, start_ms).set(not holds).go(500)
            assert desk.set(holds).caps()[1] == 0
            desk.set(not holds)
            assert desk.go(DEBOUNCE_MS - 1).caps()[1] == 0
            desk.set(holds).set(not holds)  # a bounce begins the 2 s anew
            assert desk.go(DEBOUNCE_MS - 1).caps()[1] == 0
            assert desk.go(1).caps()[1] == 32
            assert [event[0] for event in desk.said()] == [reasons.EMERGENCY_STOP, 0]


def test_a_bounce_of_less_than_2_s_changes_nothing():
    for use, active, holds, amps in USES[2:]:
        desk = wired(use, active).set(not holds).go(500)
        desk.set(holds).go(1900)
        desk.set(not holds)
        for _ in range(40):
            assert desk.go(100).caps()[1] == 32
        desk.set(holds).go(3000)
        desk.set(not holds).go(1900)
        desk.set(holds)
        for _ in range(40):
            assert desk.go(100).caps()[1] == amps


def test_a_contact_that_bounces_without_end_holds():
    for use, active, holds, amps in USES[2:]:
        desk = wired(use, active).set(not holds).go(500)
        for _ in range(3):
            desk.set(holds).go(500)
            desk.set(not holds).go(500)
        desk.set(holds)
        for _ in range(20):
            assert desk.go(500).caps()[1] == amps
            desk.closed = not desk.closed


def test_a_contact_that_cannot_be_read_counts_as_before_for_1_s_and_then_as_holding():
    for use, active, holds, amps in USES:
        desk = wired(use, active).set(not holds).go(500)
        desk.closed = None
        assert desk.go(UNREAD_MS).caps()[1] == 32
        desk.go(1)
        if use != "emergency_stop":
            assert desk.go(DEBOUNCE_MS - 1).caps()[1] == 32
            desk.go(1)
        assert desk.caps()[1] == amps
        contact = desk.inputs.contact
        assert contact.why == reasons.INPUT_UNREAD
        assert desk.inputs.troubles() == [contact]
        desk.set(not holds)
        assert desk.go(DEBOUNCE_MS - 1).caps()[1] == amps
        assert contact.why == reasons.INPUT_UNREAD
        assert desk.go(1).caps()[1] == 32


def test_inputs_that_nobody_reads_any_more_are_found_by_looking():
    desk = Desk(selector="on", contact="emergency_stop")
    desk.position = 0
    desk.set(False)
    for after_ms, shut in ((UNREAD_MS, False), (1, True), (WRAP // 2, True), (3000, True)):
        desk.ms += after_ms
        desk.inputs.look(desk.now())
        assert desk.inputs.shut == shut


def test_without_a_reading_at_the_start_nobody_may_charge():
    for section in ({"selector": "on"}, {"contact": "block"}, {"contact": "emergency_stop"}):
        desk = Desk(**section)
        desk.inputs.look(0)
        assert desk.inputs.shut


def test_inputs_that_are_not_used_order_nothing():
    desk = Desk()
    for position, closed in ((8, True), (None, None), (1, False)):
        desk.turn(position).set(closed).go(5000)
        assert desk.caps() == (32, 32)
    assert desk.said() == []


def test_a_configuration_in_mid_run_takes_the_inputs_as_they_stand():
    desk = Desk().turn(3).set(True).go(500)
    desk.inputs.configure(dict(OFF, selector="on", contact="block"))
    desk.inputs.look(desk.now())
    assert desk.caps() == (13, 0)
    desk.inputs.configure(dict(OFF, selector="on", contact="allow"))
    desk.inputs.look(desk.now())
    assert desk.caps() == (13, 32)
    desk.inputs.configure(OFF)
    desk.inputs.look(desk.now())
    assert desk.caps() == (32, 32)


def test_the_same_configuration_again_changes_nothing():
    section = dict(OFF, contact="block")
    desk = Desk(contact="block").set(False).go(500).set(True).go(1900)
    desk.inputs.configure(section)
    assert desk.go(99).caps()[1] == 32
    assert desk.go(1).caps()[1] == 0


def test_a_reading_says_whether_it_is_news():
    inputs = Inputs(events.Events())
    inputs.configure(dict(OFF, selector="on", contact="emergency_stop"))
    assert inputs.take_selector(0, 3)
    assert not inputs.take_selector(100, 3)
    assert not inputs.take_contact(100, False)
    assert inputs.take_contact(200, True)
    assert inputs.take_selector(200, 1)

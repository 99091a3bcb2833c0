# What the board's own inputs order: the power selector's cap, and a potential-free contact.
#
# Whoever reads the pins hands readings in (None: not readable); no I/O here. `look` works out the
# order of each: `most_a` A for every charger, 0 for nobody, and why (reasons.py; 0: no order).
# What lowers counts at once or after the contact's debounce, what permits more must have lasted
# for 2 s without a break. A reading of more than 1 s ago is none, and none is the worst reading.

from loadrail import events, reasons
from loadrail.clock import age_ms

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Maker's document on load management: A by position; 8 and 9 are reserved.
SELECTOR_A = (32, 6, 10, 13, 16, 20, 25, 28)
POSITIONS = const(10)
ALL_A = const(32)  # no cap
DEBOUNCE_MS = const(2000)  # the same document
UNREAD_MS = const(1000)  # some readings may fail before an input counts as not readable

# inputs.contact -> what it orders while it holds
_USES = {
    "emergency_stop": reasons.EMERGENCY_STOP,
    "block": reasons.BLOCKED,
    "allow": reasons.BLOCKED,
    "reduce": reasons.REDUCED,
}
_TROUBLES = (reasons.EMERGENCY_STOP, reasons.SELECTOR_RESERVED, reasons.INPUT_UNREAD)


class _Input:
    """One input: its last reading, and what it orders."""

    def __init__(self, log):
        self.why = 0
        self.most_a = ALL_A
        self.place = 0  # where the selector stands
        self._log = log
        self._reading = None
        self._read_at = None

    def take(self, now_ms: int, reading) -> bool:
        """Take a reading, or None. Whether it orders something else now."""
        was_a, was = self.most_a, self.why
        if reading is not None:
            self._reading = reading
            self._read_at = now_ms
        self.look(now_ms)
        return was_a != self.most_a or was != self.why

    def _now(self, now_ms):
        """The reading that counts, or None."""
        if age_ms(now_ms, self._read_at) > UNREAD_MS:
            self._reading = self._read_at = None  # for good: a wrapped counter cannot revive it
        return self._reading

    def _order(self, now_ms, why, most_a, place=0) -> None:
        """Order it, and tell the log where that is news."""
        if why != self.why or place != self.place:
            self._log.add(now_ms, events.LOCAL_INPUT, events.NOBODY, why, place << 6 | most_a)
        self.why, self.most_a, self.place = why, most_a, place


class Contact(_Input):
    """Closed (True) or open (False), in one of its uses."""

    def __init__(self, log):
        _Input.__init__(self, log)
        self.configure(None)

    def configure(self, section: "dict | None") -> None:
        """Take the section "inputs"; the contact's last reading stays."""
        section = section or {}
        use = section.get("contact", "none")
        self._holds_why = _USES.get(use)
        # the position in which it holds the chargers back
        self._holds_at = (section.get("contact_active") != "open") != (use == "allow")
        self._holds_a = section["contact_current_a"] if use == "reduce" else 0
        self._delay_ms = 0 if use == "emergency_stop" else DEBOUNCE_MS
        self._holds = None  # nothing read yet in this use
        self._from = None  # since when it may hold
        self._free_from = None  # since when it has read as free, without a break

    def look(self, now_ms: int) -> None:
        """Work out the order of now."""
        if self._holds_why is None:
            self.why, self.most_a = 0, ALL_A
            return
        closed = self._now(now_ms)
        held = closed is None or closed == self._holds_at
        self._debounce(now_ms, held)
        if not self._holds:
            self._order(now_ms, 0, ALL_A)
        elif held:
            why = reasons.INPUT_UNREAD if closed is None else self._holds_why
            self._order(now_ms, why, self._holds_a)

    def _debounce(self, now_ms, held) -> None:
        if self._holds is None:
            self._holds = held  # what is there at the start has settled long ago
        if held:
            self._free_from = None
            if self._from is None:
                self._from = now_ms
            # One that bounces for longer than that holds, too.
            if age_ms(now_ms, self._from) >= self._delay_ms:
                self._holds = True
            return
        if self._free_from is None:
            self._free_from = now_ms
        if age_ms(now_ms, self._free_from) >= DEBOUNCE_MS:
            self._holds = False
            self._from = None


class Selector(_Input):
    """A rotary switch, 0 to 9."""

    def __init__(self, log):
        _Input.__init__(self, log)
        self.configure(None)

    def configure(self, section: "dict | None") -> None:
        """Take the section "inputs"; the selector's last position stays."""
        self._is_used = section is not None and section["selector"] == "on"
        self._seen = None  # a position, not debounced yet
        self._seen_at = None

    def look(self, now_ms: int) -> None:
        """Work out the order of now."""
        if not self._is_used:
            self.why, self.most_a, self.place = 0, ALL_A, 0
            return
        position = self._now(now_ms)
        if position != self._seen or self._seen_at is None:
            self._seen = position
            self._seen_at = now_ms
        why = reasons.SELECTOR
        if position is None:
            why, most_a = reasons.INPUT_UNREAD, 0
        elif position < len(SELECTOR_A):
            most_a = SELECTOR_A[position]
        else:
            why, most_a = reasons.SELECTOR_RESERVED, 0
        if not self.why or age_ms(now_ms, self._seen_at) >= DEBOUNCE_MS:
            self._order(now_ms, why, most_a, position or 0)
        else:
            # From 7 to 0 a hand passes 8 and 9, which should not open every contactor.
            self.most_a = min(self.most_a, most_a or SELECTOR_A[1])


class Inputs:
    """Both. `log` is an Events."""

    def __init__(self, log):
        self.contact = Contact(log)
        self.selector = Selector(log)
        self._section = None

    def configure(self, section: "dict | None") -> None:
        """Take the section "inputs" of a configuration, also in mid-run; None: neither is used."""
        if section != self._section:
            self._section = section
            self.contact.configure(section)
            self.selector.configure(section)

    def take_selector(self, now_ms: int, position: "int | None") -> bool:
        """Where the power selector stands, 0..9; any other is no reading. Whether that is news."""
        fits = position is not None and 0 <= position < POSITIONS
        return self.selector.take(now_ms, position if fits else None)

    def take_contact(self, now_ms: int, closed: "bool | None") -> bool:
        """Whether the contact is closed. Whether that is news."""
        return self.contact.take(now_ms, closed)

    @property
    def shut(self) -> bool:
        """Whether nobody may charge."""
        return not (self.contact.most_a and self.selector.most_a)

    def troubles(self) -> list:
        """Those that order what somebody should look after."""
        return [part for part in (self.contact, self.selector) if part.why in _TROUBLES]

    def look(self, now_ms: int) -> None:
        """Work out what both order now, whether anything was read or not."""
        self.contact.look(now_ms)
        self.selector.look(now_ms)

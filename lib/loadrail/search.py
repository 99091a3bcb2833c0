# Search for the meter: which line, which address, which model. Reads only.
#
# A state machine without I/O, like the core: ask `next` for the read to send and in which `line`
# it has to go, tell `answer` how it ended. It ends with the first meter whose full reading is
# plausible, or when everything was tried. Any answer, a refusal too, proves address and line.
#
# Inside, generators say what is asked next: each `yield` is one request.

from loadrail import search_identify as kinds
from loadrail.request import CRC, EXCEPTION, MISMATCH, OK, PORT, TIMEOUT, Request
from loadrail.search_places import PATIENT_MS, leg_ms, legs, place_ms

RUNNING = 0
FOUND = 1
FAILED = 2  # everything was tried
STOPPED = 3

GARBLED = 6  # beside the kinds of search_identify
_MOST_KEPT = 40  # of what answered: a noisy line must not fill the memory
_GHOSTS = 2  # so many addresses with short answers only, then a short one proves nothing
_REST_MS = 20  # silence before a request to a device that has answered


class Found:
    """The meter: its model's name, where it is, and the reading that speaks for it."""

    def __init__(self, fit, alike, address, line):
        self.model = fit.row["name"]
        self.alike = alike  # models that cannot be told from it; it is read the same way
        self.row = fit.row
        self.sample = fit.sample
        self.hides_export = fit.hides_export
        self.address = address
        self.line = line


class Search:
    """One search. `first_line` is (baud, parity, stop bits) and comes first, as the addresses
    `preferred` do; those in `skip` are never asked: devices that are known."""

    def __init__(self, first_line=None, preferred=(), skip=()):
        self.state = RUNNING
        self.found = None
        self.answered = []  # (address, line, kind, name or None), the first _MOST_KEPT
        self.kept_back = 0  # answered too, but not kept
        self.line = None  # in which the request of `next` has to be sent
        self.gap_ms = 0  # silence that it wants before it
        self.address = 0
        self.timeout_ms = 0
        self.leg = None
        self.requests = 0
        self.now_ms = 0
        self.own = Request()  # the request under way, and how it ended:
        self.result = None
        self.words = None
        self.lost = []  # questions that nothing is known of, as numbers
        self.unclear = False  # whether something must have been there at one of them
        self._legs = legs(first_line, preferred, skip)
        self._total_ms = sum([leg_ms(leg) for leg in self._legs])
        self._done_ms = 0
        self._request = None  # the caller's, which has gone out
        self._asked = False
        self._seen = []  # (address, line) of what has been identified as no meter
        self._unset = []  # lines that the port cannot be set to
        self._patient = False
        self._heard_long = False
        self._ghosts = 0
        self._steps = self._search()

    # --- in and out

    def next(self, request, now_ms: int) -> bool:
        """Fill in the next read; False: the search is over. The same one until it is answered."""
        self.now_ms = now_ms
        if self.state != RUNNING:
            return False
        if not self._asked:
            try:
                next(self._steps)
            except StopIteration:
                self.state = FOUND if self.found else FAILED
                return False
            self._asked = True
            self.requests += 1
        own = self.own
        request.read(own.unit, own.function, own.register, own.count, own.timeout_ms)
        self._request = request
        return True

    def answer(self, now_ms: int, result: int, words) -> None:
        """Take the end of the request; `words` are not kept. PORT: the line was gone, and the
        request is to be sent again."""
        self.now_ms = now_ms
        if not self._asked or result == PORT:
            return
        own = self.own
        self._asked = False
        self.result = result
        self.words = list(words[: own.count]) if result == OK else None
        own.exception = self._request.exception
        if result in (OK, EXCEPTION):
            self._heard_long = self._heard_long or own.count > 1
            turn_ms = self._request.turnaround_ms or 0
            self.timeout_ms = min(PATIENT_MS, max(self.timeout_ms, 4 * turn_ms + 50))

    def refuse(self, now_ms: int) -> None:
        """The request cannot be sent: there is no such `line` here. It is not tried again."""
        self._unset.append(self.line)
        self.answer(now_ms, TIMEOUT, None)

    def stop(self) -> None:
        """End it as it is."""
        if self.state == RUNNING:
            self.state = STOPPED

    @property
    def over(self) -> bool:
        return self.state != RUNNING

    @property
    def left_ms(self) -> int:
        """What is left where nobody answers any more, in ms of line time."""
        return 0 if self.over else self._total_ms - self._done_ms

    @property
    def done_percent(self) -> int:
        return self._done_ms // (self._total_ms // 100 + 1)

    # --- how requests are made; search_identify and search_confirm make theirs so, too

    def ask(self, function, register, count):
        """One read here, and once more where its answer was damaged. `result`, `words`."""
        for _ in (0, 1):
            self.own.read(self.address, function, register, count, self.timeout_ms)
            yield
            if self.result not in (CRC, MISMATCH):
                return
            self.timeout_ms = PATIENT_MS  # a late answer to the one before may have been it

    def lose(self, unclear: bool) -> None:
        """The request that just ended has told nothing, not even by its silence if `unclear`."""
        self.lost.append(self.own.register * 8 + self.own.function)
        self.unclear = self.unclear or unclear

    def rest(self, gap_ms: int) -> None:
        """From now on be silent for so long before a request."""
        self.gap_ms = max(_REST_MS, gap_ms)

    # --- what is asked

    def _search(self):
        for leg in self._legs:
            self.leg = leg
            if leg[4] == PATIENT_MS and not self._patient:
                self._patient = True
                self._seen = []  # who was too slow to be known has another chance
            for line in leg[1]:
                self.line = line
                for address in leg[2]:
                    self.address = address
                    yield from self._visit(leg)
                    if self.found:
                        return
                    self._done_ms += place_ms(leg, line)

    def _visit(self, leg):
        """Ask one address, and whoever answers who it is."""
        if (self.address, self.line) in self._seen:
            return
        self.gap_ms = 0
        self._heard_long = False
        heard = {}
        for contact in leg[3]:
            if self.line in self._unset:
                return
            if self._ghosts >= _GHOSTS and contact[2] == 1:
                continue
            self.timeout_ms = leg[4]
            yield from self.ask(*contact)
            if self.result in (OK, EXCEPTION):
                heard[contact] = self.words
                yield from self._meet(heard)
                return
            if self.result == CRC:
                self._keep(GARBLED, None)

    def _meet(self, heard):
        self.rest(0)
        kind, told = yield from kinds.identify(self, heard)
        if kind == kinds.METER:
            self.found = Found(told[0], told[1], self.address, self.line)
            return
        if not self._heard_long:
            self._ghosts += 1
        self._keep(kind, told)

    def _keep(self, kind, name):
        place = (self.address, self.line)
        if kind != GARBLED:
            self._seen.append(place)
        entry = place + (kind, name)
        if entry in self.answered:
            return
        if len(self.answered) < _MOST_KEPT:
            self.answered.append(entry)
        else:
            self.kept_back += 1

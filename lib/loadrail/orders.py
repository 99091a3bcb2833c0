# What an operator asks of a charger: stop, start, authorise, lock, unlock, restart.
#
# Each is refused where the charger's state does not allow it, with the reason; what is allowed is
# either a mark of ours (a stop holds it at 0 A, which every charger understands) or one write,
# which the poller sends between its reads. A start over session_request is tried only where the
# session has been stopped at the charger: if it is taken for a stop there (some firmware may know
# 0 and 1 only), nothing is lost. What is read back then tells whether it may be tried again.

from loadrail import abilities, events, overdraw, registers
from loadrail.clock import age_ms
from loadrail.presence import ONLINE
from loadrail.registers import CHARGE_POINT_STATE, NOT_AUTHORISED, SOCKET_LOCK_REQUEST

STOP, START, AUTHORISE, LOCK, UNLOCK, RESTART = range(6)
NAMES = ("stop", "start", "authorise", "lock", "unlock", "restart")

_FLOWS_MA = 1000  # under more than this no contactor should open
_UNHEARD_MS = 20_000  # an order that could not be delivered for so long is dropped


class Orders:
    """Orders of a group of n chargers; `log` is an Events."""

    def __init__(self, n: int, log):
        self.stopped = [False] * n  # held at 0 A until started, or until the car leaves
        self.pending = [None] * n  # an order to be written
        self.register = [0] * n
        self.word = [0] * n
        self.asked_at = [None] * n
        self.trying = [False] * n  # a start was written and is to be read back
        self._log = log

    def ask(self, kind: int, i: int, now_ms: int, c) -> "str | None":
        """Take an order for charger `i`; None, or why it is refused."""
        if c.presence[i] != ONLINE or not c.known[i]:
            return "it does not answer"
        if self.pending[i] is not None:
            return "%s is still under way" % NAMES[self.pending[i]]
        return _ASK[kind](self, i, now_ms, c)

    def look(self, now_ms: int, c) -> None:
        """Forget a stop with its car, and drop what could not be delivered."""
        for i in range(c.n):
            if c.status[i] == registers.NO_CAR:
                self.stopped[i] = False
            if self.pending[i] is not None and age_ms(now_ms, self.asked_at[i]) > _UNHEARD_MS:
                self._log.add(now_ms, events.ORDER_UNHEARD, i, self.pending[i])
                self.pending[i] = None

    def done(self, i: int, now_ms: int, c) -> None:
        """Its write was acknowledged. A start is done when it was read back."""
        kind = self.pending[i]
        self.pending[i] = None
        c.check[i] = True
        if self.register[i] != registers.SESSION_REQUEST:
            self._log.add(now_ms, events.ORDER_DONE, i, kind)
        elif self.word[i]:
            self.trying[i] = True

    def read_back(self, i: int, now_ms: int, c) -> None:
        """The settings were read: what became of a start?"""
        if not self.trying[i]:
            return
        self.trying[i] = False
        word = c.word(i, registers.SESSION_REQUEST)
        if word:
            c.takes_start[i] = abilities.YES if word == 2 else abilities.NO
            self._write(START, i, now_ms, registers.SESSION_REQUEST, 0)  # it would stay for ever
        code = events.ORDER_REFUSED if word == 1 else events.ORDER_DONE
        self._log.add(now_ms, code, i, START)

    def refused(self, i: int, now_ms: int, exception: int, c) -> None:
        self._log.add(now_ms, events.ORDER_REFUSED, i, self.pending[i], exception)
        self.pending[i] = None
        if self.register[i] == registers.SESSION_REQUEST and self.word[i]:
            c.takes_start[i] = abilities.NO

    def _write(self, kind, i, now_ms, register, word) -> None:
        self.pending[i] = kind
        self.register[i] = register
        self.word[i] = word
        self.asked_at[i] = now_ms

    def _stop(self, i, now_ms, c):
        if c.status[i] == registers.NO_CAR:
            return "no car is connected"
        if self.stopped[i]:
            return "it is stopped already"
        self.stopped[i] = True
        return None

    def _start(self, i, now_ms, c):
        by_user = c.has(i, CHARGE_POINT_STATE) and (
            c.word(i, CHARGE_POINT_STATE) == registers.STOPPED_BY_USER
        )
        if c.status[i] == registers.NO_CAR:
            return "no car is connected"
        if by_user and c.takes_start[i] == abilities.NO:
            return (
                "the session was stopped at the charger, and it takes no start over Modbus: "
                "start it there or in its app"
            )
        if c.status[i] == NOT_AUTHORISED and not by_user:
            return "it is not authorised; authorise it first"
        if not (self.stopped[i] or by_user or c.pauses[i]):
            return "it is not stopped"
        self.stopped[i] = False
        overdraw.release(i, c)
        if by_user:
            self._write(START, i, now_ms, registers.SESSION_REQUEST, 2)
        return None

    def _authorise(self, i, now_ms, c):
        if c.status[i] != NOT_AUTHORISED:
            return "it does not wait for an authorisation"
        self._write(AUTHORISE, i, now_ms, registers.AUTHORIZE_REQUEST, 1)
        return None

    def _lock(self, i, now_ms, c):
        if c.word(i, SOCKET_LOCK_REQUEST) == 1:
            return "it is set to be locked always already"
        self._write(LOCK, i, now_ms, SOCKET_LOCK_REQUEST, 1)
        return None

    def _unlock(self, i, now_ms, c):
        """From always locked back to auto; in auto, by force."""
        if _flows(i, c):
            return "current flows; stop it first"
        always = c.word(i, SOCKET_LOCK_REQUEST) == 1
        unlocked = c.has(i, registers.LOCK_STATUS) and not c.word(i, registers.LOCK_STATUS)
        if unlocked and not always:
            return "it is not locked"
        self._write(UNLOCK, i, now_ms, SOCKET_LOCK_REQUEST, 0 if always else 2)
        return None

    def _restart(self, i, now_ms, c):
        if _flows(i, c):
            return "current flows, and its contactor would open under it; stop it first"
        self._write(RESTART, i, now_ms, registers.REBOOT_REQUEST, 1)
        return None


_ASK = (
    Orders._stop,
    Orders._start,
    Orders._authorise,
    Orders._lock,
    Orders._unlock,
    Orders._restart,
)


def _flows(i, c) -> bool:
    return max(c.draw_ma[3 * i : 3 * i + 3]) >= _FLOWS_MA

# What an answer makes known of a charger: status, the limit it holds, settings, who it is.
#
# Functions over columns of Chargers; the words were kept already (image.py). `log` is an Events.

from loadrail import events, registers
from loadrail.clock import add_ms
from loadrail.presence import DEFIANT

_HEAD_START_MS = 3000  # of its watchdog's third: a decision comes before the first refresh
_MOST_CURRENT_MA = 100_000  # of a 32 A charger: above this a reading is a fault
_TERMINAL_MA = [0, 0, 0]  # for the while of a call


def plausible(words) -> bool:
    """Whether a status block can be that of a charger."""
    if words[registers.EVSE_STATUS] > registers.UNKNOWN:
        return False
    for k in range(3):
        current_ma = registers.signed16(words[registers.CURRENT_L1 + k]) * 100
        if not -_MOST_CURRENT_MA < current_ma < _MOST_CURRENT_MA:
            return False
    return True


def take_status(i, now_ms, c, words) -> None:
    terminal_ma = _TERMINAL_MA
    for k in range(3):
        current_ma = registers.signed16(words[registers.CURRENT_L1 + k]) * 100
        terminal_ma[k] = max(0, current_ma)
    c.read_status(i, now_ms, words[registers.EVSE_STATUS], terminal_ma)


def take_limit(i, now_ms, c, log, settings: bool) -> None:
    """Registers 12 to 15: what it can, its phases, and the limit that it holds."""
    c.amp_limit_a[i] = limit_of(c.word(i, registers.AMP_LIMIT), 32)
    c.phase_to_use[i] = c.word(i, registers.PHASE_TO_USE)
    c.find_cap(i)
    read_a = limit_of(c.word(i, registers.AMPS_TO_USE), c.amp_limit_a[i])
    if c.known[i]:
        _compare_limit(i, now_ms, c, log, read_a)
    elif settings:
        _begin_with(i, now_ms, c, read_a * 1000)


def _compare_limit(i, now_ms, c, log, read_a) -> None:
    """Read back: is it what was acknowledged, or what was commanded?"""
    read_ma = read_a * 1000
    if c.unwritten[i] and not c.in_doubt[i]:
        c.held_ma[i] = max(c.held_ma[i], read_ma)
        return  # nothing that could be compared was written yet
    first_proof = c.unproven[i]
    c.proven_ma[i] = read_ma
    c.unproven[i] = False
    if c.in_doubt[i]:
        c.acknowledged(i, now_ms, read_ma)  # a write went unanswered: now it is known
        c.wrote_at[i] = None  # but not whether its watchdog was fed
    if c.balks[i] and read_ma == c.limit_ma[i]:
        _obeys(i, now_ms, c, log)
    if read_ma == c.held_ma[i] and not (c.balks[i] and first_proof):
        return
    if not first_proof:
        c.overrides[i] += 1
        log.add(now_ms, events.LIMIT_CHANGED, i, read_a)
    elif c.held_ma[i] > read_ma > 0:
        _clamped(i, now_ms, c, log, read_a)
    else:
        balk(i, now_ms, c, log)
    c.held_ma[i] = max(read_ma, c.held_ma[i])
    c.wrote_at[i] = None  # due at once


def _obeys(i, now_ms, c, log) -> None:
    if c.balks[i] >= DEFIANT:
        log.add(now_ms, events.OBEYS, i)
    c.balks[i] = 0
    c.acknowledged(i, now_ms, c.limit_ma[i])
    c.wrote_at[i] = None  # when that was is not known


def _clamped(i, now_ms, c, log, read_a) -> None:
    """It acknowledged a limit and holds less: once may be somebody else, again is its own."""
    c.balks[i] += 1
    if c.balks[i] >= DEFIANT:
        c.balks[i] = 0
        c.seen_cap_a[i] = read_a
        c.find_cap(i)
        log.add(now_ms, events.CLAMPED, i, read_a)


def take_settings(i, now_ms, c, log) -> None:
    """Registers 16 to 22, after those of _take_limit: its watchdog. Now it is known."""
    timeout_s = c.word(i, registers.COMMUNICATION_TIMEOUT)
    failsafe_a = limit_of(c.word(i, registers.FAILSAFE_CURRENT), c.amp_limit_a[i])
    was_fine, is_first = c.settings_fine[i], c.timeout_ms[i] is None
    if not c.settings_read(i, timeout_s, failsafe_a) and was_fine:
        c.overrides[i] += 1
        register, word = registers.COMMUNICATION_TIMEOUT, timeout_s
        if timeout_s == c.wanted[0]:
            register, word = registers.FAILSAFE_CURRENT, failsafe_a
        log.add(now_ms, events.SETTING_CHANGED, i, register, word)
    if is_first and c.held_ma[i] < c.failsafe_ma[i]:
        c.held_ma[i] = c.failsafe_ma[i]  # its watchdog may have run out before we came
    c.unwritten[i] = c.unwritten[i] or not c.known[i]
    c.known[i] = True
    c.check[i] = False


def look_who(i, now_ms, c, log) -> None:
    """Another serial number or firmware: what was found out about it may not hold."""
    serial = c.word(i, registers.SERIAL_NUMBER) ^ c.word(i, registers.SERIAL_NUMBER + 1) << 13
    who = serial ^ c.word(i, registers.FIRMWARE_VERSION) << 5
    if c.who[i] is not None and c.who[i] != who:
        log.add(now_ms, events.REPLACED, i)
        c.forget_abilities(i)
        c.known[i] = False
    if c.who[i] is None:
        c.recall(i, who)
    c.who[i] = who


def balk(i, now_ms, c, log) -> None:
    """It did not take its limit, once more."""
    c.balks[i] += 1
    if c.balks[i] == DEFIANT:
        log.add(now_ms, events.DEFIES, i, c.held_ma[i] // 1000)


def _begin_with(i, now_ms, c, read_ma) -> None:
    """Settings are read for the first time, or again after a silence."""
    if c.timeout_ms[i] is None:
        c.limit_ma[i] = read_ma  # start from what it has (S8)
        c.held_ma[i] = read_ma
        c.turn_at[i] = now_ms if read_ma else None
        c.wrote_at[i] = add_ms(now_ms, -_HEAD_START_MS)
        return
    if read_ma not in (c.held_ma[i], c.limit_ma[i]):
        # It has lost what it held, or somebody set it: not known what it does until written.
        c.overrides[i] += 1
        read_ma = max(read_ma, c.amp_limit_a[i] * 1000)
    c.held_ma[i] = max(read_ma, c.failsafe_ma[i] or 0)  # its watchdog may have run out
    c.wrote_at[i] = None


def limit_of(word: int, otherwise: int) -> int:
    """A register that holds 0 or 6..32 A; anything else is not known: then the most it may be."""
    return word if word == 0 or 6 <= word <= 32 else otherwise

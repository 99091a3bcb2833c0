# The board's one lamp: what the first charger does, as a pattern that is told from across a desk.

from loadrail_site import teltocharge as tc

# evse_status: (lit ms, of every ms); the ones not listed blink evenly
_PATTERNS = {
    tc.CHARGING: (1000, 1000),
    tc.NO_EV: (50, 2000),
    tc.ERROR: (100, 200),
}
_CAR_WAITS = (500, 1000)


def is_lit(charger, now_ms):
    """Is the lamp on now? A charger that does not answer has it off."""
    if charger.silent or charger.is_deaf():
        return False
    lit_ms, period_ms = _PATTERNS.get(charger.status, _CAR_WAITS)
    return now_ms % period_ms < lit_ms

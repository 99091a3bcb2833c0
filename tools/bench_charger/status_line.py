# What a charger does, in one line for the person at the desk.

from loadrail.sentences import EVSE_STATUS_TEXTS, amps
from loadrail_site import teltocharge as tc

_PHASES = ("L1", "L2", "L3", "L1+L2", "L1+L3", "L2+L3", "L1+L2+L3", "none")
_CAUSES = {
    tc.CAUSE_HARDWARE: "its hardware",
    tc.CAUSE_MAX_GRID: "max_grid_current",
    tc.CAUSE_USER: "user_max_current",
    tc.CAUSE_CABLE: "cable",
    tc.CAUSE_EVSE_DEFAULTS: "failsafe: the primary is gone",
    tc.CAUSE_LOAD_BALANCE: "amps_to_use",
}


def status_line(charger):
    """What a charger does, in one line."""
    limit_a, cause = charger.limit_and_cause()
    car = "no car"
    if charger.car:
        car = "car of %d phases, %s A" % (charger.car.phases, amps(charger.car.max_ma))
    parts = [
        "%d: %s" % (charger.address, EVSE_STATUS_TEXTS[charger.status]),
        "draws " + _draws(charger),
        "limit %d A (%s)" % (limit_a, _CAUSES.get(cause, cause)),
        "phase_to_use " + _PHASES[charger.settings[tc.PHASE_TO_USE]],
        "watchdog " + _watchdog(charger),
        car,
    ]
    if charger.silent or charger.is_deaf():
        parts.append("does not answer")
    return "; ".join(parts)


def _draws(charger):
    parts = []
    for phase, draw_ma in zip(charger.grid_phases, charger.draws_ma):
        parts.append("L%d %s A" % (phase + 1, amps(draw_ma)))
    return ", ".join(parts)


def _watchdog(charger):
    """Its time left, found by asking it about the seconds to come."""
    watchdog = charger.watchdog
    if not watchdog.timeout_s:
        return "off"
    for left_s in range(watchdog.timeout_s + 1):
        if watchdog.expired(charger.now_ms + left_s * 1000):
            return "%d s left" % left_s if left_s else "has run out"
    return "has been fed just now"

# A charger's evse_status, from what it is and what its car does.

from . import teltocharge as tc


def evse_status(charger):
    """0..9, as the register shows it."""
    if charger.error_bits:
        return tc.ERROR
    if charger.forced_status is not None:
        return charger.forced_status
    return tc.NO_EV if charger.car is None else _with_car(charger)


def _with_car(charger):
    if not charger.session.may_charge():
        return tc.NOT_AUTHORIZED
    if charger.is_drawing():
        return tc.CHARGING
    if charger.car.is_full():
        return tc.STOPPED_BY_EV
    if charger.signal_a:
        return tc.WAITING_FOR_EV
    paused_after = charger.session.has_charged
    return tc.PAUSED_AFTER_CHARGE if paused_after else tc.PAUSED_BEFORE_CHARGE

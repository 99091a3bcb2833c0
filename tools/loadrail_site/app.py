# What the maker's phone app may change at a charger behind the primary's back.
#
# It does not come over the bus: it feeds no watchdog, neither frozen answers nor a deaf ear are in
# its way, and a switch of phases is not counted as one that the primary made under current.

from . import teltocharge as tc

SETTINGS = {
    "phase_to_use": tc.PHASE_TO_USE,
    "amps_to_use": tc.AMPS_TO_USE,
    "session_request": tc.SESSION_REQUEST,
    "authorize_request": tc.AUTHORIZE_REQUEST,
    "socket_lock_request": tc.SOCKET_LOCK_REQUEST,
    "communication_timeout": tc.COMMUNICATION_TIMEOUT,
    "failsafe_current": tc.FAILSAFE_CURRENT,
    "reboot_request": tc.REBOOT_REQUEST,
}
# Read-only for the primary: the charger's attribute, and its range in amperes.
CAPS = {
    "user_max_current": ("user_max_a", 6, 32),
    "max_grid_current": ("max_grid_a", 6, 1000),
}


def change(charger, register, value):
    """Set a register by its name, in its own unit. Raises ValueError on what the table forbids."""
    if register in CAPS:
        attribute, low, high = CAPS[register]
        if not low <= value <= high:
            raise ValueError("%s is %d..%d A" % (register, low, high))
        setattr(charger, attribute, value)
        return
    if register not in SETTINGS:
        raise ValueError("the app has no %s" % register)
    if charger.table.nearest(SETTINGS[register], value) != value:
        raise ValueError("%s cannot be %d" % (register, value))
    charger.table.put(SETTINGS[register], value)

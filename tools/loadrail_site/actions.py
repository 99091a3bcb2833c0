# What a scenario's events may do to a device: "do" names it, further keys are its arguments.
#
#   silent, deaf, back           see device.py; back from both
#   restart [boot_ms]            a reboot; another time than the charger's own may be given
#   lose_registers               settings back to their defaults at once, no reboot
#   swap                         another unit hangs there: another serial number, all at defaults
#   stick, unstick               the meter refreshes nothing
#   reverse phases               its current transformers on these (0..2) are turned; [] none
#   error, error_gone            an internal error, which opens the contactor
#   lie what                     one of lies.LIES, or null for the truth
#   freeze [writes], thaw        reads show this moment for ever; writes "obeyed" or "dropped"
#   app register, value          somebody changes a setting by phone, see app.py

from . import app

INTERNAL_ERROR = 1 << 10


def _set(**values):
    def act(device):
        for name, value in values.items():
            setattr(device, name, value)

    return act


def _lie(charger, what):
    charger.lie = what


def _freeze(charger, writes="obeyed"):
    if writes not in ("obeyed", "dropped"):
        raise ValueError("frozen writes are obeyed or dropped")
    charger.frozen_writes = writes
    charger.freeze()


def _reverse(meter, phases):
    meter.reversed = tuple(phases)


ACTIONS = {
    "silent": _set(silent=True),
    "deaf": _set(deaf=True),
    "back": _set(silent=False, deaf=False),
    "restart": lambda charger, boot_ms=None: charger.restart(boot_ms),
    "lose_registers": lambda charger: charger.lose_registers(),
    "swap": lambda charger: charger.swap(),
    "stick": _set(stuck=True),
    "unstick": _set(stuck=False),
    "reverse": _reverse,
    "error": _set(error_bits=INTERNAL_ERROR),
    "error_gone": _set(error_bits=0),
    "lie": _lie,
    "freeze": _freeze,
    "thaw": lambda charger: charger.thaw(),
    "app": app.change,
}


def action(event):
    """The function of a device that an event asks for. Raises ValueError on an unknown one."""
    name = event["do"]
    if name not in ACTIONS:
        raise ValueError("nothing can do %s" % name)
    arguments = dict(event)
    for key in ("at_s", "device", "do"):
        del arguments[key]
    act = ACTIONS[name]
    return (lambda device: act(device, **arguments)) if arguments else act

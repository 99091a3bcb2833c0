# Loadrail's decisions: no I/O, no clock, no float. The same files run on CPython and MicroPython.

__version__ = "0.1.0"


def run(line: str) -> None:
    """At MicroPython's prompt: answer a line as the console would, while no control runs.

    The one way from here into the firmware, for people who type; nothing in this package uses it.
    """
    from primary.prompt import run

    run(line)

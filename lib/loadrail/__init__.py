# Loadrail's decisions: no I/O, no clock, no float. The same files run on CPython and MicroPython.

__version__ = "0.1.0"

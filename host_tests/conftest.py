"""What the tests share: paths, and the one name of MicroPython's that umodbus needs on CPython."""

import os
import signal
import sys
import types
from pathlib import Path

from hypothesis import settings

# A shell that starts the tests in the background lets them ignore Ctrl-C, and all that they start.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent

if "micropython" not in sys.modules:
    sys.modules["micropython"] = types.SimpleNamespace(const=lambda value: value)
sys.path.append(str(ROOT / "build" / "umodbus" / "host"))

# `make soak` draws that many times more cases than `make test`.
SOAK = int(os.environ.get("LOADRAIL_SOAK", "1"))


def cases_of(count):
    """How many cases a law is drawn for in `make test`."""
    return settings(max_examples=count * SOAK, deadline=None, derandomize=SOAK == 1)

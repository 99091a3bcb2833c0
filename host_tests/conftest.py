"""What the tests share: paths, and the one name of MicroPython's that umodbus needs on CPython."""

import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

if "micropython" not in sys.modules:
    sys.modules["micropython"] = types.SimpleNamespace(const=lambda value: value)
sys.path.append(str(ROOT / "build" / "umodbus" / "host"))

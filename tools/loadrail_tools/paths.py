"""Where things are in the checkout, and how the firmware is started on this computer."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "tools" / "scenarios"
UMODBUS_DEVICE = ROOT / "build" / "umodbus" / "device"

# 64-bit objects are twice as large as a board's, so this stands for about 96 KB there, and what
# the host's longer answers need on top.
HEAP = "512K"


def scenario_names() -> list[str]:
    """The scenarios that come with Loadrail."""
    return sorted(path.stem for path in SCENARIOS.glob("*.json"))


def micropython() -> str:
    """The interpreter that is installed beside this Python."""
    return str(Path(sys.executable).parent / "micropython")


def module_path() -> str:
    """MICROPYPATH for the sources, in the order in which a board would look."""
    folders = [ROOT / "lib", ROOT / "firmware", ROOT, UMODBUS_DEVICE]
    return ":".join([*map(str, folders), ".frozen"])


def firmware_command(config: Path, ttys: list[str]) -> list[str]:
    """The command that runs the firmware; its environment needs MICROPYPATH=module_path()."""
    main = str(ROOT / "firmware" / "main.py")
    return [micropython(), "-X", f"heapsize={HEAP}", main, str(config), *ttys]

"""The device's own modules, for use on this computer."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .paths import ROOT


@contextmanager
def lib_on_path() -> Iterator[None]:
    """Import from lib/ below this; afterwards the path is as it was."""
    entry = str(ROOT / "lib")
    sys.path.insert(0, entry)
    try:
        yield
    finally:
        sys.path.remove(entry)

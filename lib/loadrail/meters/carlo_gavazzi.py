# Carlo Gavazzi EM and ET. Registers and units: the maker's EM24, EM341 and EM100/ET100 documents;
# identification codes also from an open driver's table. All send the least significant word first.
#
# With power "easy connection" (measurement mode A, register 0x1103 = 0) the meter shows everything
# as positive: an export then counts as import.

from loadrail.meters.words import I16, I32

_MODE_B = "export shows only in measurement mode B (register 0x1103 = 1)"
_EM24 = "export shows only in application H (register 0x1101 = 7)"

_COMMON = {
    "low_first": True,
    "timeout_ms": 500,
    "voltage": (0x00, 2, I32, 100, 1),
    "current": (0x0C, 2, I32, 1, 1),
    "power": (0x12, 2, I32, 1, 10),
    "total_power": (0x28, 0, I32, 1, 10),
    "frequency": (0x33, 0, I16, 100, 1),
    "import_energy": (0x34, 0, I32, 100, 1),
    "export_energy": (0x4E, 0, I32, 100, 1),
}
_OF_EM24 = {
    "block": 11,
    "frequency": (0x37, 0, I16, 100, 1),
    "import_energy": (0x3E, 0, I32, 100, 1),
    "export_energy": (0x5C, 0, I32, 100, 1),
}


def _as_em24(row):
    row.update(_OF_EM24)
    return row


def _known_by(*codes):
    """Register 0x0B, which must be read alone."""
    return ((3, 0x0B, 1, "is", codes),)


ROWS = {
    "em24": (
        _COMMON,
        _as_em24({"shown": "EM24-DIN", "fingerprint": _known_by(71, 72, 73), "note": _EM24}),
    ),
    "em1xx": (
        _COMMON,
        {
            "shown": "EM110, EM111, EM112, ET112",
            "phases": 1,
            "block": 50,
            "voltage": (0x00, 0, I32, 100, 1),
            "current": (0x02, 0, I32, 1, 1),
            "power": (0x04, 0, I32, 1, 10),
            "total_power": None,
            "frequency": (0x0F, 0, I16, 100, 1),
            "import_energy": (0x10, 0, I32, 100, 1),
            "export_energy": (0x20, 0, I32, 100, 1),
            "fingerprint": _known_by(100, 101, 102, 103, 104, 110, 114, 120, 121),
            "note": _MODE_B,
        },
    ),
    "em3xx": (
        _COMMON,
        {
            "shown": "EM330, EM340, EM341, ET330, ET340",
            "block": 20,  # of two figures in the maker's document the lower one
            "fingerprint": _known_by(331, 332, 335, 336, 341, 345, 346),
            "note": _MODE_B,
        },
    ),
    "em3xx_s27": (
        _COMMON,
        _as_em24(
            {
                "shown": "EM330, EM340 type S27 (as an EM24)",
                "fingerprint": _known_by(338, 348),
                "confidence": "medium",
                "note": "whether its current has a sign; the power's is taken",
            }
        ),
    ),
    "em5xx": (
        _COMMON,
        {
            "shown": "EM530, EM540",
            "block": 50,
            "fingerprint": ((3, 0x0B, 1, "range", (1744, 1763)),),
            "note": "line settings and the 50 registers are those of siblings",
        },
    ),
}

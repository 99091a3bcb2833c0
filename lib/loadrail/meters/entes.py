# Entes MPR-2x and EMM: registers from third parties, line settings from an example or assumed.
# Nothing here comes from the maker. What lies between the values is not known, so it is not read.

from loadrail.meters.words import F32, U32, U64

_COMMON = {
    "power": (26, 2, F32, 1, 1),
    "total_power": (38, 0, F32, 1, 1),
    "confidence": "low",
}

ROWS = {
    "mpr2": (
        _COMMON,
        {
            "shown": "MPR-2x",
            "line": (1, 19200, "N", 1),
            "voltage": (0, 2, U32, 100, 1),
            "current": (14, 2, U32, 1, 1),
            "frequency": (24, 0, U32, 10, 1),
            "import_energy": (216, 0, U64, 1, 1),
            "fingerprint": (
                (3, 0, 6, "near", (1, 2, 3, 1800, 2600)),
                (3, 24, 2, "near", (1, 1, 1, 4500, 6500)),
            ),
            "note": "everything: no document of the maker",
        },
    ),
    "emm": (
        _COMMON,
        {
            "shown": "EMM",
            "voltage": (0, 2, F32, 1000, 1),
            "current": (14, 2, F32, 1, 1),  # mA
            "frequency": (24, 0, F32, 1000, 1),
            "note": "everything, word order and function too: no document of the maker",
        },
    ),
}

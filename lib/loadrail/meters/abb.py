# ABB A and B series. Registers and units: the maker's A43/A44 manual; they are on the wire as
# printed. Magnitudes of current. What a model does not have is answered as absent, so the whole
# range of instantaneous values can be read through.

from loadrail.meters.words import I32, U16, U32, U64

_COMMON = {
    "spans": ((0x5B00, 0x5B3C),),
    "voltage": (0x5B00, 2, U32, 100, 1),
    "current": (0x5B0C, 2, U32, 10, 1),
    "total_power": (0x5B14, 0, I32, 1, 100),
    "frequency": (0x5B2C, 0, U16, 10, 1),
    "import_energy": (0x5000, 0, U64, 10, 1),
    "export_energy": (0x5004, 0, U64, 10, 1),
    "gap_ms": 100,
    "timeout_ms": 500,
}

ROWS = {
    "b23": (
        _COMMON,
        {
            "shown": "A43, A44, B23, B24",
            "power": (0x5B16, 2, I32, 1, 100),
            "fingerprint": ((3, 0x8960, 6, "text", (0, ("B23", "B24", "A43", "A44"))),),
            "note": "line settings as delivered; how an A43 or A44 names itself; "
            "Steel types see no export",
        },
    ),
    "b21": (
        _COMMON,
        {
            "shown": "A41, A42, B21",
            "phases": 1,
            "power": (0x5B14, 0, I32, 1, 100),  # that of L1 stays empty on a B21
            "total_power": None,
            "fingerprint": ((3, 0x8960, 6, "text", (0, ("B21", "A41", "A42"))),),
            "note": "line settings as delivered; registers of A41 and A42 are those of the A43; "
            "Steel types see no export",
        },
    ),
}

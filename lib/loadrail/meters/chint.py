# Chint DTSU666 and DDSU666, and the DTSU666-H that Huawei sells, whose registers are others.
#
# DTSU666: five open implementations. Its floats count in 0.001 A, 0.1 V and 0.1 W, on the
# secondary side of the current transformers; a direct one has the ratio 1. Voltage transformers
# are not supported.
#
# DTSU666-H: sources disagree on the unit and the direction of its power, so none is read, and
# all current is taken for import.

from loadrail.meters.words import F32, I16

ROWS = {
    "dtsu666": (
        {},
        {
            "shown": "DTSU666",
            "spans": ((0x2006, 0x201A),),
            "voltage": (0x2006, 2, F32, 100, 1),
            "current": (0x200C, 2, F32, 1, 1),
            "power": (0x2014, 2, F32, 1, 10),
            "total_power": (0x2012, 0, F32, 1, 10),
            "frequency": (0x2044, 0, F32, 10, 1),
            "import_energy": (0x101E, 0, F32, 1000, 1),
            "export_energy": (0x1028, 0, F32, 1000, 1),
            "ratio": (0x0006, 0, I16, 1, 1),
            "timeout_ms": 300,
            "fingerprint": ((3, 0x000B, 1, "is", (167,)),),
            "note": "some come as 8N2 or as DL/T645: set Modbus at the keys; "
            "where its energies are is disputed",
        },
    ),
    "ddsu666": (
        {},
        {
            "shown": "DDSU666",
            "phases": 1,
            "voltage": (0x2000, 0, F32, 1000, 1),
            "current": (0x2002, 0, F32, 1000, 1),
            "power": (0x2004, 0, F32, 1000, 1),  # kW
            "frequency": (0x200E, 0, F32, 1000, 1),
            "import_energy": (0x4000, 0, F32, 1000, 1),
            "export_energy": (0x400A, 0, F32, 1000, 1),
            "fingerprint": ((3, 0x000B, 1, "is", (166,)),),
            "confidence": "medium",
            "note": "one source has 0.1 V as its unit of voltage; its code is an emulator's",
        },
    ),
    "dtsu666_h": (
        {},
        {
            "shown": "DTSU666-H (Huawei)",
            "line": (11, 9600, "N", 2),
            "block": 80,
            "spans": ((2102, 2182),),
            "sign": "none",
            "current": (2102, 2, F32, 1000, 1),
            "frequency": (2124, 0, F32, 1000, 1),
            "fingerprint": ((3, 2001, 1, "is", (0x3B11,)),),
            "confidence": "low",
            "note": "unit and direction of its power: export counts as import",
        },
    ),
}

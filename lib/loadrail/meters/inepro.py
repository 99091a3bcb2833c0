# Inepro PRO380 and PRO1, two generations. V2: several open implementations, one of them checked
# against a meter; the same registers in WAGO 879-30xx and Klefr. V1: two sources.
#
# Whether the current of V2 has a sign is disputed; that of the phase's power is right either way.

from loadrail.meters.words import F32

_V2 = {
    "line": (1, 9600, "E", 1),
    "block": 75,
    "spans": ((0x5000, 0x5032), (0x6000, 0x604B)),
    "voltage": (0x5002, 2, F32, 1000, 1),
    "current": (0x500C, 2, F32, 1000, 1),
    "power": (0x5014, 2, F32, 1000, 1),  # kW
    "total_power": (0x5012, 0, F32, 1000, 1),
    "frequency": (0x5008, 0, F32, 1000, 1),
    "import_energy": (0x600C, 0, F32, 1000, 1),
    "export_energy": (0x6018, 0, F32, 1000, 1),
    # its own address and the speed in use stand among its settings
    "fingerprint": ((3, 0x4000, 11, "unit", 3), (3, 0x4000, 11, "baud", 4)),
}
_V1 = {
    "line": (1, 9600, "E", 1),
    "block": 2,  # values of two registers stand four apart: one by one
    "voltage": (0x2008, 4, F32, 1000, 1),
    "current": (0x2068, 4, F32, 1000, 1),
    "power": (0x2088, 4, F32, 1000, 1),
    "total_power": (0x2080, 0, F32, 1000, 1),
    "frequency": (0x2020, 0, F32, 1000, 1),
    "fingerprint": ((3, 0x1018, 1, "unit", 0), (3, 0x1020, 1, "baud", 0)),
    "confidence": "medium",
}
_V1_NOTE = "unit of power (kW assumed); energies are not known"

ROWS = {
    "pro380": (_V2, {"shown": "PRO380 from V2 (about 2017), WAGO 879-30xx, Klefr"}),
    "pro1": (
        _V2,
        {
            "shown": "PRO1 from V2 (about 2017)",
            "phases": 1,
            "total_power": None,
            "confidence": "medium",
            "note": "registers are those of L1 of the PRO380",
        },
    ),
    "pro380_v1": (_V1, {"shown": "PRO380 V1", "note": _V1_NOTE}),
    "pro1_v1": (_V1, {"shown": "PRO1 V1", "phases": 1, "total_power": None, "note": _V1_NOTE}),
}

# Eastron SDM. Registers and units: the maker's protocol documents of SDM630, SDM72D-M, SDM120 and
# SDM230, confirmed by open implementations, one of which reads the first 80 registers at once.
#
# A read starts at an even register and has an even length: all values are two registers at even
# ones. Magnitudes of current. The sign of the power factor means two things in two documents, so
# only that of the power counts.

from loadrail.meters.words import F32

_FIRST_80 = ((0x00, 0x50),)

_COMMON = {
    "function": 4,
    "block": 60,
    "spans": _FIRST_80,
    "voltage": (0x00, 2, F32, 1000, 1),
    "current": (0x06, 2, F32, 1000, 1),
    "power": (0x0C, 2, F32, 1, 1),
    "total_power": (0x34, 0, F32, 1, 1),
    "frequency": (0x46, 0, F32, 1000, 1),
    "import_energy": (0x48, 0, F32, 1000, 1),
    "export_energy": (0x4A, 0, F32, 1000, 1),
    "gap_ms": 100,
    "timeout_ms": 300,
}
_ONE_PHASE = dict(_COMMON)
_ONE_PHASE["phases"] = 1
_ONE_PHASE["total_power"] = None

_NO_CODE = "has no known code of its own"
# Where the model has no code: the high words of floats of 80 to 300 V and of 45 to 65 Hz.
_MAINS = (
    (4, 0x00, 6, "near", (0, 2, 3, 0x42A0, 0x4396)),
    (4, 0x46, 2, "near", (0, 1, 1, 0x4234, 0x4282)),
)
_MAINS_1P = ((4, 0x00, 2, "near", (0, 1, 1, 0x42A0, 0x4396)), _MAINS[1])


def _known_by(*codes):
    return ((3, 0xFC02, 1, "is", codes),)


ROWS = {
    "sdm630": (
        _COMMON,
        {
            "shown": "SDM630 V2, SDM630 MCT",
            "block": 80,
            "fingerprint": _known_by(0x0070, 0x0079, 0x0088),
            "note": "the word order can be changed at the meter: leave it as delivered",
        },
    ),
    "sdm630_v1": (
        _COMMON,
        {
            "shown": "SDM630 V1",
            "fingerprint": _MAINS,
            "confidence": "medium",
            "note": _NO_CODE,
        },
    ),
    "sdm72_v2": (
        _COMMON,
        {
            "shown": "SDM72D-M V2",
            "fingerprint": _known_by(0x0089),
            "note": "some take short reads only: sdm72_v2_short",
        },
    ),
    "sdm72_v2_short": (
        _COMMON,
        {
            "shown": "SDM72D-M V2 that takes short reads only",
            "block": 6,
            "fingerprint": _known_by(0x0089),
            "confidence": "medium",
            "note": "seen in the field, not in the maker's document",
        },
    ),
    "sdm54": (
        _COMMON,
        {
            "shown": "SDM54",
            "fingerprint": _MAINS,
            "confidence": "medium",
            "note": "line settings are those of siblings; " + _NO_CODE,
        },
    ),
    "sdm530": (
        _COMMON,
        {"shown": "SDM530", "fingerprint": _MAINS, "confidence": "medium", "note": _NO_CODE},
    ),
    "sdm120": (
        _ONE_PHASE,
        {
            "shown": "SDM120",
            "line": (1, 2400, "N", 1),
            "block": 80,
            "fingerprint": _known_by(0x0020),
            "note": "older ones come with 9600 baud",
        },
    ),
    "sdm220": (
        _ONE_PHASE,
        {
            "shown": "SDM220",
            "line": (1, 2400, "N", 1),
            "fingerprint": _MAINS_1P,
            "confidence": "medium",
            "note": "line settings are those of the SDM120; " + _NO_CODE,
        },
    ),
    "sdm230": (_ONE_PHASE, {"shown": "SDM230", "fingerprint": _known_by(0x002B)}),
}

# Siemens 7KM PAC and 7KT PAC1600. The printed offset is the address on the wire.
#
# Registers of the 7KM: the maker's tables for PAC3200, PAC3120/3220, PAC4200 and the RS485 module;
# those of the 7KT: two open implementations. A 7KM refuses a read that ends within a value, and
# shows magnitudes of current.

from loadrail.meters.words import F32, F64, I32, U32

_7KM = {
    "line": (126, 19200, "N", 2),
    "spans": ((1, 43), (55, 71), (801, 817)),
    "voltage": (1, 2, F32, 1000, 1),
    "current": (13, 2, F32, 1000, 1),
    "power": (25, 2, F32, 1, 1),
}
_TOTALS = {
    "total_power": (65, 0, F32, 1, 1),
    "frequency": (55, 0, F32, 1000, 1),
    "import_energy": (801, 0, F64, 1, 1),
    "export_energy": (809, 0, F64, 1, 1),
}


def _pac(shown, order_number, note, **more):
    """`order_number`: how it begins in the block that names the device, after the maker's 42."""
    row = {"shown": shown, "note": note}
    maker = (3, 64001, 27, "is", (42,))
    row["fingerprint"] = (maker, (3, 64001, 27, "text", (1, (order_number,))))
    row.update(more)
    return row


def _with_totals(row):
    row.update(_TOTALS)
    return row


_LINE_OF_PAC3100 = "line settings are those of the PAC3100"

ROWS = {
    "pac2200": (
        _7KM,
        _with_totals(_pac("7KM PAC2200, PAC3120, PAC3220", "7KM", _LINE_OF_PAC3100)),
    ),
    "pac3200": (_7KM, _with_totals(_pac("7KM PAC3200", "7KM2112", _LINE_OF_PAC3100))),
    "pac4200": (_7KM, _with_totals(_pac("7KM PAC4200, PAC4220", "7KM", _LINE_OF_PAC3100))),
    "pac3100": (
        _7KM,
        _pac(
            "7KM PAC3100",
            "7KM",
            "registers are those of its siblings; its one energy counter is not read",
            spans=((1, 37),),
            confidence="medium",
        ),
    ),
    "pac1020": (
        _7KM,
        _pac(
            "7KM PAC1020",
            "7KM1020",
            "registers and line settings are those of its siblings",
            confidence="low",
        ),
    ),
    "pac1600": (
        {},
        {
            "shown": "7KT PAC1600 (7KT1665, 7KT1666)",
            "block": 24,
            "spans": ((1, 31), (57, 61), (6687, 6691)),
            "voltage": (1, 2, U32, 10, 1),
            "current": (7, 2, U32, 1, 10),
            "power": (19, 2, I32, 1, 100),
            "total_power": (57, 0, I32, 1, 100),
            "frequency": (49, 0, I32, 10, 1),
            "import_energy": (6687, 0, U32, 1, 1),
            "export_energy": (6689, 0, U32, 1, 1),
            "fingerprint": (
                (3, 1, 6, "near", (1, 2, 3, 18000, 26000)),
                (3, 49, 2, "near", (1, 1, 1, 4500, 6500)),
            ),
            "confidence": "medium",
            "note": "line settings are a guess",
        },
    ),
}

# SmartStuff P1 Modbus dongle (RS485): what a Dutch or Belgian utility meter tells on its P1
# port. Registers: the maker's documentation. Currents are magnitudes, mostly in whole amperes;
# each phase has a power of import and one of export. The utility meter refreshes every 1 s or 10
# s.

from loadrail.meters.words import U32

_COMMON = {
    "line": (43, 38400, "E", 1),
    "spans": ((0, 50),),
    "sign": "export",
    "whole_amperes": True,
    "voltage": (18, 2, U32, 1, 1),
    "current": (24, 2, U32, 1, 1),
    "power": (38, 2, U32, 1, 1),
    "export_power": (44, 2, U32, 1, 1),
    "import_energy": (10, 0, U32, 1, 1),
    "export_energy": (12, 0, U32, 1, 1),
    "fingerprint": ((3, 110, 2, "text", (0, ("P1M3",))),),
    "note": "needs its firmware 1.2.1; before a DSMR5 utility meter a sample may be 10 s old",
}

ROWS = {
    "p1": (_COMMON, {"shown": "P1 Modbus dongle"}),
    "p1_1p": (_COMMON, {"shown": "P1 Modbus dongle, one-phase connection", "phases": 1}),
}

# Acrel. ADL400: the maker's manual; the others: one open source each, or a sibling's registers.
#
# Values are those of the secondary side of the current transformers where the model takes them.
# The ratio is read first and without it there is no sample. Voltage transformers are not
# supported.

from loadrail.meters.words import F32, I16, I32, U16, U32

_LOW_BLOCK = {
    "voltage": (0x61, 1, U16, 100, 1),
    "current": (0x64, 1, U16, 10, 1),
    "frequency": (0x77, 0, U16, 10, 1),
    "import_energy": (0x0A, 0, U32, 10, 1),
    "export_energy": (0x14, 0, U32, 10, 1),
    "secondary_energy": True,
}

ROWS = {
    "adl400": (
        _LOW_BLOCK,
        {
            "shown": "ADL400",
            "spans": ((0x61, 0x78),),
            "power": (0x164, 2, I32, 1, 1),
            "total_power": (0x16A, 0, I32, 1, 1),
            "ratio": (0x8E, 0, U16, 1, 1),
            "fingerprint": ((3, 0xF009, 1, "is", (0xA400,)),),
            "note": "parity: N and E are both reported; its code is missing before 2023",
        },
    ),
    "adl3000": (
        _LOW_BLOCK,
        {
            "shown": "ADL3000, ADL300, DTSD1352",
            "block": 23,
            "spans": ((0x61, 0x78),),
            "power": (0x67, 1, I16, 1, 1),
            "total_power": (0x6A, 0, I16, 1, 1),
            "ratio": (0x14B, 0, U32, 1, 1),
            "fingerprint": (
                (3, 0x61, 23, "near", (0, 1, 3, 2000, 2600)),
                (3, 0x61, 23, "near", (22, 1, 1, 4500, 6500)),
            ),
            "confidence": "medium",
            "note": "register of the transformer ratio; one source counts current in 0.001 A; "
            "above 32 kW on a phase it shows no power",
        },
    ),
    "adw300": (
        {},
        {
            "shown": "ADW300",
            "voltage": (20, 1, U16, 100, 1),
            "current": (26, 1, U16, 10, 1),
            "power": (30, 2, I32, 1, 1),
            "total_power": (36, 0, I32, 1, 1),
            "import_energy": (62, 0, U32, 10, 1),
            "export_energy": (64, 0, U32, 10, 1),
            "confidence": "medium",
            "note": "one source; line settings; whether its values hold the transformer ratio",
        },
    ),
    "adl200": (
        {},
        {
            "shown": "ADL200, ADL100",
            "phases": 1,
            "voltage": (11, 0, U16, 100, 1),
            "current": (12, 0, U16, 10, 1),
            "power": (13, 0, I16, 1, 1),
            "frequency": (17, 0, U16, 10, 1),
            "import_energy": (60, 0, I32, 10, 1),
            "export_energy": (62, 0, I32, 10, 1),
            "confidence": "medium",
            "note": "one source, for one-phase Acrel in general; an ADL200N-CT has others",
        },
    ),
    "acr10r": (
        {},
        {
            "shown": "ACR10R-D16TE (one phase)",
            "phases": 1,
            "voltage": (97, 0, U16, 100, 1),
            "current": (100, 0, U16, 10, 1),
            "power": (103, 0, I16, 1, 1),
            "frequency": (119, 0, U16, 10, 1),
            "import_energy": (71, 0, F32, 1000, 1),
            "export_energy": (73, 0, F32, 1000, 1),
            "confidence": "medium",
            "note": "one source; its RJ45 port may show other registers",
        },
    ),
    "acr10r_3p": (
        {},
        {
            "shown": "ACR10R-D16TE4, ACR10RH (three phases)",
            "spans": ((243, 271),),
            "voltage": (243, 1, U16, 100, 1),
            "current": (249, 1, U16, 10, 1),
            "frequency": (252, 0, U16, 10, 1),
            "power": (253, 2, I32, 1, 1),
            "total_power": (259, 0, I32, 1, 1),
            "fingerprint": (
                (3, 243, 10, "near", (0, 1, 3, 2000, 2600)),
                (3, 243, 10, "near", (9, 1, 1, 4500, 6500)),
            ),
            "confidence": "medium",
            "note": "unit of current, which depends on the transformers: a sample whose power the "
            "current cannot carry is refused; unit of energies",
        },
    ),
}

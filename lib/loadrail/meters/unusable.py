# Models that are known but cannot serve: nothing tells the current of each phase. For a search
# that finds one of them, and for the list of models; (shown, fingerprint, why).

UNUSABLE = {
    "eastron_sdm72_v1": (
        "Eastron SDM72D-M V1",
        ((3, 0xFC02, 1, "is", (0x0084, 0x0200)),),
        "shows the power of all phases together, and no current",
    ),
    "entes_es": ("Entes ES", (), "no register table is public, and some have no Modbus"),
    "entes_mpr7": ("Entes MPR-7x", (), "the units of its registers are not public"),
    "acrel_agf": (
        "Acrel AGF-AE-D",
        ((3, 40000, 2, "text", (0, ("SunS",))),),
        "for two phases against each other, and the place of its scale factors is not settled",
    ),
}

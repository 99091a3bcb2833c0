# Meters as data: one row a model, and how its registers become signed phase currents in mA.
#
# Missing is never zero: a value that is not a number comes out as None, and a sample with a None
# among its currents is no sample.

# The fast read: (function, first register, registers). `offset` counts registers from the first.
# `sign`: where a current has no sign of its own, that of the phase's power (negative = export).
# Registers and sign rule of the SDM630: maker's protocol document v1.8 and v2.0; confirmed by two
# open implementations. A request must start at an even address and have an even length.
MODELS = {
    "eastron_sdm630": {
        "read": (4, 0, 18),
        "type": "float32",
        "voltage_offset": (0, 2, 4),
        "current_offset": (6, 8, 10),
        "power_offset": (12, 14, 16),
        "sign": "power",
    },
}

MAX_CURRENT_MA = 1_000_000  # above 1000 A a reading is a fault, not a load


def float32_milli(high: int, low: int) -> "int | None":
    """IEEE 754 single from two words to thousandths, rounded half away from zero, without floats.

    None for infinities, not-a-number, and what is beyond +-2**30 thousandths.
    """
    exponent = (high >> 7) & 0xFF
    if exponent == 0xFF:
        return None
    if exponent == 0:
        return 0  # below 1e-37
    shift = 150 - exponent  # value = mantissa / 2**shift
    mantissa = ((high & 0x7F | 0x80) << 16 | low) * 1000
    if shift > 40:
        return 0
    if shift < 0:
        if shift < -7:
            return None
        value = mantissa << -shift
    elif shift == 0:
        value = mantissa
    else:
        value = (mantissa + (1 << (shift - 1))) >> shift
    if value >= 1 << 30:
        return None
    return -value if high & 0x8000 else value


def decode(model: dict, words, current_ma: list, power_w: list, voltage_mv: list) -> bool:
    """Fill in three phases from the words of the fast read; False where it is no valid sample.

    Currents are positive for import. A current whose power is missing keeps no sign, so it cannot
    be used either.
    """
    for phase in (0, 1, 2):
        at = model["current_offset"][phase]
        current = float32_milli(words[at], words[at + 1])
        at = model["power_offset"][phase]
        power = float32_milli(words[at], words[at + 1])
        at = model["voltage_offset"][phase]
        voltage_mv[phase] = float32_milli(words[at], words[at + 1])
        if current is None or power is None or not -MAX_CURRENT_MA < current < MAX_CURRENT_MA:
            return False
        if model["sign"] == "power":
            current = abs(current)
            if power < 0:
                current = -current
        current_ma[phase] = current
        power_w[phase] = power // 1000
    return True

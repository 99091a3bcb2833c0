# The registers of every meter model as a simulated meter shows them.
#
# Written from the models' documents and not from the tables in lib/, so that a slip in one of the
# two shows up as a difference. A map reads, for each quantity: its name, the first register (hex),
# the distance from phase to phase, the type as a letter of `struct`, and the counts per V, A, W,
# Hz or kWh. Names: v i p by phase; pi pe the powers of import and export by phase; t total power;
# hz; import and export energies; ct transformer ratio.

_EASTRON = (
    "v 0 2 f 1, i 6 2 f 1, p C 2 f 1, t 34 0 f 1, hz 46 0 f 1, import 48 0 f 1, export 4A 0 f 1"
)
_EASTRON_1P = "v 0 0 f 1, i 6 0 f 1, p C 0 f 1, hz 46 0 f 1, import 48 0 f 1, export 4A 0 f 1"
_GAVAZZI = "v 0 2 i 10, i C 2 i 1000, p 12 2 i 10, t 28 0 i 10, "
_EM24 = _GAVAZZI + "hz 37 0 h 10, import 3E 0 i 10, export 5C 0 i 10"
_EM3XX = _GAVAZZI + "hz 33 0 h 10, import 34 0 i 10, export 4E 0 i 10"
_EM1XX = "v 0 0 i 10, i 2 0 i 1000, p 4 0 i 10, hz F 0 h 10, import 10 0 i 10, export 20 0 i 10"
_PAC_PHASES = "v 1 2 f 1, i D 2 f 1, p 19 2 f 1"
_PAC1020 = _PAC_PHASES + ", t 41 0 f 1, hz 37 0 f 1"
_PAC = _PAC1020 + ", import 321 0 d 1000, export 329 0 d 1000"
_PAC1600 = (
    "v 1 2 I 100, i 7 2 I 10000, p 13 2 i 100, t 39 0 i 100, hz 31 0 i 100, "
    "import 1A1F 0 I 1000, export 1A21 0 I 1000"
)
_ABB = "hz 5B2C 0 H 100, import 5000 0 Q 100, export 5004 0 Q 100"
_ABB_1P = "v 5B00 0 I 10, i 5B0C 0 I 100, p 5B14 0 i 100, " + _ABB
_ABB_3P = "v 5B00 2 I 10, i 5B0C 2 I 100, p 5B16 2 i 100, t 5B14 0 i 100, " + _ABB
_INEPRO = (
    "v 5002 2 f 1, i 500C 2 f 1, p 5014 2 f 0.001, t 5012 0 f 0.001, hz 5008 0 f 1, "
    "import 600C 0 f 1, export 6018 0 f 1"
)
_INEPRO_V1 = "v 2008 4 f 1, i 2068 4 f 1, p 2088 4 f 0.001, t 2080 0 f 0.001, hz 2020 0 f 1"
_DTSU666 = (
    "v 2006 2 f 10, i 200C 2 f 1000, p 2014 2 f 10, t 2012 0 f 10, hz 2044 0 f 100, "
    "import 101E 0 f 1, export 1028 0 f 1, ct 6 0 h 1"
)
_DDSU666 = (
    "v 2000 0 f 1, i 2002 0 f 1, p 2004 0 f 0.001, hz 200E 0 f 1, "
    "import 4000 0 f 1, export 400A 0 f 1"
)
_DTSU666_H = (
    "v 83E 2 f 1, i 836 2 f 1, p 850 2 f 1, t 84E 0 f 1, hz 84C 0 f 1, "
    "import 876 0 f 1, export 87E 0 f 1"
)
_MPR2 = "v 0 2 I 10, i E 2 I 1000, p 1A 2 f 1, t 26 0 f 1, hz 18 0 I 100, import D8 0 Q 1000"
_EMM = "v 0 2 f 1, i E 2 f 1000, p 1A 2 f 1, t 26 0 f 1, hz 18 0 f 1"
_ADL = "v 61 1 H 10, i 64 1 H 100, hz 77 0 H 100, import A 0 I 100, export 14 0 I 100, "
_ADL400 = _ADL + "p 164 2 i 1, t 16A 0 i 1, ct 8E 0 H 1"
_ADL3000 = _ADL + "p 67 1 h 1, t 6A 0 h 1, ct 14B 0 I 1"
_ADL200 = "v B 0 H 10, i C 0 H 100, p D 0 h 1, hz 11 0 H 100, import 3C 0 i 100, export 3E 0 i 100"
_ADW300 = "v 14 1 H 10, i 1A 1 H 100, p 1E 2 i 1, t 24 0 i 1, import 3E 0 I 100, export 40 0 I 100"
_ACR10R = "v 61 0 H 10, i 64 0 H 100, p 67 0 h 1, hz 77 0 H 100, import 47 0 f 1, export 49 0 f 1"
_ACR10R_3P = "v F3 1 H 10, i F9 1 H 100, p FD 2 i 1, t 103 0 i 1, hz FC 0 H 100"
_P1 = (
    "v 12 2 I 1000, i 18 2 I 1000, pi 26 2 I 1, pe 2C 2 I 1, import A 0 I 1000, export C 0 I 1000"
)

UNIT = -1  # in an identity: the meter's own address
BAUD = -2  # and the speed in use


def _text(text, words):
    """ASCII in words, filled up with zeros."""
    raw = (text + "\0" * (2 * words))[: 2 * words]
    return tuple([ord(raw[k]) << 8 | ord(raw[k + 1]) for k in range(0, 2 * words, 2)])


def _siemens(order_number):
    return {64001: (42,) + _text(order_number, 10) + _text("LQN123456", 8) + (0,) * 8}


def _eastron(code):
    return {0xFC00: (0x0012, 0xD687), 0xFC02: (code,), 0xFC03: (0x0102,)}


_INEPRO_SETTINGS = {0x4000: (0x1712, 0x0123, 0x0602, UNIT, BAUD, 0x4000, 0, 0x4000, 0, 0x4000, 0)}
_INEPRO_V1_SETTINGS = {0x1018: (UNIT,), 0x1020: (BAUD,)}
_E_RANGE = ((0x00, 0x4F),)
_PAC_RANGES = ((1, 42), (55, 70), (801, 816))

# model: (phases, functions, most registers at once, map, ranges to read through, identity)
MODELS = {
    "abb_b21": (1, (3,), 125, _ABB_1P, ((0x5B00, 0x5B3B),), {0x8960: _text("B21 112-100", 6)}),
    "abb_b23": (3, (3,), 125, _ABB_3P, ((0x5B00, 0x5B3B),), {0x8960: _text("B23 212-100", 6)}),
    "acrel_acr10r": (1, (3,), 125, _ACR10R, (), {}),
    "acrel_acr10r_3p": (3, (3,), 125, _ACR10R_3P, ((243, 270),), {}),
    "acrel_adl200": (1, (3, 4), 125, _ADL200, (), {}),
    "acrel_adl3000": (3, (3,), 23, _ADL3000, ((0x61, 0x77),), {}),
    "acrel_adl400": (3, (3,), 125, _ADL400, ((0x61, 0x77),), {0xF009: (0xA400,)}),
    "acrel_adw300": (3, (3,), 125, _ADW300, (), {}),
    "carlo_gavazzi_em1xx": (1, (3, 4), 50, _EM1XX, (), {0x0B: (120,)}),
    "carlo_gavazzi_em24": (3, (3, 4), 11, _EM24, (), {0x0B: (71,)}),
    "carlo_gavazzi_em3xx": (3, (3, 4), 20, _EM3XX, (), {0x0B: (341,)}),
    "carlo_gavazzi_em3xx_s27": (3, (3, 4), 11, _EM24, (), {0x0B: (348,)}),
    "carlo_gavazzi_em5xx": (3, (3, 4), 50, _EM3XX, (), {0x0B: (1744,)}),
    "chint_ddsu666": (1, (3,), 125, _DDSU666, (), {0x0B: (166,)}),
    "chint_dtsu666": (3, (3,), 125, _DTSU666, (), {0x0B: (167,)}),
    "chint_dtsu666_h": (3, (3,), 80, _DTSU666_H, ((2102, 2181),), {2001: (0x3B11,)}),
    "eastron_sdm120": (1, (4,), 80, _EASTRON_1P, _E_RANGE, _eastron(0x0020)),
    "eastron_sdm220": (1, (4,), 60, _EASTRON_1P, _E_RANGE, {}),
    "eastron_sdm230": (1, (4,), 60, _EASTRON_1P, _E_RANGE, _eastron(0x002B)),
    "eastron_sdm530": (3, (4,), 60, _EASTRON, _E_RANGE, {}),
    "eastron_sdm54": (3, (4,), 60, _EASTRON, _E_RANGE, {}),
    "eastron_sdm630": (3, (4,), 80, _EASTRON, _E_RANGE, _eastron(0x0070)),
    "eastron_sdm630_v1": (3, (4,), 60, _EASTRON, _E_RANGE, {}),
    "eastron_sdm72_v2": (3, (4,), 60, _EASTRON, _E_RANGE, _eastron(0x0089)),
    "eastron_sdm72_v2_short": (3, (4,), 10, _EASTRON, _E_RANGE, _eastron(0x0089)),
    "entes_emm": (3, (3,), 125, _EMM, (), {}),
    "entes_mpr2": (3, (3,), 125, _MPR2, (), {}),
    "inepro_pro1": (1, (3,), 75, _INEPRO, ((0x5000, 0x5031), (0x6000, 0x604A)), _INEPRO_SETTINGS),
    "inepro_pro1_v1": (1, (3,), 2, _INEPRO_V1, (), _INEPRO_V1_SETTINGS),
    "inepro_pro380": (
        3,
        (3,),
        75,
        _INEPRO,
        ((0x5000, 0x5031), (0x6000, 0x604A)),
        _INEPRO_SETTINGS,
    ),
    "inepro_pro380_v1": (3, (3,), 2, _INEPRO_V1, (), _INEPRO_V1_SETTINGS),
    "siemens_pac1020": (3, (3, 4), 125, _PAC1020, _PAC_RANGES[:2], _siemens("7KM1020-0BA01-1DA0")),
    "siemens_pac1600": (3, (3, 4), 24, _PAC1600, ((1, 30), (57, 60)), {}),
    "siemens_pac2200": (3, (3, 4), 125, _PAC, _PAC_RANGES, _siemens("7KM2200-2EA00-1JA1")),
    "siemens_pac3100": (3, (3, 4), 125, _PAC_PHASES, ((1, 36),), _siemens("7KM3133-0BA00-3AA0")),
    "siemens_pac3200": (3, (3, 4), 125, _PAC, _PAC_RANGES, _siemens("7KM2112-0BA00-3AA0")),
    "siemens_pac4200": (3, (3, 4), 125, _PAC, _PAC_RANGES, _siemens("7KM4212-0BA00-3AA0")),
    "smartstuff_p1": (3, (3,), 125, _P1, ((0, 49),), {110: _text("P1M3", 2)}),
    "smartstuff_p1_1p": (1, (3,), 125, _P1, ((0, 49),), {110: _text("P1M3", 2)}),
}

LOW_WORD_FIRST = ("carlo_gavazzi",)
EVEN_READS = ("eastron",)
ABSENT_AS_ONES = ("abb", "smartstuff")  # what is read through in a range; others show 0
SIGNED_CURRENT = ("carlo_gavazzi_em1xx", "carlo_gavazzi_em3xx")

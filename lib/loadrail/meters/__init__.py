# Meters as data: one row a model, and only the family in use is loaded.
#
# A row is a dict. What it may hold, and what holds where it says nothing:
#
#   shown          the models as their maker calls them
#   function       3 or 4, of every read
#   line           (address, baud, parity, stop bits) as delivered
#   phases         1 or 3; a meter of one phase is on L1
#   block          the most registers in one request
#   spans          ((first, end), ...): ranges that can be read through, values or not
#   low_first      the least significant word comes first
#   current, power, export_power, voltage, total_power, frequency, import_energy,
#   export_energy, ratio  (register of L1, distance to L2, kind, multiply, divide) to mA, W, W, mV,
#                  W, mHz, Wh, Wh, 1; absent where the model has none that can be trusted
#   sign           "power": a current flows the way of its phase's power, negative is export.
#                  "export": there are two powers, and the current is an export where that way is
#                  the larger. "none": nothing tells, and all is taken for import
#   whole_amperes  the current has no finer steps
#   secondary_energy  the energies too are to be multiplied by the ratio
#   fingerprint    see fingerprint.py
#   gap_ms, timeout_ms  what the model is said to need; 0: nothing in particular
#   confidence     "high": the maker's document or two independent sources. "medium": one good
#                  source, or the pattern of a sibling. "low": weak or contradictory
#   note           what is unproven, or has to be set at the meter; empty: nothing

import sys

# family: its models. A model is configured as family_model.
_FAMILIES = {
    "abb": "b21 b23",
    "acrel": "acr10r acr10r_3p adl200 adl3000 adl400 adw300",
    "carlo_gavazzi": "em1xx em24 em3xx em3xx_s27 em5xx",
    "chint": "ddsu666 dtsu666 dtsu666_h",
    "eastron": "sdm120 sdm220 sdm230 sdm530 sdm54 sdm630 sdm630_v1 sdm72_v2 sdm72_v2_short",
    "entes": "emm mpr2",
    "inepro": "pro1 pro1_v1 pro380 pro380_v1",
    "siemens": "pac1020 pac1600 pac2200 pac3100 pac3200 pac4200",
    "smartstuff": "p1 p1_1p",
}

_DEFAULTS = {
    "function": 3,
    "line": (1, 9600, "N", 1),
    "phases": 3,
    "block": 125,
    "spans": (),
    "low_first": False,
    "sign": "power",
    "whole_amperes": False,
    "secondary_energy": False,
    "fingerprint": (),
    "gap_ms": 0,
    "timeout_ms": 0,
    "confidence": "high",
    "note": "",
}


def names() -> list:
    """Every model that can be configured, in alphabetical order. Loads no table."""
    found = []
    for family in _FAMILIES:
        found.extend([family + "_" + model for model in _FAMILIES[family].split()])
    return sorted(found)


def load(name: str) -> dict:
    """The row of a model, whole and the caller's own. KeyError where there is no such model."""
    for family in _FAMILIES:
        if name.startswith(family + "_") and name[len(family) + 1 :] in _FAMILIES[family].split():
            base, own = _rows_of(family)[name[len(family) + 1 :]]
            row = dict(_DEFAULTS)
            row["name"] = name
            row.update(base)
            row.update(own)
            return row
    raise KeyError(name)


def _rows_of(family):
    """A family's table, which nobody keeps: else all its models would stay in a board's memory."""
    path = "loadrail.meters." + family
    rows = __import__(path, None, None, ("ROWS",)).ROWS
    sys.modules.pop(path, None)
    globals().pop(family, None)
    return rows

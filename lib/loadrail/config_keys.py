# Every key of the configuration: its default, and what is allowed. What each means: config_texts.
#
# key: (default, allowed). allowed is (lowest, highest) of a whole number, with further single
# numbers behind; a tuple of words; ("one of", numbers ...); str for a text; a list of ranges: rows
# of such numbers; or a table of keys. A default of None: must be given; of {}: absent where it is
# not given. A number's unit is the end of its key's name, see config_texts.UNITS.

MAX_CHARGERS = 20

LINE = {
    "baud": (9600, ("one of", 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)),
    "parity": ("N", ("N", "E", "O")),
    "stop_bits": (1, (1, 2)),
    "timeout_ms": (300, (20, 5000)),
    "gap_ms": (0, (0, 500)),
}
GROUP = {
    "type": ("dynamic", ("dynamic", "static")),
    "limit_a": (16, (6, 1000)),  # max power from grid; the range is that of register 28
    "margin_a": (0, (0, 100)),
    "largest_load_a": (0, (0, 1000)),
    "breaker_percent": (140, (105, 160)),
    "feeder_a": (0, (6, 1000, 0)),
    "power_limit_w": (0, (0, 1_000_000)),
    "imbalance_a": (0, (0, 1000)),
    "sharing": ("equal", ("equal", "priority")),
    "phase_sharing": ("mixed", ("1_phase", "3_phase", "mixed")),
    "raise_after_s": (10, (0, 300)),
    "start_after_s": (30, (0, 900)),
    "rotation_interval_s": (900, (300, 7200)),
    "meter_stale_s": (10, (3, 60)),
    "meter_loss_a": (0, (0, 1000)),
    "cycle_ms": (1000, (100, 10_000)),
    "communication_timeout_s": (15, (5, 600)),
    "failsafe_current_a": (6, (6, 32, 0)),
    "switch_wait_s": (90, (10, 600)),
    "switch_pause_s": (300, (300, 7200)),
    "switches_per_session": (6, (1, 50)),
    "surplus": ("sum", ("sum", "phase")),
    "solar_hold_s": (30, (0, 900)),
    "solar_resume_s": (120, (0, 3600)),
}
METER = {
    "model": ("eastron_sdm630", ()),  # the words are those of meters.names(), and CLAMPS
    "address": (None, (1, 247)),
    "update_interval_ms": (1000, (200, 10_000)),
    "range_a": (1000, (10, 1000)),
    "phases": (0, ("one of", 0, 1, 3)),
    "bus": ({}, LINE),
    "clamp_ratio": (3000, (500, 10_000)),
    "clamp_burden_mohm": (18_000, (1000, 100_000)),
    "clamp_zero": ({}, [(1648, 2448), (0, 500)]),  # what Clamp.set_zero takes: steps, mA
}
ON_A_BUS = ("address", "bus")
OF_CLAMPS = ("clamp_ratio", "clamp_burden_mohm", "clamp_zero")
CHARGER = {
    "address": (None, (1, 247)),
    "phases": ("unknown", ()),  # the words are those of phases.ORDERS
    "min_a": (6, (6, 32)),
    "min_3p_a": (6, (6, 32)),
    "max_a": (32, (6, 32)),
    "priority": (5, (0, 9)),
    "phase_switching": ("off", ("off", "on")),
    "solar_mode": ("fast", ("fast", "solar", "eco_plus", "eco", "off")),
    "eco_min_a": (6, (6, 32)),
    "eco_plus_min_a": (1, (1, 32)),
    "name": ("", str),
}
INPUTS = {
    "selector": ("off", ("off", "on")),
    "contact": ("none", ("none", "emergency_stop", "block", "allow", "reduce")),
    "contact_active": ("closed", ("closed", "open")),
    "contact_current_a": (6, (6, 32)),
}
# The short form of the chargers, and the keys that both forms have.
SHORT_FORM = {"first_address": (None, (1, 247)), "count": (None, (1, MAX_CHARGERS))}
COMMON = [key for key in CHARGER if key not in ("address", "name")]
for _key in COMMON:
    SHORT_FORM[_key] = CHARGER[_key]
SECTIONS = {"group": GROUP, "bus": LINE, "meter": METER, "inputs": INPUTS}
TOP = ("version", "group", "bus", "meter", "chargers", "inputs")

# What each key of the configuration means, for `help` and docs/configuration.md; lent by config.
#
# A text a section, because that costs a third of the memory that a table does: first what the
# section is, then a line each: key|text. The keys are those of config_keys; a test sees to it.

# The end of a key's name is its unit.
UNITS = {"a": "A", "w": "W", "s": "s", "ms": "ms", "percent": "%", "mohm": "mohm", "baud": "bit/s"}

TEXTS = {
    "version": """of the configuration's form; an older one is brought up to date by itself
""",
    "group": """the circuit, and how its current is shared
type|dynamic: what the meter sees besides the chargers is taken off the limit; static: no meter
limit_a|max power from grid: what the circuit carries per phase
margin_a|kept free of the limit, per phase
largest_load_a|the largest load that others may switch on at any moment; 0: no reserve for it
breaker_percent|what the breaker holds for some seconds: 140 for type B and C, 120 for type E
feeder_a|limit of the chargers' own cable, per phase; 0: none of its own
power_limit_w|limit on the power of all chargers together; 0: none
imbalance_a|the most that the chargers may load one phase more than another; 0: any
sharing|current sharing: equal, or one after the other by priority
phase_sharing|which chargers there are; mixed serves three-phase ones first
raise_after_s|how long current must have been there before somebody gets it
start_after_s|the same, to start a charger
rotation_interval_s|a turn, where there is too little for all
meter_stale_s|without a valid sample for so long the meter counts as lost
meter_loss_a|what all chargers may share, per phase, while the meter is lost; at most limit_a
cycle_ms|how often each charger is asked for its status, where the line is fast enough
communication_timeout_s|the chargers' watchdogs: after so long alone they fall back
failsafe_current_a|what a charger falls back to without the controller
switch_wait_s|without current before phases are switched, and the car told anew
switch_pause_s|the least between two switches of a charger
switches_per_session|the most for one stay of a car
surplus|sum: the export of all phases together counts as the sun's; phase: that of each
solar_hold_s|a shortage for so long, bridged from the grid, puts a solar charger on hold
solar_resume_s|and enough surplus for so long lets it charge again
""",
    "bus": """the chargers' line; all devices on it must be set alike
baud|the usual steps
parity|none, even or odd
stop_bits|after each character
timeout_ms|from the end of a request to the first byte of its answer, at most
gap_ms|silence before a request, where a device needs more than 3.5 characters
""",
    "meter": """required in a dynamic group, absent in a static one
model|its maker and type; clamps are current clamps on the board's own inputs
address|on its line; clamps have none
update_interval_ms|how often it is read
range_a|the most that it can measure, per phase; a sample above is not believed
phases|how many it measures; 1 is L1 alone, as the chargers must be; 0: all that it has
bus|a line of its own, with the keys of bus; absent where it hangs on the chargers'
clamp_ratio|turns of a clamp
clamp_burden_mohm|the resistor on the board that each clamp's current flows through
clamp_zero|what "calibrate show" printed, a row a clamp
""",
    "chargers": """a list, or addresses in a row: first_address, count, and what they have alike
address|on its line
first_address|of the short form; the others follow it
count|of the short form
phases|the grid phase of each of its terminals in turn; unknown counts on all three
min_a|below this it is paused rather than lowered; some cars need 9 or 10
min_3p_a|the same while it charges on three phases, where that is more than min_a
max_a|never more
priority|0 comes first; who has a later one waits until it wants no more
phase_switching|whether it may be switched between three phases and one while a car stays
solar_mode|fast: no sun needed; solar, eco_plus, eco: see the next two; off: does not charge
eco_min_a|eco charges with so much at once, with more where there is surplus
eco_plus_min_a|eco_plus starts at this surplus, the grid adds what is missing; solar at 6 A
name|for the table
""",
    "inputs": """what hangs on the board's own inputs
selector|whether there is a power selector, the switch of ten positions
contact|while active, emergency_stop and block stop all, reduce lowers; allow stops all else
contact_active|whether it is active closed or open; a broken wire is open
contact_current_a|what reduce leaves each charger
""",
}

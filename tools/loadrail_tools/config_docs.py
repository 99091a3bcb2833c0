"""docs/configuration.md and docs/configuration.schema.json, made of the tables in lib/loadrail.

python -m loadrail_tools.config_docs writes them; a test tells when that is due.
"""

import json
import sys

from .config_schema import schema
from .paths import ROOT

sys.path.insert(0, str(ROOT / "lib"))  # the tables are not installed

from loadrail import config_check, config_help, config_keys, migrations
from loadrail.config_texts import TEXTS, UNITS

TARGET = ROOT / "docs" / "configuration.md"
SCHEMA = ROOT / "docs" / "configuration.schema.json"
COMMAND = ".venv/bin/python -m loadrail_tools.config_docs"

HEAD = f"""# Configuration

<!-- made by: {COMMAND} -->

One JSON file. Whole numbers only; a key that is not listed here is refused, as is anything out of
range, and each fault is named with its place. Nothing is half taken: a bad file leaves the old
configuration running. [configuration.schema.json](configuration.schema.json) tells an editor what
may stand where.

On the console `get` shows values, `set group.limit_a 50` tries one at once, `diff` shows what is
not kept yet, `save` keeps it, `revert` goes back to what is kept, and `help group.limit_a` tells
what stands below.

| to | type |
|---|---|
| set something of one charger; the first is `[0]` | `set chargers[3].phases L2L3L1` |
| set it for all | `set chargers.max_a 16` |
| add a charger, take one out | `set chargers[+] {{"address": 9}}`, `unset chargers[4]` |
| give all of them addresses in a row | `set chargers {{"first_address": 2, "count": 5}}` |
| go back to a default | `unset group.margin_a`, or `set group.margin_a null` |
| change what goes only together | `set group.type static; meter null` |
| replace clamps by a meter | `set meter {{"model": "eastron_sdm630", "address": 1}}` |
| take everything with you | `export`; its one line goes into `import` |

What is set runs at once, but for the lines and for clamps in the place of a meter: they are opened
at the start, so `save` and `reboot`. `defaults` leaves what is wired as it is: the lines, the
meter, and the address, phases and name of each charger."""

# What no table can say, below each section's.
NOTES = {
    "group": """The reserve for `largest_load_a` keeps the sum below `breaker_percent` of `limit_a`
less that load, so that it may switch on at any moment. 140 % is what breakers of type B and C hold
for the seconds that the loop needs, 120 % a selective main switch (E type).

`communication_timeout_s` and `failsafe_current_a` are the chargers' registers 19 and 20. They are
written at the start and kept so; a charger that is silent for as long is warned of.

`power_limit_w` is for dimming by the grid operator, say.""",
    "bus": """A charger that is known to answer faster is waited for for less than `timeout_ms`,
down to 150 ms.""",
    "meter": """The models are listed in [meters.md](meters.md). `address` and `bus` are not of
clamps, the last three keys of clamps alone.

With clamps `range_a` must be above `limit_a`, and a reading above it leaves the chargers nothing.
`clamp_burden_mohm` with `clamp_ratio` sets where the input ends, and that must be above `limit_a`,
too: 18000 ends at 194 A. Clamps see no direction: **export counts as import**, which can only
lower what the chargers get.

To calibrate, stop the chargers (`stop all`), open the clamps and take them off the cables, leave
them plugged in, and type `calibrate`. It tells for each clamp what it found, or why it was
refused, and forgets it with the next start unless `clamp_zero` keeps it: a row a clamp, where its
input stands without a current, in steps of the ADC, and its noise in mA, as `calibrate show`
prints them.""",
    "chargers": """Either a list of at most 20, or the short form
`{"first_address": 2, "count": 20}`, which also takes the keys above, but `address` and `name`, for
all of them.

`phases`: `L2L3L1` means that the charger's terminal L1 is on the grid's L2.

`phase_switching` is used where a car charges on one phase of three, and where there is too little
for it on all three. It needs `phases` in a known order, and some cars end their session.

The modes `solar`, `eco_plus` and `eco` need a meter.""",
    "inputs": """The whole section may be left out.""",
}

TAIL = """## version

`"version": 1` is the form described here, and that of a file without a version. A file of an older
form is brought up to date when it is read, and kept so by the next `save`. One of a newer form is
refused whole: flash the firmware that wrote it, or write it anew.

## What is only warned of

Some things are allowed, and told at `save`, because only the owner of the circuit can judge them:

- **All chargers at their failsafe current at once**, on one phase, more than the circuit carries.
  Without the controller each may take `failsafe_current_a`. 20 chargers at 6 A on 63 A are how
  they are delivered, and seldom all draw; but if the breaker must not be what ends it, choose 0.
- The minimums of all chargers together are more than the circuit has: they charge in turns.
- A minimum that is more than there ever is; a limit so low that nobody can begin.
- A line too slow to feed every charger's watchdog three times in `communication_timeout_s`.
- A meter read so seldom that one missed sample makes it count as lost.
- A charger that waits for the sun with a meter that sees no export."""


def words_of(allowed) -> str:
    """What is allowed, for a cell."""
    if allowed is str:
        return f"up to {config_check.TEXT} letters, digits and signs"
    if isinstance(allowed, dict):
        return "as `bus`"
    if isinstance(allowed, list):
        ranges = ", ".join(f"{low} to {high}" for low, high in allowed)
        return f"a list of [{ranges}]"
    if isinstance(allowed[0], str):
        return ", ".join(f"`{word}`" for word in allowed[allowed[0] == "one of" :])
    single = "".join(f"{number} or " for number in allowed[2:])
    return f"{single}{allowed[0]} to {allowed[1]}"


def allowed_in(section: str, key: str, allowed) -> str:
    """The cell of a key: long lists of words stand elsewhere."""
    if (section, key) == ("meter", "model"):
        return "see [meters.md](meters.md); `clamps`"
    if (section, key) == ("chargers", "phases"):
        return "`L1L2L3` and every other order; `L1`, `L2L3`, ...; `unknown`"
    return words_of(allowed)


def default_of(default) -> str:
    if default is None:
        return "required"
    return "absent" if default == {} else "empty" if default == "" else f"`{default}`"


def table(section: str, rows: dict) -> str:
    lines = ["| key | default | allowed | unit | meaning |", "|---|---|---|---|---|"]
    for key, (default, allowed) in rows.items():
        unit = config_help.unit_of(key, UNITS)
        cells = [f"`{key}`", default_of(default), allowed_in(section, key, allowed), unit]
        lines.append(f"| {' | '.join(cells)} | {config_help.meaning(section, key, TEXTS)} |")
    return "\n".join(lines)


def text() -> str:
    """The whole document."""
    parts = [HEAD]
    for section in ("group", "bus", "meter", "chargers", "inputs"):
        rows = config_keys.SECTIONS.get(section, config_keys.CHARGER)
        about = TEXTS[section].split("\n", 1)[0]
        about = about[0].upper() + about[1:] + "."
        parts += [f"## {section}\n\n{about}\n\n{table(section, rows)}", NOTES[section]]
    return "\n\n".join([*parts, TAIL]) + "\n"


def schema_text() -> str:
    made = schema(config_check, TEXTS, config_help, migrations.VERSION)
    return json.dumps(made, indent=1) + "\n"


def main() -> int:
    for target, made in ((TARGET, text()), (SCHEMA, schema_text())):
        target.write_text(made)
        print(target.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())

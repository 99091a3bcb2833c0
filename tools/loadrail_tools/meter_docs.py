"""docs/meters.md, made of the tables in lib/loadrail/meters.

python -m loadrail_tools.meter_docs writes it; a test tells when that is due.
"""

import sys

from .paths import ROOT

sys.path.insert(0, str(ROOT / "lib"))  # the tables are not installed

from loadrail import meters
from loadrail.meters.plan import plan
from loadrail.meters.unusable import UNUSABLE

TARGET = ROOT / "docs" / "meters.md"
COMMAND = ".venv/bin/python -m loadrail_tools.meter_docs"

TITLES = {
    "abb": "ABB",
    "acrel": "Acrel",
    "carlo_gavazzi": "Carlo Gavazzi",
    "chint": "Chint",
    "eastron": "Eastron",
    "entes": "Entes",
    "inepro": "Inepro",
    "siemens": "Siemens",
    "smartstuff": "SmartStuff",
}
BESIDES = {
    "voltage": "voltage",
    "power": "power",
    "frequency": "frequency",
    "import_energy": "import",
    "export_energy": "export",
}
CHARACTERS = 8 + 5  # of a request, and of an answer but for its registers

HEAD = f"""# Meters

<!-- made by: {COMMAND} -->

`meter.model` is the name in the first column. Address and line are those that the meter is
delivered with: set the configuration to what your meter has, or the meter to what your line has.

- **Compare before use** what `status` shows with the meter's own display, on every phase, with a
  known load. All of these have been tested against simulated registers, none yet on hardware.
- **Import is positive, export negative.** Currents without a sign of their own get it from the
  power of their phase. The last column says where export cannot be seen: there it counts as
  import, which can only lower what the chargers get.
- **A sample is refused** where a current is missing; where the voltages are none of a mains (80 to
  300 V on at least one phase, none above); where a power is more than its current can carry. So
  most wrong models, units and word orders end as a lost meter and not as a wrong budget.
- **Current transformers**: DTSU666, ADL400 and ADL3000 show their secondary side; the ratio is
  read from the meter, and without it there is no sample. For the others it has to be set at the
  meter. Voltage transformers are not supported.
- **One-phase meters** are taken for L1. On L2 and L3 nothing is measured.
- ABB and Carlo Gavazzi print A and B the other way round than most.

*Requests* are those of one sample, with the registers that each reads; *line time* is what they
take on the line as delivered, without the meter's own time to answer. Every ten samples one more
request is made for what changes slowly. *Confidence*: high is the maker's document or two
independent sources, medium one good source or a sibling's registers, low weak or contradictory."""


def line_ms(row: dict, blocks) -> int:
    """Time of requests and answers on the line as delivered, in ms."""
    _, baud, parity, stop_bits = row["line"]
    bits = 1 + 8 + (parity != "N") + stop_bits
    characters = sum(CHARACTERS + 2 * count for _, count, _ in blocks)
    return round(characters * bits * 1000 / baud)


def line_of(row: dict) -> str:
    address, baud, parity, stop_bits = row["line"]
    return f"{address}, {baud} 8{parity}{stop_bits}"


def row_of(name: str) -> str:
    row = meters.load(name)
    fast, _ = plan(row)
    registers = " + ".join(str(count) for _, count, _ in fast)
    besides = ", ".join(word for key, word in BESIDES.items() if row.get(key))
    cells = [
        f"`{name}`",
        row["shown"],
        str(row["phases"]),
        line_of(row),
        f"{len(fast)} ({registers})",
        f"{line_ms(row, fast)} ms",
        besides,
        row["confidence"],
        row["note"],
    ]
    return "| " + " | ".join(cells) + " |"


def text() -> str:
    """The whole document."""
    parts = [HEAD]
    columns = "model | meters | phases | address, line | requests | line time | besides currents"
    columns += " | confidence | unproven, or to be set"
    head = f"| {columns} |\n|{'---|' * 9}"
    for family, title in TITLES.items():
        names = [name for name in meters.names() if name.startswith(family + "_")]
        rows = "\n".join(row_of(name) for name in names)
        parts.append(f"## {title}\n\n{head}\n{rows}")
    rows = "\n".join(f"| {shown} | {why} |" for shown, _, why in sorted(UNUSABLE.values()))
    parts.append(f"## Known, and of no use here\n\n| meter | why |\n|---|---|\n{rows}")
    return "\n\n".join(parts) + "\n"


def main() -> int:
    TARGET.write_text(text())
    print(TARGET.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())

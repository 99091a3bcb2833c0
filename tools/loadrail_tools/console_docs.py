"""docs/console.md, made of the table in lib/loadrail/commands_table.py.

python -m loadrail_tools.console_docs writes it; a test tells when that is due.
"""

import sys

from .paths import ROOT

sys.path.insert(0, str(ROOT / "lib"))  # the table is not installed

from loadrail import commands_table
from loadrail.commands import usage

TARGET = ROOT / "docs" / "console.md"
COMMAND = ".venv/bin/python -m loadrail_tools.console_docs"

HEAD = f"""# Console

<!-- made by: {COMMAND} -->

The console is the board's USB port, or the UART that MicroPython's prompt is on (115200 baud), or
standard input and output of `loadrail run`. Control goes on whatever is typed, and whoever does
not read the answers.

- A line is a command. `[ ]` may be left out, `|` is "or", `N` is a charger's number from 1 on.
- Lines that begin with `! ` are the log: they come by themselves.
- `set`, `unset`, `import`, `defaults` and `mode` change what runs, at once, as a whole or not at
  all. `save` keeps it over restarts, `revert` goes back to what is kept, `diff` shows it.
- Commands that are marked also work in safe mode, without a configuration, and at MicroPython's
  prompt.

## For people

Any terminal program will do: `mpremote`, `screen`, PuTTY. Press Enter once: the prompt `> ` comes
as soon as the console has seen a terminal, which it knows by Enter being CR alone, or by a key
that edits. Tab completes commands and keys, or shows what may follow; arrow up and down recall the
last 8 lines; left, right, Home, End, backspace, Del and Ctrl-U edit.

**Ctrl-C** leaves for MicroPython's prompt, in order: the direction pins are low, and the chargers
are left to their own watchdogs. So `mpremote` works as usual. From there

```python
import loadrail

loadrail.run("set group.limit_a 50")
loadrail.run("save")
```

does what the console would, on the configuration that is kept. Ctrl-D or `mpremote reset` starts
control again. Copying files with the controller's watchdog armed wants `maint` first.

## For programs

- Send lines that end with LF or CR LF: nothing is echoed, and there is no prompt.
- A last word `json` makes the answer one line of JSON, of every command; a refusal is
  `{{"error": "..."}}`. A text that is itself `json` as a value has to stand in quotes.
- Ctrl-U (0x15) before a line drops what somebody may have typed and left there.
- A line has at most 120 characters, with `set` and `import` 8192. What is longer, or holds bytes
  that are no printable ASCII, is refused as a whole and does nothing.
- A command that has no form of its own for programs answers `{{"lines": [...]}}`.
- `search json` looks only; `search chargers json` begins one.
- Junk (a modem manager's probes, say) is answered with a refusal and changes nothing.

## Commands"""

PARTS = (
    ("See", ("status", "chargers", "charger", "meter", "bus", "log", "version", "help")),
    ("Chargers", ("stop", "start", "authorise", "lock", "unlock", "restart", "mode")),
    (
        "Configuration",
        ("get", "set", "unset", "diff", "save", "revert", "defaults", "export", "import"),
    ),
    ("Commissioning", ("search", "check", "calibrate")),
    ("The controller", ("maint", "reboot")),
)


def text() -> str:
    """The whole document."""
    parts = [HEAD]
    for title, names in PARTS:
        rows = "\n".join(_row(name) for name in names)
        parts.append(f"### {title}\n\n| command | | without control |\n|---|---|---|\n{rows}")
    return "\n\n".join(parts) + "\n"


def _row(name: str) -> str:
    _, module, form, told = commands_table.row(name)
    command = usage(name, form).replace("|", "\\|")
    return f"| `{command}` | {told} | {'yes' if module.startswith('*') else ''} |"


def main() -> int:
    TARGET.write_text(text())
    print(TARGET.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())

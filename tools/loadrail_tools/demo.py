"""`loadrail demo`: the firmware on MicroPython steers a simulated site over a paced serial line.

The site runs in a thread of its own, the firmware in a process of its own; they share nothing but
the bytes on one tty. What the firmware believes is asked through its console, what is true is
noted at each step of the site; verdict.py holds the one against the other.
"""

import contextlib
import gc
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from . import measure, verdict
from .conclusion import say_verdict
from .controller import Firmware
from .live import Lines, Table, display
from .moment import Moment
from .record import PHASE_NAMES, Record, Told, load_steps
from .serve import SiteServer, buses, serving
from .simulated_site import configuration, load_site
from .watched import WatchedSite
from .wire import Line

SECONDS = (5, 3600)
GROUP = {"start_after_s": 10}  # nobody wants to watch the usual 30 s in which no car starts

STATUS_EVERY_S = 1.0
BUS_EVERY_S = 5.0
LOOK_EVERY_S = 0.05  # at the clock and at the firmware
ANSWER_S = 2.0  # for the last counters

REFUSED = 2
INTERRUPTED = 130
# The line's bytes are due to the millisecond; Python's threads take turns of 5 ms otherwise.
SWITCH_S = 0.0005


class Run:
    """One demo: from the site's first moment to the firmware's end."""

    def __init__(self, site: WatchedSite, line: Line, turnaround_ms: float):
        self.site = site
        self.interrupted = False
        self.last_words: list[str] = []  # the firmware's, should it fail
        self.record = Record(
            site.limit_a,
            [charger.grid_phases for charger in site.chargers],
            load_steps(site.house.base_ma, site.house.steps),
            line,
            turnaround_ms,
            site.samples,
            site.recorder.overloads,
        )

    def run(self, config: Path, shown: Table | Lines) -> None:
        bus_list = buses(self.site, self.record.line, turnaround_ms=self.record.turnaround_ms)
        with serving(self.site, bus_list) as server:
            firmware = Firmware(config, *server.ttys.values(), self._note)
            try:
                self._watch(server, firmware, shown)
            except KeyboardInterrupt:
                self.interrupted = True
            finally:
                with _no_interrupts():
                    self.record.ended_early = not (firmware.running() or self.interrupted)
                    self.record.exit_status = firmware.end(maybe_told=self.interrupted)
                    self.last_words = firmware.said
        if self.site.breaker.tripped:
            self.record.tripped_at_ms = self.site.breaker.tripped_at_ms

    def _watch(self, server: SiteServer, firmware: Firmware, shown: Table | Lines) -> None:
        begin = time.monotonic()
        status_due = bus_due = 0.0
        while (now := time.monotonic() - begin) < self.site.seconds and firmware.running():
            if now >= status_due:
                status_due += STATUS_EVERY_S
                firmware.ask("status json")
            if now >= bus_due:
                bus_due += BUS_EVERY_S
                firmware.ask("bus json")
            shown.show(now, lambda now=now: self._moment(server, now))
            time.sleep(LOOK_EVERY_S)
        now = min(now, self.site.seconds)
        shown.show(now, lambda: self._moment(server, now), last=True)
        self._ask_once_more(firmware)

    def _ask_once_more(self, firmware: Firmware) -> None:
        before = self.record.bus
        firmware.ask("bus json")
        until = time.monotonic() + ANSWER_S
        while self.record.bus is before and time.monotonic() < until and firmware.running():
            time.sleep(LOOK_EVERY_S)

    def _moment(self, server: SiteServer, now_s: float) -> Moment:
        """What is true on the site, beside what the firmware has told last."""
        true = server.call(self.site.snapshot)
        told = self.record.told
        currents = zip(true["grid_ma"], true["house_ma"], strict=True)
        return Moment(
            f"Loadrail demo  {now_s:.0f} of {self.site.seconds:.0f} s",
            now_s,
            self.site.limit_a,
            true["grid_ma"],
            [grid_ma - house_ma for grid_ma, house_ma in currents],
            told[-1].status if told else None,
            phases=["".join(PHASE_NAMES[p] for p in phases) for phases in self.record.phases],
            holds_a=[charger["limit_a"] for charger in true["chargers"]],
            heat_permille=max(true["breaker"]["heat_permille"]),
            tripped=true["breaker"]["tripped"],
            notes=measure.bus_notes(self.record),
        )

    def _note(self, answer: dict) -> None:
        """An answer of the firmware's console; called from the thread that reads it."""
        if "buses" in answer:
            self.record.bus = answer
        elif "chargers" in answer:
            sample = self.site.samples[-1]
            self.record.told.append(Told(sample.at_ms, answer, sample.may_a))


def demo(
    seconds: float,
    chargers: int,
    scenario: str,
    picture: Path,
    line: Line | None = None,
    turnaround_ms: float = 5,
) -> int:
    """Run it, from the main thread, as signals are handled.

    The exit status: 0 all promises kept, 1 not so, 2 refused, 130 interrupted.
    """
    line = line or Line()
    console = Console(highlight=False, soft_wrap=True)
    try:
        site = load_site(scenario, chargers, seconds, SECONDS)
        settings = configuration(site, line, GROUP)
        picture.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return REFUSED
    if len(site.chargers) < chargers:
        console.print(f"The scenario {scenario} has {len(site.chargers)} chargers.")
    run = Run(site, line, turnaround_ms)
    with tempfile.TemporaryDirectory() as folder, _undisturbed():
        config = Path(folder) / "site.json"
        config.write_text(json.dumps(settings), encoding="utf-8")
        with display(console) as shown:
            run.run(config, shown)
    with _no_interrupts():
        return _conclude(run, console, picture)


def _conclude(run: Run, console: Console, picture: Path) -> int:
    """Verdict and picture."""
    from .picture import draw  # matplotlib takes its time, and would take the line's

    record = run.record
    findings = verdict.judge(record)
    if record.ended_early or record.exit_status != 0:
        console.print("The firmware's last words:", *run.last_words, sep="\n  ", markup=False)
    say_verdict(console, record, findings, interrupted=run.interrupted)
    try:
        draw(record, picture)
        console.print(f"Picture: {_near(picture)}", markup=False)
    except OSError as error:
        console.print(f"No picture: {error}", markup=False)
    if run.interrupted:
        return INTERRUPTED
    return 0 if verdict.passed(findings) else 1


def _near(path: Path) -> str:
    """The path as a person here would write it."""
    with contextlib.suppress(ValueError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Python's own pauses kept short while the line is alive; SIGTERM is taken for a Ctrl-C."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    try:
        with _handling(signal.default_int_handler, signal.SIGTERM):
            yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(interval)


def _no_interrupts() -> contextlib.AbstractContextManager:
    """An orderly end takes some seconds; a second Ctrl-C must not spoil it."""
    return _handling(signal.SIG_IGN, signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def _handling(handler: object, *numbers: signal.Signals) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler_before in before.items():
            signal.signal(number, handler_before)

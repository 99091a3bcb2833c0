"""Judges what a demo recorded: was each promise kept, and how fast was it all.

Pure functions of a Record. What is true comes from the simulated site (samples at each of its
steps, overloads, the breaker), what the firmware believed from its console (`told`, `bus`).
Times are milliseconds from the site's start; currents are mA, or A where the name says so.
A promise is kept, broken, or was not tried: then it decides nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .wire import Line

PHASES = (0, 1, 2)
PHASE_NAMES = ("L1", "L2", "L3")
LEAST_A = 6  # IEC 61851: a car takes no less
AFTER_STEP_MS = 10_000  # how long a load step may keep the grid above its limit
NOTICE_MS = 10_000  # to see a charger's silence, and its return; shorter ones are not judged
TARGET_RATIO = 1.25
NOT_CRITICAL = ("console", "collect", "supervisor")  # of the firmware's jobs
ILLEGAL_VALUE = "3"  # Modbus exception: the charger refused what was written

# bytes of a request and of its answer
METER_READ = (8, 5 + 2 * 18)
STATUS_READ = (8, 5 + 2 * 7)


@dataclass(frozen=True)
class Sample:
    """The true state of the site after one of its steps."""

    at_ms: int
    grid_ma: tuple[int, ...]
    house_ma: tuple[int, ...]
    limits_a: tuple[int, ...]  # by charger: what it holds, failsafe current and the like included
    may_a: tuple[tuple[int, ...], ...]  # by charger and phase: that limit, where its car can load
    asked_a: tuple[int, ...]  # by charger: its register amps_to_use
    answers: tuple[bool, ...]  # by charger: not silent, not deaf
    heat_permille: int  # of the breaker's hottest phase; 1000 trips


@dataclass(frozen=True)
class Step:
    """The house takes `rise_ma` more on each of these phases from this time on."""

    at_ms: int
    phases: tuple[int, ...]
    rise_ma: int


@dataclass(frozen=True)
class Told:
    """One `status json` of the firmware, and what the chargers truly might take as it came."""

    at_ms: int
    status: dict
    may_a: tuple[tuple[int, ...], ...]  # as in Sample


@dataclass
class Record:
    """All that a demo has seen."""

    limit_a: int
    phases: list[list[int]]  # by charger: the grid's phases that it hangs on
    steps: list[Step]
    line: Line = field(default_factory=Line)
    turnaround_ms: float = 5
    samples: list[Sample] = field(default_factory=list)
    overloads: list[dict] = field(default_factory=list)  # as loadrail_site.recorder has them
    tripped_at_ms: int | None = None
    told: list[Told] = field(default_factory=list)
    bus: dict | None = None  # the last `bus json`
    ended_early: bool = False  # the firmware did, by itself
    exit_status: int | None = None  # the firmware's; None: it had to be killed

    @property
    def end_ms(self) -> int:
        return self.samples[-1].at_ms if self.samples else 0


@dataclass(frozen=True)
class Silence:
    """A charger gave no answers from `from_ms` to `to_ms` (None: until the end)."""

    charger: int
    from_ms: int
    to_ms: int | None


@dataclass(frozen=True)
class Finding:
    """One promise. `kept` is None where the run did not try it."""

    promise: str
    kept: bool | None
    figures: str


def judge(record: Record) -> list[Finding]:
    """All promises, in the order in which they matter."""
    return [
        breaker_held(record),
        overloads_were_short(record),
        limits_fitted(record),
        silence_was_booked(record),
        limits_were_whole(record),
        firmware_was_well(record),
    ]


def passed(findings: list[Finding]) -> bool:
    return all(finding.kept is not False for finding in findings)


# --- the promises


def breaker_held(record: Record) -> Finding:
    heat = max((sample.heat_permille for sample in record.samples), default=0)
    figures = f"at most {heat / 10:.0f} % of the heat that trips it"
    if record.tripped_at_ms is not None:
        figures = f"it tripped at {_seconds(record.tripped_at_ms)}"
    return Finding("breaker held", record.tripped_at_ms is None, figures)


def overloads_were_short(record: Record) -> Finding:
    promise = f"above {record.limit_a} A for at most 10 s after a load step"
    if not record.overloads:
        return Finding(promise, True, "never above it")
    for overload in record.overloads:
        phase, start_ms, end_ms = overload["phase"], overload["start_ms"], _end(overload, record)
        if not _excused(record, phase, start_ms, end_ms):
            lasted = _seconds(end_ms - start_ms)
            figures = f"{PHASE_NAMES[phase]} from {_seconds(start_ms)} on for {lasted}"
            return Finding(promise, False, f"{figures}, peak {_amps(overload['peak_ma'])}")
    longest_ms = max(_end(row, record) - row["start_ms"] for row in record.overloads)
    peak = max(record.overloads, key=lambda row: row["peak_ma"])
    figures = f"longest {_seconds(longest_ms)}, peak {_amps(peak['peak_ma'])}"
    return Finding(promise, True, f"{figures} on {PHASE_NAMES[peak['phase']]}")


def limits_fitted(record: Record) -> Finding:
    """What the chargers may take, not what they happen to: with the silent ones' too."""
    promise = "house and limits fitted the circuit at all other times"
    fullest = (0, 0, 0)  # mA, time, phase
    for phase in PHASES:
        for sample in record.samples:
            if _excused(record, phase, sample.at_ms, sample.at_ms):
                continue
            total_ma = sample.house_ma[phase] + 1000 * sum(may_a[phase] for may_a in sample.may_a)
            fullest = max(fullest, (total_ma, sample.at_ms, phase))
    total_ma, at_ms, phase = fullest
    figures = f"at most {_amps(total_ma)} on {PHASE_NAMES[phase]} at {_seconds(at_ms)}"
    return Finding(promise, total_ma <= record.limit_a * 1000, figures)


def silence_was_booked(record: Record) -> Finding:
    promise = "silent charger shown, booked, back"
    judged = [silence for silence in silences(record) if _length_ms(silence, record) >= NOTICE_MS]
    if not judged:
        return Finding(promise, None, "none was silent for 10 s")
    for silence in judged:
        fault = _silence_fault(silence, record)
        if fault:
            return Finding(promise, False, f"bay {silence.charger + 1} {fault}")
    return Finding(promise, True, "; ".join(_silence_told(silence, record) for silence in judged))


def limits_were_whole(record: Record) -> Finding:
    promise = "limits always 0, or whole amperes from 6 A up"
    seen = {limit_a for sample in record.samples for limit_a in sample.asked_a}
    seen |= {charger["limit_a"] for told in record.told for charger in told.status["chargers"]}
    seen.discard(None)  # not known to the firmware yet
    wrong = sorted(a for a in seen if a != int(a) or (a != 0 and a < LEAST_A))
    if wrong:
        return Finding(promise, False, f"there was one of {wrong[0]} A")
    refused = sum(row["exceptions"].get(ILLEGAL_VALUE, 0) for row in _devices(record))
    if refused:
        return Finding(promise, False, f"chargers refused {refused} values")
    used = sorted(a for a in seen if a)
    return Finding(promise, True, f"{used[0]} to {used[-1]} A" if used else "all were 0")


def firmware_was_well(record: Record) -> Finding:
    promise = "firmware met its deadlines and ended in order"
    fault = _firmware_fault(record)
    if fault:
        return Finding(promise, False, fault)
    jobs = _critical_jobs(record)
    worst = ", ".join(f"{name} {job['worst_ms']} ms" for name, job in jobs.items())
    return Finding(promise, True, f"longest waits {worst}")


# --- what is measured, and decides nothing


@dataclass(frozen=True)
class Cycle:
    """One meter read and `chargers` status reads: what they took on average, and the floor."""

    chargers: int
    mean_ms: float
    floor_ms: float

    @property
    def ratio(self) -> float:
        return self.mean_ms / self.floor_ms


def cycle(record: Record) -> Cycle | None:
    """From the firmware's own counters; None where it has not told enough."""
    if not record.bus:
        return None
    spent = record.bus["buses"][0]["spent"]
    if not spent["meter"]["count"] or not spent["status"]["count"]:
        return None
    count = len(record.phases)
    meter_us, status_us = (spent[of]["us"] / spent[of]["count"] for of in ("meter", "status"))
    line, turnaround_ms = record.line, record.turnaround_ms
    floor_s = line.transaction_s(*METER_READ, turnaround_ms)
    floor_s += count * line.transaction_s(*STATUS_READ, turnaround_ms)
    return Cycle(count, (meter_us + count * status_us) / 1000, floor_s * 1000)


def reaction_ms(record: Record, step: Step) -> int | None:
    """From a load step to the grid being at or below the limit for good; 0: never above it.

    None where the run ended before.
    """
    back_ms = step.at_ms
    for overload in record.overloads:
        if overload["phase"] not in step.phases:
            continue
        if step.at_ms <= overload["start_ms"] <= step.at_ms + AFTER_STEP_MS:
            if overload["end_ms"] is None:
                return None
            back_ms = max(back_ms, overload["end_ms"])
    return back_ms - step.at_ms


def charged(record: Record) -> tuple[int, int]:
    """How many chargers ever had a limit above 0; the most, mA, that all took on a phase."""
    drawn_ma = 0
    for sample in record.samples:
        drawn_ma = max(drawn_ma, *(sample.grid_ma[p] - sample.house_ma[p] for p in PHASES))
    ever = {i for sample in record.samples for i, limit_a in enumerate(sample.asked_a) if limit_a}
    return len(ever), drawn_ma


def bus_totals(bus: dict) -> dict[str, int]:
    """The counters of all devices on all buses, added up."""
    names = ("ok", "timeout", "crc", "mismatch", "exception", "late")
    rows = [row for line in bus["buses"] for row in line["devices"].values()]
    return {name: sum(row[name] for row in rows) for name in names}


# --- helpers


def load_steps(base_ma: list[int], steps: list[tuple]) -> list[Step]:
    """The rises among a house's steps (at_ms, phases, level_ma)."""
    levels = list(base_ma)
    rises = []
    for at_ms, phases, level_ma in steps:
        higher = tuple(phase for phase in phases if level_ma > levels[phase])
        if higher:
            rises.append(Step(at_ms, higher, max(level_ma - levels[phase] for phase in higher)))
        for phase in phases:
            levels[phase] = level_ma
    return rises


def silences(record: Record) -> Iterator[Silence]:
    """Every time that a charger gave no answers, charger by charger."""
    for charger in range(len(record.phases)):
        from_ms = None
        for sample in record.samples:
            if sample.answers[charger]:
                if from_ms is not None:
                    yield Silence(charger, from_ms, sample.at_ms)
                from_ms = None
            elif from_ms is None:
                from_ms = sample.at_ms
        if from_ms is not None:
            yield Silence(charger, from_ms, None)


def _excused(record: Record, phase: int, start_ms: int, end_ms: int) -> bool:
    """Whether that time lies within 10 s after load steps on that phase."""
    until_ms = None  # how far the steps seen so far excuse, without a gap, from start_ms on
    for step in sorted(record.steps, key=lambda step: step.at_ms):
        if phase not in step.phases:
            continue
        if step.at_ms <= (start_ms if until_ms is None else until_ms):
            if start_ms <= step.at_ms + AFTER_STEP_MS:
                until_ms = step.at_ms + AFTER_STEP_MS
    return until_ms is not None and end_ms <= until_ms


def _end(overload: dict, record: Record) -> int:
    return record.end_ms if overload["end_ms"] is None else overload["end_ms"]


def _length_ms(silence: Silence, record: Record) -> int:
    return (record.end_ms if silence.to_ms is None else silence.to_ms) - silence.from_ms


def _told_during(silence: Silence, record: Record) -> Iterator[tuple[Told, dict]]:
    to_ms = record.end_ms if silence.to_ms is None else silence.to_ms
    for told in record.told:
        if silence.from_ms < told.at_ms < to_ms:
            yield told, told.status["chargers"][silence.charger]


def _silence_fault(silence: Silence, record: Record) -> str | None:
    """What was wrong with the firmware's view of it; None where all was well."""
    i = silence.charger
    during = list(_told_during(silence, record))
    if all(row["online"] for _, row in during):
        return f"fell silent at {_seconds(silence.from_ms)} and was never shown so"
    for told, row in during:
        for booked_a, may_a in zip(row["booked_a"], told.may_a[i], strict=True):
            if booked_a < may_a:
                at = _seconds(told.at_ms)
                return f"was booked with {booked_a} A at {at} while it might take {may_a} A"
    back_for_ms = 0 if silence.to_ms is None else record.end_ms - silence.to_ms
    if back_for_ms >= NOTICE_MS and not record.told[-1].status["chargers"][i]["online"]:
        return f"was back at {_seconds(silence.to_ms)} and is still shown as silent"
    return None


def _silence_told(silence: Silence, record: Record) -> str:
    i = silence.charger
    shown = [(told, row) for told, row in _told_during(silence, record) if not row["online"]]
    text = f"bay {i + 1} shown after {_seconds(shown[0][0].at_ms - silence.from_ms)}"
    booked_a = max(row["booked_a"][phase] for _, row in shown for phase in record.phases[i])
    text += f", {booked_a} A booked"
    if silence.to_ms is None:
        return text + ", silent to the end"
    for told in record.told:
        if told.at_ms >= silence.to_ms and told.status["chargers"][i]["online"]:
            return text + f", back after {_seconds(told.at_ms - silence.to_ms)}"
    return text


def _firmware_fault(record: Record) -> str | None:
    if record.ended_early:
        return f"it ended by itself, with status {record.exit_status}"
    if record.exit_status != 0:
        status = record.exit_status
        return "it had to be killed" if status is None else f"it ended with status {status}"
    if record.bus is None:
        return "it never told its counters"
    for name, job in _critical_jobs(record).items():
        if job["late"] or job["errors"]:
            return f"{name} missed {job['late']} deadlines and failed {job['errors']} times"
    return None


def _critical_jobs(record: Record) -> dict[str, dict]:
    return {name: job for name, job in record.bus["jobs"].items() if name not in NOT_CRITICAL}


def _devices(record: Record) -> list[dict]:
    buses = record.bus["buses"] if record.bus else []
    return [row for line in buses for row in line["devices"].values()]


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.1f} s"


def _amps(ma: int) -> str:
    return f"{ma / 1000:.1f} A"

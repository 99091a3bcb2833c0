"""Judges what a demo recorded: was each promise kept?

Pure functions of a Record. A promise is kept, broken, or was not tried: then it decides nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .record import AFTER_STEP_MS, LEAST_A, PHASE_NAMES, PHASES, Record, Silence, Told, silences

NOTICE_MS = 10_000  # to see a charger's silence, and its return; shorter ones are not judged
NOT_CRITICAL = ("console", "collect", "supervisor")  # of the firmware's jobs
ILLEGAL_VALUE = "3"  # Modbus exception: the charger refused what was written


@dataclass(frozen=True)
class Finding:
    """One promise. `kept` is None where the run did not try it."""

    promise: str
    kept: bool | None
    figures: str


def judge(record: Record) -> list[Finding]:
    """All promises, in the order in which they matter."""
    return [*judge_site(record), firmware_was_well(record)]


def judge_site(record: Record) -> list[Finding]:
    """Those that the core keeps, whatever it runs in."""
    return [
        breaker_held(record),
        overloads_were_short(record),
        limits_fitted(record),
        silence_was_booked(record),
        limits_were_whole(record),
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


# --- helpers


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

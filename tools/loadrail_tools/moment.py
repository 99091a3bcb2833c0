"""One moment of a group as the live table shows it, whether simulated or real.

Currents are mA, None where nobody knows them. `status` is the controller's `status json`. What
only a simulated site can know (`holds_a`, `heat_permille`) is None for a real one.
"""

from dataclasses import dataclass, field

from .firmware import lib_on_path

with lib_on_path():
    from loadrail import registers

WAITING = (registers.STARTING, registers.SHORT_PAUSED, registers.SHORT_NEW)
TROUBLES = ("foreign", "garbled", "frozen")  # reasons that say more than "silent"


@dataclass(frozen=True)
class Moment:
    """What one screen shows."""

    title: str
    now_s: float
    limit_a: int | None
    grid_ma: list[int | None]
    cars_ma: list[int | None]
    status: dict | None = None  # None: the controller has not said anything yet
    labels: list[str] = field(default_factory=list)  # by charger; empty: their numbers
    phases: list[str] = field(default_factory=list)  # by charger, as L2L3L1; empty: not known
    holds_a: list[int] | None = None  # by charger: the limit that it truly has
    heat_permille: int | None = None  # of the breaker's hottest phase
    tripped: bool = False
    notes: list[str] = field(default_factory=list)  # below the table
    trouble: str = ""  # between us and the controller


def of_status(status: dict, now_s: float, title: str, **more: object) -> Moment:
    """A moment of a real controller: all that is known is what it tells."""
    group = status["group"]
    return Moment(
        title,
        now_s,
        group["limit_a"],
        [None if a is None else round(a * 1000) for a in group["grid_a"]],
        [round(a * 1000) for a in group["charging_a"]],
        status,
        **more,
    )


def house_ma(moment: Moment, phase: int) -> int | None:
    """What everything but the chargers takes."""
    grid_ma, cars_ma = moment.grid_ma[phase], moment.cars_ma[phase]
    return None if grid_ma is None or cars_ma is None else grid_ma - cars_ma


def state_of(status: dict, i: int) -> str | None:
    """What charger `i` is instead of online: a word, or None where it is online.

    One that was never heard is no alarm before the controller itself warns of it: after a start
    they are asked in turn.
    """
    row = status["chargers"][i]
    if row["online"]:
        return None
    if row["reason"] in TROUBLES:
        return row["reason"]
    warned = any(text.startswith(f"charger {i + 1} (") for text in status["warnings"])
    return "not heard yet" if row["limit_a"] is None and not warned else "silent"


def count_chargers(status: dict) -> dict[str, int]:
    """How many charge, wait for power or their car, and so on; `not heard yet` only if any."""
    rows = status["chargers"]
    online = [row["status"] for row in rows if row["online"]]
    unheard = sum(state_of(status, i) == "not heard yet" for i in range(len(rows)))
    counts = {
        "charging": online.count(registers.CHARGING),
        "waiting": sum(status in WAITING for status in online),
        "silent": len(rows) - len(online) - unheard,
    }
    counts["idle"] = len(online) - counts["charging"] - counts["waiting"]
    return {**counts, "not heard yet": unheard} if unheard else counts


def meter_text(group: dict) -> str:
    """Whether the controller has a meter to go by."""
    if group["meter_age_ms"] is None:
        return "no meter" if group["meter_ok"] else "meter: no answer yet"
    age = f"{group['meter_age_ms'] / 1000:.1f} s ago"
    return f"meter ok, {age}" if group["meter_ok"] else f"meter LOST, {age}"

"""The site of `loadrail demo --scenario solar`: cars in all solar modes, a house, a drawn sun.

Its times are hours of the day. Seconds of a run count from its beginning, which may be any hour.
"""

from .firmware import lib_on_path

with lib_on_path():
    from loadrail.config import check
    from loadrail_site.site import Site
    from loadrail_site.sun import Sun

FROM_H, UNTIL_H = 5.5, 20.5  # sunrise and sunset of a day with broken clouds
LIMIT_A = 50
SUN = {"kind": "broken", "seed": 3, "array_ma": 55_000}
HOUR_S = 3600

# (mode, phases of the bay, phases of the car, its maximum A, comes at h, leaves at h, needs Wh)
BAYS = (
    ("solar", "L1L2L3", 3, 16, 5, None, 60_000),
    ("solar", "L2L3L1", 1, 32, 7.2, None, 45_000),
    ("eco_plus", "L3L1L2", 3, 16, 8.4, 18, 50_000),
    ("eco", "L1L2L3", 1, 16, 6.5, 19, 30_000),
    ("fast", "L2L3L1", 3, 16, 7.9, 17.2, 24_000),
    ("fast", "L3L1L2", 1, 32, 16.7, None, 12_000),
)


def make(chargers: int, from_h: float = FROM_H, until_h: float = UNTIL_H) -> tuple[Site, dict]:
    """The site with the first so many of its bays, and a controller's configuration for it."""
    bays = BAYS[:chargers]
    data = {
        "seconds": round((until_h - from_h) * HOUR_S),
        "limit_a": LIMIT_A,
        "chargers": [
            {"phases": phases, "cars": [_car(from_h, *more)]} for _, phases, *more in bays
        ],
    }
    site = Site(data, sample_ms=0)
    site.house = Sun(**SUN, start_s=round(from_h * HOUR_S))
    rows = site.charger_configs()
    raw = {
        "group": {"limit_a": LIMIT_A, "margin_a": 1},
        "bus": {"baud": 19200, "parity": "E"},
        "meter": {"address": site.meter.address, "bus": {"baud": 9600}},
        "chargers": [
            {**row, "solar_mode": mode} for row, (mode, *_) in zip(rows, bays, strict=True)
        ],
    }
    config, faults = check(raw)
    if faults:
        raise ValueError("\n".join(faults))
    return site, config


def clock(at_h: float) -> str:
    """5.5 -> '5:30'."""
    minutes = round(at_h * 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def _car(
    from_h: float, wires: int, max_a: int, comes_h: float, leaves_h: float | None, energy_wh: int
) -> dict:
    car = {"phases": wires, "max_a": max_a, "energy_wh": energy_wh}
    car["plug_in_s"] = max(0, round((comes_h - from_h) * HOUR_S))
    if leaves_h is not None:
        car["unplug_s"] = round((leaves_h - from_h) * HOUR_S)
    return car

"""A small site for the real firmware, and the configuration that goes with it."""

from loadrail_site.site import Site
from loadrail_tools.wire import Line

LINE = Line(19200, "E", 1)
CAR = {"phases": 3, "max_a": 32, "plug_in_s": 0}


def small_site(chargers):
    """A site of 40 A; `chargers` as in a scenario."""
    house = {"base_a": [4, 4, 4]}
    return Site({"seconds": 600, "limit_a": 40, "chargers": chargers, "house": house})


def settings(site, **more):
    """A configuration that lets things happen soon."""
    return {
        "group": {
            "limit_a": 40,
            "raise_after_s": 1,
            "start_after_s": 1,
            "communication_timeout_s": 5,
            "cycle_ms": 200,
        },
        "bus": {"baud": 19200, "parity": "E", "stop_bits": 1},
        "meter": {"address": 1, "update_interval_ms": 500},
        "chargers": site.charger_configs(),
        **more,
    }


def sum_of_limits(status):
    return sum(charger["limit_a"] or 0 for charger in status["chargers"])

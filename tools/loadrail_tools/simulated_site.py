"""A scenario's site, and the configuration of a controller for it: for demo and simulate."""

from . import paths
from .firmware import lib_on_path
from .serve import load_scenario
from .watched import WatchedSite
from .wire import Line

MOST_CHARGERS = 20


def load_site(
    scenario: str,
    chargers: int,
    seconds: float | None,
    allowed_s: tuple[int, int],
) -> WatchedSite:
    """The site of a scenario: a name, or a file; None for `seconds` is its own length.

    Raises ValueError, or OSError, with what is wrong and what is allowed.
    """
    if not 1 <= chargers <= MOST_CHARGERS:
        raise ValueError(f"--chargers: {chargers} is not allowed; 1 to {MOST_CHARGERS}")
    if seconds is not None and not allowed_s[0] <= seconds <= allowed_s[1]:
        raise ValueError(f"--seconds: {seconds:g} is not allowed; %d to %d" % allowed_s)
    try:
        data = load_scenario(scenario)
        return WatchedSite(data, min(chargers, len(data["chargers"])), seconds)
    except FileNotFoundError:
        known = ", ".join(paths.scenario_names())
        message = f"--scenario: there is no {scenario}; known are {known}, or give a file"
        raise ValueError(message) from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"--scenario: {scenario} is no scenario ({error!r})") from None


def configuration(site: WatchedSite, line: Line, group: dict) -> dict:
    """The controller's configuration for the site, with these keys of the group.

    Raises ValueError where the controller would refuse it.
    """
    raw = {
        "group": {"type": "dynamic", "limit_a": site.limit_a, "margin_a": 1, **group},
        "bus": {"baud": line.baud, "parity": line.parity, "stop_bits": line.stop_bits},
        "meter": {
            "model": getattr(site.meter, "model", "eastron_sdm630"),
            "address": site.meter.address,
        },
        "chargers": site.charger_configs(),
    }
    with lib_on_path():
        from loadrail.config import check
    faults = check(raw)[1]
    if faults:
        raise ValueError("\n".join(faults))
    return raw

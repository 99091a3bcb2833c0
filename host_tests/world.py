"""A site and a primary in virtual time, and what an onlooker who knows the truth can check."""

from loadrail.alert_texts import event_line
from loadrail.config import check
from loadrail.core import Primary
from loadrail.registers import AMPS_TO_USE
from loadrail_site.site import Site
from loadrail_site.virtual import Run


def configuration(site, rows=None, **group):
    """A configuration that fits the site, with these settings of the group, and of all rows."""
    settings = {"limit_a": site.limit_a, "raise_after_s": 2, "start_after_s": 2, **group}
    raw = {
        "group": settings,
        "bus": {"baud": 19200, "parity": "E"},
        "chargers": [{**row, **(rows or {})} for row in site.charger_configs()],
    }
    if settings.get("type") != "static":
        raw["meter"] = {"address": site.meter.address, "update_interval_ms": 500}
        raw["meter"]["model"] = getattr(site.meter, "model", "eastron_sdm630")
    config, faults = check(raw)
    assert not faults, faults
    return config


class World:
    """`cars`: a list of (phases string of the charger, car's arguments or None, and, if needed,
    further arguments of the charger). `rows`: keys for all chargers of the configuration;
    `meter`: a model of loadrail.meters. Time goes on in coarser steps than on a line: the tests
    take half as long."""

    def __init__(
        self,
        cars,
        *,
        limit_a=63,
        house=(),
        events=(),
        start_ms=0,
        group=None,
        rows=None,
        meter=None,
        idle_ms=20,
        site_step_ms=50,
        **run,
    ):
        chargers = []
        for phases, car, *more in cars:
            entry = {"phases": phases, **(more[0] if more else {})}
            if car is not None:
                entry["cars"] = [{"plug_in_s": 0, **car}]
            chargers.append(entry)
        scenario = {
            "seconds": 3600,
            "limit_a": limit_a,
            "chargers": chargers,
            "house": {"steps": [dict(step) for step in house]},
            "events": list(events),
        }
        if meter:
            scenario["meter"] = {"model": meter}
        self.site = Site(scenario)
        self.primary = Primary(configuration(self.site, rows, **(group or {})), start_ms)
        self.frames = []  # (ms, unit, limit in A) of each write of a limit
        self.writes = []  # (ms, unit, register, values) of every other write
        self.asked = []  # (ms, unit) of every frame
        run = {"idle_ms": idle_ms, "site_step_ms": site_step_ms, "on_frame": self._see, **run}
        self.run = Run(self.primary, self.site, offset_ms=start_ms, **run)

    def _see(self, bus, request, now_ms):
        self.asked.append((now_ms, request.unit))
        if request.values is None:
            return
        values = list(request.values[: request.count])
        if request.register == AMPS_TO_USE:
            assert len(values) == 1
            self.frames.append((now_ms, request.unit, values[0]))
        else:
            self.writes.append((now_ms, request.unit, request.register, values))

    def until(self, seconds, each_ms=None, look=None):
        """Run on; `look()` is called every `each_ms`."""
        end_ms = int(seconds * 1000)
        if look is None:
            self.run.until(end_ms)
            return self
        while self.run.now_ms < end_ms:
            self.run.until(min(end_ms, self.run.now_ms + each_ms))
            look()
        return self

    # --- the truth

    def true_limits_a(self):
        """What each charger holds as its limit now."""
        return [charger.settings[AMPS_TO_USE] for charger in self.site.chargers]

    def may_flow_ma(self, phase):
        """What could flow on a phase if every car took what its charger allows it."""
        total = self.site.house_ma[phase]
        for charger in self.site.chargers:
            wires = len(charger.grid_phases) if charger.car is None else charger.car.phases
            if phase in charger.grid_phases[:wires]:
                now_ma = charger.grid_current_ma()[phase]
                total += max(charger.limit_and_cause()[0] * 1000, now_ma)
        return total

    def said(self):
        """The events since the last call, as the log tells them."""
        lines = []
        while (event := self.primary.events.take()) is not None:
            lines.append(event_line(self.primary, event))
        return lines

    def limits_a(self):
        return [ma // 1000 for ma in self.primary.chargers.limit_ma]

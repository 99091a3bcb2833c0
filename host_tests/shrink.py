"""Makes a failing case small: leaves out what it does not need to fail in the same way.

`shrink(case, fails)` tries smaller cases, one after the other, and keeps each that still `fails`.
At most MOST_TRIES are played. Cases are those of drawn_sites.py.
"""

import copy

MOST_TRIES = 150
AFTER_S = 2  # of a finding the rest of the run tells nothing more
PLAIN_CHARGER = ("reading", "signal_delay_ms")
PLAIN_CAR = ("error_ma", "error_percent", "reaction_delay_ms", "ramp_ma_per_s", "rests_s")
PLAIN_CAR += ("energy_wh", "unplug_s")
PLAIN_ROW = ("priority", "phase_switching", "solar_mode", "min_a", "min_3p_a")
NEEDED = ("type", "limit_a")


def kind_of(fault):
    """The invariant that a line of faults names: "12.20 s S1: ..." -> "S1"."""
    return fault.split(" s ", 1)[1].split(":", 1)[0]


def moment_of(fault):
    """When it was found, s."""
    return float(fault.split(" s ", 1)[0])


def shrink(case, fails, most_tries=MOST_TRIES):
    """The smallest case found. `fails(case)`: when it fails in that way, s; None if it doesn't."""
    small = Shrinking(copy.deepcopy(case), fails, most_tries)
    if small.at_s is not None:
        before = None
        while before != small.case and small.tries_left > 0:
            before = copy.deepcopy(small.case)
            small.round()
    return small.case


class Shrinking:
    """A case that becomes smaller."""

    def __init__(self, case, fails, most_tries):
        self.case = case
        self.tries_left = most_tries
        self._fails = fails
        self.at_s = fails(case)

    def round(self):
        self._shorten()
        self._without_list(("restarts_s",))
        self._without_list(("changes",))
        self._without_list(("scenario", "events"))
        for key in self.case.get("hands", ()):
            self._without_list(("hands", key))
        self._without_chargers()
        self._without_cars()
        self._without_list(("scenario", "house", "steps"))
        self._try(lambda case: case["lost"].update(rate=0))
        for kind in list(self.case["lost"]["kinds"]) if self.case["lost"]["rate"] else ():
            self._try(lambda case, kind=kind: case["lost"]["kinds"].remove(kind))
        self._plainer()
        self._shorten()

    def _try(self, change):
        """Keep a changed copy if it still fails; whether it does."""
        if self.tries_left <= 0:
            return False
        smaller = copy.deepcopy(self.case)
        change(smaller)
        if smaller == self.case:
            return False
        self.tries_left -= 1
        at_s = self._fails(smaller)
        if at_s is not None:
            self.case, self.at_s = smaller, at_s
        return at_s is not None

    def _shorten(self):
        """End it just after the finding, and leave out what comes later."""
        end_s = int(self.at_s) + AFTER_S
        if end_s < self.case["seconds"]:
            self._try(lambda case: _end(case, end_s))

    def _without_list(self, path):
        """Leave out entries: halves of them first, then ever smaller parts."""
        size = len(_at(self.case, path))
        while size >= 1:
            first = 0
            while first < len(_at(self.case, path)):
                part = slice(first, first + size)
                if not self._try(lambda case, part=part: _at(case, path).__delitem__(part)):
                    first += size
            size //= 2

    def _without_chargers(self):
        size = len(self.case["config"]["chargers"]) // 2
        while size >= 1:
            first = 0
            while first < len(self.case["config"]["chargers"]):
                gone = range(first, first + size)
                rest = len(self.case["config"]["chargers"]) - size
                if rest < 1 or not self._try(lambda case, gone=gone: without(case, gone)):
                    first += size
            size //= 2

    def _without_cars(self):
        for k in range(len(self.case["config"]["chargers"])):
            for m in reversed(range(len(_entry(self.case, k)["cars"]))):
                self._try(lambda case, k=k, m=m: _entry(case, k)["cars"].pop(m))

    def _plainer(self):
        for key in list(self.case["config"]["group"]):
            if key not in NEEDED:
                self._try(lambda case, key=key: case["config"]["group"].pop(key))
        for k in range(len(self.case["config"]["chargers"])):
            for key in PLAIN_CHARGER:
                self._try(lambda case, k=k, key=key: _entry(case, k).pop(key, None))
            for key in PLAIN_ROW:
                self._try(lambda case, k=k, key=key: case["config"]["chargers"][k].pop(key, None))
            for m in range(len(_entry(self.case, k)["cars"])):
                for key in PLAIN_CAR:
                    self._try(
                        lambda case, k=k, m=m, key=key: _entry(case, k)["cars"][m].pop(key, None)
                    )


def _at(case, path):
    """What stands at that place; an empty list where nothing does."""
    for key in path:
        case = case.get(key, {} if key != path[-1] else [])
    return case


def _entry(case, k):
    return case["scenario"]["chargers"][k]


def _end(case, end_s):
    case["seconds"] = case["scenario"]["seconds"] = end_s
    case["restarts_s"] = [at_s for at_s in case["restarts_s"] if at_s < end_s]
    case["changes"] = [change for change in case["changes"] if change["at_s"] < end_s]
    if "hands" in case:
        for key in ("turns", "orders", "checks"):
            case["hands"][key] = [entry for entry in case["hands"][key] if entry[0] < end_s]
    for place, key in ((case["scenario"], "events"), (case["scenario"]["house"], "steps")):
        if key in place:
            place[key] = [event for event in place[key] if event["at_s"] < end_s]


def without(case, gone):
    """Leave out the chargers with these indices, in place, and all that was about them."""
    old = [k for k in range(len(case["config"]["chargers"])) if k not in gone]
    number = {k + 1: new for new, k in enumerate(old, 1)}
    for rows in (case["config"], case["scenario"]):
        rows["chargers"] = [rows["chargers"][k] for k in old]
    events = []
    for event in case["scenario"]["events"]:
        if event["device"] == "meter" or event["device"] in number:
            device = number.get(event["device"], "meter")
            events.append({**event, "device": device})
    case["scenario"]["events"] = events
    if "hands" in case:
        _hands_of_others(case["hands"], number)
    for change in case["changes"]:
        rows = change["chargers"].items()
        change["chargers"] = {str(number[int(k)]): row for k, row in rows if int(k) in number}


def _hands_of_others(hands, number):
    """Only what is done at those who stay; `number`: their new numbers by their old ones."""
    hands["locked"] = [number[k] for k in hands["locked"] if k in number]
    hands["orders"] = [[*what, number[k]] for *what, k in hands["orders"] if k in number]
    hands["checks"] = [[at_s, number.get(k)] for at_s, k in hands["checks"]]

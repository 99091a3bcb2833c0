"""Draws what goes wrong on a drawn site, and what people do to it, into its case.

At first and at the end nothing does: for START_S and CALM_S. Between, rounds of ROUND_S in which
each trouble meets a charger of its own; the meter, the controller and its configuration have
theirs. `suspicions` says of a case whom nobody can take at his word, and when (truth.py).
"""

from loadrail_site.lies import LIES

CALM_S = 100  # a minute to recover, and what an onlooker needs to be sure that it did
START_S = 40  # by then the cars charge
ROUND_S = 240
SHARE = 0.25  # of the limit: as much as one charger may jump by itself
KINDS = ("timeout", "crc", "mismatch", "late", "doubled", "overdue")
APP = (
    ("amps_to_use", (6, 10, 16)),
    ("communication_timeout", (0, 5, 60)),
    ("failsafe_current", (0, 16)),
    ("user_max_current", (10, 16)),
    ("phase_to_use", (0, 6)),  # of chargers on three phases
)
BOOT_S = 8
BLIND = ("stick", "reverse")


def draw(dice, case):
    """Put events, restarts, changes and the loss of frames into a case."""
    case["restarts_s"] = []
    case["changes"] = []
    case["lost"] = {"rate": dice.choice([0, 0.02, 0.1]), "kinds": list(KINDS)}
    troubles = Troubles(dice, case)
    if dice.random() < 0.15:
        return  # a healthy site, but for its line
    for begin_s in range(START_S, case["calm_s"] - 60, ROUND_S):
        troubles.round(begin_s, min(begin_s + ROUND_S, case["calm_s"]))


def suspicions(case):
    """For each charger a list of (kind, from_ms, until_ms), see truth.GRACE_MS."""
    found = [[] for _ in case["scenario"]["chargers"]]
    under_way = {}  # (device, kind): since when
    for event in sorted(case["scenario"]["events"], key=lambda event: event["at_s"]):
        device, do, at_s = event["device"], event["do"], event["at_s"]
        if device == "meter":
            continue
        mine = found[device - 1]
        if do in ("restart", "lose_registers", "swap"):
            kind = "restart" if do == "swap" else do
            mine.append((kind, at_s * 1000, (at_s + BOOT_S) * 1000))
        if do == "app":
            mine.append(("app", at_s * 1000, at_s * 1000))
        if do in ("thaw", "restart", "swap"):
            _ends(mine, under_way, (device, "freeze"), at_s)
        if do == "swap" or (do == "lie" and event["what"] is None):
            _ends(mine, under_way, (device, "lie"), at_s)
        elif do in ("freeze", "lie"):
            under_way.setdefault((device, do), at_s)
    for device, kind in list(under_way):
        _ends(found[device - 1], under_way, (device, kind), case["seconds"])
    return found


def _ends(mine, under_way, key, at_s):
    if key in under_way:
        mine.append((key[1], under_way.pop(key) * 1000, at_s * 1000))


def blindness(case):
    """(from_ms, until_ms) of the times when the meter shows what is not so."""
    found, since_s = [], None
    for event in sorted(case["scenario"]["events"], key=lambda event: event["at_s"]):
        if event["device"] != "meter":
            continue
        if event["do"] == "stick" or (event["do"] == "reverse" and event["phases"]):
            since_s = event["at_s"] if since_s is None else since_s
        elif event["do"] in ("unstick", "reverse") and since_s is not None:
            found.append((since_s * 1000, event["at_s"] * 1000))
            since_s = None
    if since_s is not None:
        found.append((since_s * 1000, case["seconds"] * 1000))
    return found


class Troubles:
    """Draws the troubles of one case."""

    def __init__(self, dice, case):
        self.dice = dice
        self.case = case
        self.entries = case["scenario"]["chargers"]
        self.rows = case["config"]["chargers"]
        self.group = case["config"]["group"]
        self.limit_a = self.group["limit_a"]

    def round(self, begin_s, end_s):
        dice = self.dice
        victims = dice.sample(range(len(self.entries)), len(self.entries))
        troubles = [self._restart, self._swap, self._app, self._freeze, self._lie, self._error]
        troubles = dice.sample(troubles, dice.randrange(1, 4)) + [self._silence] * dice.choice(
            [0, 1, 1, 3]
        )
        for trouble in troubles:
            if len(victims) > 1:  # one at least has no trouble
                trouble(victims.pop(), self._moment(begin_s, end_s), end_s)
        at_s = self._moment(begin_s, end_s)
        if dice.random() < 0.4 and not self._is_frozen(at_s):
            self.case["restarts_s"].append(at_s)
        if dice.random() < 0.3:
            self._change(self._moment(begin_s, end_s), end_s)
        if self.group["type"] == "dynamic" and dice.random() < 0.4:
            self._meter(self._moment(begin_s, end_s), end_s)

    def _moment(self, begin_s, end_s):
        return begin_s + self.dice.randrange(0, max(1, end_s - begin_s - 50))

    def _event(self, at_s, device, do, **more):
        event = {"at_s": at_s, "device": device, "do": do, **more}
        self.case["scenario"]["events"].append(event)

    def _may_jump(self, i):
        """Whether all that it may let flow at once is what the breaker bears."""
        most_a = max([car["max_a"] for car in self.entries[i]["cars"]], default=0)
        return min(most_a, self.entries[i]["max_a"]) <= self.limit_a * SHARE

    def _is_frozen(self, at_s):
        """Who has never seen a clock move cannot tell that it stands still: a new controller."""
        for rows in suspicions(self.case):
            for kind, from_ms, until_ms in rows:
                if kind == "freeze" and from_ms <= at_s * 1000 < until_ms + 20_000:
                    return True
        return False

    # --- the chargers

    def _silence(self, i, at_s, end_s):
        self._event(at_s, i + 1, self.dice.choice(["deaf", "silent"]))
        self._event(min(end_s, at_s + self.dice.choice([3, 12, 30, 60])), i + 1, "back")

    def _restart(self, i, at_s, end_s):
        kept = self.entries[i].get("reading", {}).get("after_restart", "kept") == "kept"
        if kept or self._may_jump(i):
            self._event(at_s, i + 1, "restart")

    def _swap(self, i, at_s, end_s):
        if self._may_jump(i):
            self._event(at_s, i + 1, self.dice.choice(["swap", "lose_registers"]))

    def _app(self, i, at_s, end_s):
        wires = len(self.entries[i]["phases"]) // 2
        register, values = self.dice.choice(APP[: 5 if wires == 3 else 4])
        if register == "user_max_current" or self._may_jump(i):
            value = self.dice.choice(values)
            self._event(at_s, i + 1, "app", register=register, value=value)

    def _freeze(self, i, at_s, end_s):
        if not self._may_jump(i):
            return
        writes = self.dice.choice(["obeyed", "dropped"])
        self._event(at_s, i + 1, "freeze", writes=writes)
        self._event(min(end_s, at_s + self.dice.randrange(8, 60)), i + 1, "thaw")

    def _lie(self, i, at_s, end_s):
        if not self._may_jump(i):
            return
        self._event(at_s, i + 1, "lie", what=self.dice.choice(LIES))
        if self.dice.random() < 0.7:
            self._event(end_s, i + 1, "lie", what=None)

    def _error(self, i, at_s, end_s):
        self._event(at_s, i + 1, "error")
        self._event(min(end_s, at_s + self.dice.randrange(5, 60)), i + 1, "error_gone")

    # --- what is there once

    def _meter(self, at_s, end_s):
        """Lost, stuck or turned; never two of them at once."""
        do = self.dice.choice(["deaf", "deaf", "silent", "stick", "reverse"])
        until_s = min(end_s, at_s + self.dice.choice([5, 25, 50, 150]))
        if do == "reverse":
            phases = self.dice.choice([[0], [1, 2], [0, 1, 2]])
            self._event(at_s, "meter", "reverse", phases=phases)
            self._event(until_s, "meter", "reverse", phases=[])
        elif do == "stick":
            # nobody can tell that it lives again where what it sees never moves
            self.case["scenario"]["house"].setdefault("noise_a", 0.1)
            self._event(at_s, "meter", "stick")
            self._event(until_s, "meter", "unstick")
        else:
            self._event(at_s, "meter", do)
            self._event(until_s, "meter", "back")

    def _change(self, at_s, end_s):
        """Somebody configures something, and takes it back later."""
        group, dice = {}, self.dice
        what = dice.randrange(4)
        chargers = {}
        if what == 0 and self.limit_a > 20:
            group["limit_a"] = max(16, self.limit_a * dice.choice([50, 75]) // 100)
        elif what == 1:
            group["sharing"] = dice.choice(["equal", "priority"])
        elif what == 2:
            timeout_s = dice.choice([10, 30, 60])
            short = len(self.rows) <= 8 and not self.group["failsafe_current_a"]
            group["communication_timeout_s"] = timeout_s if short else max(15, timeout_s)
        else:
            i = dice.randrange(len(self.rows))
            least_a = self.rows[i].get("min_a", 6)
            chargers[str(i + 1)] = {"max_a": dice.randrange(least_a, self.entries[i]["max_a"] + 1)}
        if not group and not chargers:
            return
        back = {key: self.group[key] for key in group}
        rows = {i: {"max_a": self.rows[int(i) - 1]["max_a"]} for i in chargers}
        self.case["changes"].append({"at_s": at_s, "group": group, "chargers": chargers})
        if dice.random() < 0.7:
            at_s = dice.randrange(at_s, end_s)
            self.case["changes"].append({"at_s": at_s, "group": back, "chargers": rows})

"""The laws S1, S3 and S4 over drawn cases: any phases, any budget, 1 to 20 chargers."""

import json

from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st

from loadrail import presence, registers
from loadrail.budget import METER_FINE
from loadrail.chargers import Chargers
from loadrail.config import check
from loadrail.decision import Allocator
from loadrail.phases import ORDERS
from loadrail.sharing import NO_LIMIT, ROOMS, share_equal, share_priority

budgets = st.tuples(*[st.integers(0, 250_000)] * 3)
charger = st.fixed_dictionaries(
    {
        "phases": st.sampled_from(sorted(ORDERS)),
        "min_a": st.integers(6, 16),
        "max_a": st.integers(6, 32),
        "amp_limit_a": st.sampled_from([0, 6, 10, 16, 20, 32]),
        "status": st.integers(0, 9),
        "presence": st.sampled_from(
            [presence.ONLINE] * 6 + [presence.DOUBTFUL, presence.SILENT, presence.NEVER]
        ),
        "held_a": st.sampled_from([0, 0, 6, 8, 13, 16, 32]),
        "draw_ma": st.integers(0, 33_000),
    }
)
groups = st.lists(charger, min_size=1, max_size=20)


class FixedBudget:
    """A budget that is what it is."""

    def __init__(self, ma):
        self.ma = list(ma)
        self.rise_ma = list(ma)
        self.start_ma = list(ma)
        self.may_start = True
        self.meter = METER_FINE
        self.may_raise = True


def build(rows):
    """The columns of a group in which everybody follows the limit that he holds."""
    table = Chargers(len(rows))
    for i, row in enumerate(rows):
        low, high = sorted((row["min_a"], row["max_a"]))
        settings_of_it = {"address": 2 + i, "phases": row["phases"], "priority": 5}
        table.place(i, {**settings_of_it, "min_a": low, "min_3p_a": low, "max_a": high})
        table.presence[i] = row["presence"]
        table.known[i] = row["presence"] != presence.NEVER
        table.misses[i] = 1 if row["presence"] == presence.NEVER else 0
        table.amp_limit_a[i] = table.cap_a[i] = row["amp_limit_a"]
        table.limit_ma[i] = table.held_ma[i] = row["held_a"] * 1000
        table.timeout_ms[i], table.failsafe_ma[i] = 30_000, 6000
        table.fed_at[i] = table.heard_at[i] = 0
        draw = 0
        if row["status"] == registers.CHARGING:
            draw = min(row["draw_ma"], row["held_a"] * 1000)
        terminals = [draw, draw, draw] if table.mask[i] == 7 else [draw, 0, 0]
        table.read_status(i, 0, row["status"], terminals)
    return table


def booked(table, phase):
    return sum(table.booked_ma(i, phase) for i in range(table.n))


def group(**more):
    raw = {"group": {"type": "static", **more}, "chargers": {"first_address": 2, "count": 1}}
    config, faults = check(raw)
    assert not faults
    return config["group"]


def decide(rows, budget_ma, equal, before_ma=(0, 0, 0)):
    table = build(rows)
    allocator = Allocator(table.n, group(sharing="equal" if equal else "priority"))
    allocator._last_budget_ma[:] = before_ma
    allocator.decide(1000, table, FixedBudget(budget_ma), 0, 230)
    return table


def rooms(*left):
    """What is left on three phases, and no other limits."""
    return list(left) + [NO_LIMIT] * (ROOMS - 3)


def replayable(rows, budget_ma, equal):
    """The case as one line that can be pasted into a test."""
    return json.dumps({"rows": rows, "budget_ma": list(budget_ma), "equal": equal})


@cases_of(700)
@given(groups, budgets, st.booleans())
def test_s1_no_decision_books_more_than_the_budget_unless_it_was_booked_before(rows, ma, equal):
    before = build(rows)
    table = decide(rows, ma, equal)
    for phase in range(3):
        allowed = max(ma[phase], booked(before, phase))
        assert booked(table, phase) <= allowed, replayable(rows, ma, equal)


@cases_of(700)
@given(groups, budgets, st.booleans())
def test_s1_what_is_commanded_fits_the_budget_beside_those_who_cannot_be_steered(rows, ma, equal):
    table = decide(rows, ma, equal)
    for phase in range(3):
        commanded = fixed = 0
        for i in range(table.n):
            if not table.mask[i] >> phase & 1:
                continue
            if table.presence[i] in (presence.ONLINE, presence.DOUBTFUL):
                commanded += table.limit_ma[i]
            else:
                fixed += table.booked_ma(i, phase)
        assert commanded <= max(0, ma[phase] - fixed), replayable(rows, ma, equal)


@cases_of(700)
@given(groups, budgets, st.booleans())
def test_s3_a_limit_is_zero_or_whole_amperes_between_minimum_and_every_cap(rows, ma, equal):
    table = decide(rows, ma, equal)
    for i in range(table.n):
        limit = table.limit_ma[i]
        steered = table.presence[i] in (presence.ONLINE, presence.DOUBTFUL)
        if not steered or limit == 0:
            continue
        assert limit % 1000 == 0
        assert table.min_a[i] * 1000 <= limit, replayable(rows, ma, equal)
        assert limit <= min(table.max_a[i], table.amp_limit_a[i]) * 1000
        assert table.status[i] <= registers.CAR_STOPPED


@cases_of(300)
@given(groups, budgets, st.booleans())
def test_s4_the_same_input_gives_the_same_output(rows, ma, equal):
    assert decide(rows, ma, equal).limit_ma == decide(rows, ma, equal).limit_ma


@cases_of(700)
@given(groups, budgets, st.tuples(*[st.integers(0, 100_000)] * 3), st.booleans())
def test_s4_a_decision_on_a_lower_budget_raises_nobody(rows, ma, less, equal):
    lower = [max(0, a - b) for a, b in zip(ma, less, strict=True)]
    table = decide(rows, lower, equal, before_ma=ma)
    before = build(rows)
    if lower != list(ma):
        for i in range(table.n):
            assert table.limit_ma[i] <= before.limit_ma[i], replayable(rows, lower, equal)


one_phase_group = st.lists(
    st.tuples(st.integers(6, 16), st.integers(6, 32)), min_size=1, max_size=20
)


@cases_of(500)
@given(one_phase_group, st.integers(0, 300), st.integers(0, 300), st.booleans())
def test_s4_where_all_use_the_same_phases_a_lower_budget_never_raises_the_sum(rows, a, b, equal):
    share = share_equal if equal else share_priority
    sums = []
    for budget in sorted((a, b)):
        out = [0] * len(rows)
        low = [row[0] for row in rows]
        high = [row[1] for row in rows]
        share(range(len(rows)), [1] * len(rows), low, high, rooms(budget, 0, 0), out)
        sums.append(sum(out))
    assert sums[0] <= sums[1]


@cases_of(500)
@given(
    st.lists(
        st.tuples(st.integers(1, 7), st.integers(6, 16), st.integers(6, 32)),
        min_size=1,
        max_size=20,
    ),
    st.tuples(*[st.integers(0, 250)] * 3),
)
def test_equal_sharing_leaves_nobody_who_could_have_more_at_no_ones_cost(rows, budget):
    masks, low, high = (list(column) for column in zip(*rows, strict=True))
    left = rooms(*budget)
    out = [0] * len(rows)
    share_equal(range(len(rows)), masks, low, high, left, out)
    for phase in range(3):
        used = sum(amps for amps, mask in zip(out, masks, strict=True) if mask >> phase & 1)
        assert used + left[phase] == budget[phase]
        assert left[phase] >= 0
    for i, amps in enumerate(out):
        room = min(left[phase] for phase in range(3) if masks[i] >> phase & 1)
        if 0 < amps < high[i]:
            assert room == 0
            # max-min: on some full phase nobody who is above his minimum has 2 A more
            full = [p for p in range(3) if masks[i] >> p & 1 and left[p] == 0]
            assert any(
                all(
                    out[j] <= max(low[j], amps + 1)
                    for j in range(len(rows))
                    if masks[j] >> phase & 1
                )
                for phase in full
            )

# What is allowed but told: each case has its one warning, and a site as delivered has few.

from loadrail.config import check, warnings


def _told(raw):
    config, faults = check(raw)
    assert not faults, faults
    return warnings(config)


def _with(group=None, bus=None, meter=None, chargers=None):
    """A site that nothing is told of, but for what is given."""
    raw = {
        "group": {"limit_a": 63},
        "bus": {"baud": 19200},
        "meter": {"address": 1},
        "chargers": [{"address": 2, "phases": "L1L2L3"}],
    }
    raw["group"].update(group or {})
    raw["bus"].update(bus or {})
    raw["meter"].update(meter or {})
    raw["chargers"] = chargers or raw["chargers"]
    return raw


_ONE_PHASE = [{"address": 2, "phases": "L2"}]
_CASES = (
    (
        _with(group={"communication_timeout_s": 14}),
        "group.communication_timeout_s: 14 is short: a charger that falls silent is back at its "
        "failsafe current of 6 A before",
    ),
    (_with(group={"power_limit_w": 1379}), "group.power_limit_w: 1379 is below 1380"),
    (_with(group={"meter_loss_a": 5}), "group.meter_loss_a: 5 is as good as 0"),
    (_with(group={"imbalance_a": 5}, chargers=_ONE_PHASE), "group.imbalance_a: 5 is below 6"),
    (
        _with(meter={"update_interval_ms": 5001}),
        "meter.update_interval_ms: 5001 is long for group.meter_stale_s = 10",
    ),
    (
        _with(bus={"baud": 1200}, chargers={"first_address": 2, "count": 10}),
        "group.communication_timeout_s: 15 is short: a round of 10 chargers at 1200 baud takes "
        "some 5700 ms",
    ),
)


def test_a_plain_site_is_told_nothing():
    assert _told(_with()) == []


def test_each_case_is_told_once():
    for raw, begins in _CASES:
        told = _told(raw)
        assert len(told) == 1 and told[0].startswith(begins), told


def test_at_the_edge_nothing_is_told():
    for raw in (
        _with(group={"power_limit_w": 1380}),
        _with(group={"meter_loss_a": 6}),
        _with(group={"imbalance_a": 6}, chargers=_ONE_PHASE),
        _with(group={"imbalance_a": 5}),
        _with(meter={"update_interval_ms": 5000}),
        _with(bus={"baud": 1200}, chargers={"first_address": 2, "count": 8}),
        _with(chargers={"first_address": 2, "count": 10}),
    ):
        assert _told(raw) == [], raw


def test_twenty_chargers_alone_at_their_failsafe_current_are_told_and_not_refused():
    told = _told(_with(chargers={"first_address": 2, "count": 20}))
    assert told[0] == (
        "group.failsafe_current_a: without the controller, 20 chargers on L1 may draw 6 A each, "
        "120 A in all; the circuit has 63 A. If its breaker must not be what ends that, choose 0"
    )
    alone = _with(group={"failsafe_current_a": 0}, chargers={"first_address": 2, "count": 20})
    assert [line for line in _told(alone) if "failsafe" in line] == []


def test_the_failsafe_currents_count_on_the_phase_that_has_most():
    chargers = [{"address": 2 + k, "phases": "L2"} for k in range(11)]
    chargers += [{"address": 20 + k, "phases": "L3"} for k in range(9)]
    told = [line for line in _told(_with(chargers=chargers)) if "failsafe" in line]
    assert len(told) == 1
    assert "11 chargers on L2 may draw 6 A each, 66 A in all" in told[0]


def test_the_chargers_own_cable_counts_too():
    group = {"feeder_a": 20}
    told = _told(_with(group=group, chargers={"first_address": 2, "count": 4}))
    assert len(told) == 2
    assert "24 A in all; the circuit has 20 A" in told[0]
    assert told[1] == (
        "group.limit_a: 20 A are enough for 3 of the 4 chargers on L1 at a time; the others wait "
        "for their turns"
    )


def test_what_margin_and_reserve_take_is_not_there_for_minimums():
    chargers = [{"address": 2, "phases": "L1", "min_a": 10}, {"address": 3, "phases": "L1"}]
    group = {"limit_a": 20, "margin_a": 5}
    assert _told(_with(group=group, chargers=chargers)) == [
        "group.limit_a: 15 A are enough for 1 of the 2 chargers on L1 at a time; the others wait "
        "for their turns"
    ]


def test_a_minimum_that_never_fits_is_told_with_its_charger():
    chargers = [{"address": 2, "phases": "L1"}, {"address": 3, "phases": "L2", "min_a": 17}]
    told = _told(_with(group={"limit_a": 16}, chargers=chargers))
    assert told[0] == "chargers[1].min_a: 17, but there are never more than 16 A"


def test_who_waits_for_the_sun_needs_a_meter_that_sees_export():
    modes = (("solar", 1), ("eco_plus", 1), ("eco", 0), ("fast", 0), ("off", 0))
    for mode, waits in modes:
        raw = _with(chargers=[{"address": 2, "phases": "L1L2L3", "solar_mode": mode}])
        assert _told(raw) == []
        for meter in ({"model": "clamps"}, {"model": "chint_dtsu666_h", "address": 1}):
            raw["meter"] = meter
            told = (mode, meter["model"])
            expected = ["chargers[0].solar_mode: %s, but %s sees no export" % told]
            assert _told(raw) == (expected if waits else []), told

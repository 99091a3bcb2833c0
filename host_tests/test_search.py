"""The search for the meter: laws over bad lines, real bytes through the firmware."""

import json
import os
import random
import statistics
import subprocess
import termios

from conftest import ROOT, cases_of
from controller import Controller
from hypothesis import given
from hypothesis import strategies as st
from logic.searched import Bench, a_meter
from served_site import CAR, LINE, settings, small_site, sum_of_limits

from loadrail import meters, search, search_places
from loadrail.request import CRC, MISMATCH, TIMEOUT
from loadrail_site.charger import Charger
from loadrail_site.meters_simulated import SimulatedMeter
from loadrail_tools.paths import micropython, module_path
from loadrail_tools.serve import buses, serving
from loadrail_tools.wire import REQUEST, Line

USUAL = [(line, address) for line in search_places.USUAL_LINES for address in (1, 2, 126, 43)]


# --- numbers


def test_the_table_of_search_times():
    """Shown with pytest -s; the bounds of every single one are in logic/test_search.py."""
    quick = {model: Bench([a_meter(model)]).run().seconds for model in meters.names()}
    slow = {model: Bench([a_meter(model)], 300).run().seconds for model in meters.names()}
    for model in sorted(quick, key=quick.get):
        print(f"  {model:26} {quick[model]:5.1f} s {slow[model]:5.1f} s")
    for name, spent in (("median", statistics.median), ("worst", max)):
        print(f"  {name:26} {spent(quick.values()):5.1f} s {spent(slow.values()):5.1f} s")
    assert statistics.median(quick.values()) < 3
    assert max(quick.values()) < 10
    assert max(slow.values()) < 60


# --- laws


@cases_of(60)
@given(
    st.sampled_from(meters.names()),
    st.sampled_from(USUAL),
    st.integers(0, (1 << 32) - 1),
    st.floats(0, 0.3),
)
def test_on_a_bad_line_it_never_names_another_meter_and_always_ends(model, place, seed, share):
    line, address = place
    dice = random.Random(seed)  # a line is bad, not cunning

    def spoil(request):
        bad = dice.random() < share
        return (dice.choice([TIMEOUT, CRC, MISMATCH]) if bad else None), None

    bench = Bench([a_meter(model, address, line)], spoil=spoil).run(2000)
    found = bench.search.found
    if found is None:
        return
    assert (found.address, found.line) == (address, line)
    row = meters.load(model)
    for quantity in ("voltage", "current", "power", "function", "low_first"):
        assert found.row.get(quantity) == row.get(quantity)


@cases_of(40)
@given(st.sampled_from(meters.names()), st.sampled_from(USUAL), st.integers(1, 120))
def test_at_usual_addresses_and_lines_it_takes_a_minute_at_most(model, place, turnaround_ms):
    line, address = place
    bench = Bench([a_meter(model, address, line)], turnaround_ms).run()
    assert bench.search.found is not None
    assert bench.seconds < 60


@cases_of(40)
@given(st.sets(st.integers(1, 247), max_size=20), st.integers(1, 247))
def test_a_charger_is_never_taken_for_a_meter(addresses, address):
    chargers = [(Charger(one), (9600, "N", 1)) for one in addresses]
    bench = Bench(chargers, first_line=(9600, "N", 1), preferred=tuple(addresses)).run(3000)
    assert bench.search.found is None
    assert {kind for _, kind, _ in bench.kinds} <= {search.kinds.CHARGER}
    assert len(bench.kinds) >= len(addresses)


# --- the firmware


def test_a_search_that_fails_gives_the_line_back_and_control_goes_on():
    done = subprocess.run(
        [micropython(), str(ROOT / "host_tests/upy/search_failing.py")],
        env={**os.environ, "MICROPYPATH": module_path()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert len(set(seen["core_asked"])) == 1, "the core's requests wait"
    assert seen["over"]
    assert seen["ended"] == [[19200, "timeout"], [38400, "refused"], [1200, "refused"]]
    assert seen["opened"] == [9600, 19200, 9600]
    assert seen["closed"] == 3
    searched = [line for line in seen["log"] if line.startswith("search: ")]
    assert len(searched) == 4
    for line, said in zip(
        searched,
        ("cannot be opened", "without 38400 8E1", "without 1200 8O1", "ended by Memory"),
        strict=True,
    ):
        assert said in line


def speed_of(path):
    """The speed that the firmware has set on a tty."""
    tty = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        return termios.tcgetattr(tty)[4]
    finally:
        os.close(tty)


def test_a_siemens_at_another_speed_is_found_on_the_meter_bus_while_the_chargers_go_on(tmp_path):
    site = small_site([{"phases": "L1L2L3"}])
    site.meter = SimulatedMeter("siemens_pac3200", 126)
    site.hang(site.meter)
    charger_bus, meter_bus = buses(site, LINE, Line(19200, "N", 2))
    meter_bus.tty_path = tmp_path / "meter-tty"
    deaf = []

    def at_the_right_speed(direction, frame):
        if direction == REQUEST and speed_of(meter_bus.tty_path) != termios.B19200:
            deaf.append(frame)
            return []
        return [(0, frame)]

    meter_bus.fault = at_the_right_speed
    own = {"address": 1, "bus": {"baud": 9600, "parity": "N", "stop_bits": 1}}
    with serving(site, [charger_bus, meter_bus]) as server:
        ttys = server.ttys["chargers"], server.ttys["meter"]
        with Controller(tmp_path, settings(site, meter=own), *ttys) as controller:
            controller.wait_for(lambda status: status["chargers"][0]["online"])
            controller.type("search")
            controller.expect(lambda line: "meter bus: searching" in line)
            controller.expect(lambda line: "! search: found 7KM PAC3200 (siemens_pac3200)" in line)
            told = controller.expect(lambda line: line.startswith('! {"meter"'))
            facts = controller.ask("search json")["search"]
            status = controller.ask("status json")
            assert controller.stop() == 0
    section = {"model": "siemens_pac3200", "address": 126}
    section["bus"] = {"baud": 19200, "parity": "N", "stop_bits": 2}
    assert json.loads(told[2:]) == {"meter": section}
    assert facts["config"] == {"meter": section}
    assert deaf, "other speeds were tried"
    assert status["chargers"][0]["online"]


def test_on_the_chargers_bus_control_pauses_and_comes_back(tmp_path):
    site = small_site([{"phases": "L1L2L3", "cars": [CAR]}])
    # A pty has no parity, and may not be opened twice with one.
    config = settings(site, bus={"baud": 19200, "parity": "N", "stop_bits": 1})
    with serving(site, buses(site, Line(19200, "N", 1))) as server:
        with Controller(tmp_path, config, server.ttys["chargers"]) as controller:
            controller.wait_for(lambda status: sum_of_limits(status) >= 6)
            controller.type("search")
            controller.expect(lambda line: '"search chargers"' in line)
            controller.type("search chargers")
            controller.expect(lambda line: "! search: found SDM630" in line)
            told = controller.expect(lambda line: line.startswith('! {"meter"'))
            assert json.loads(told[2:]) == {"meter": {"model": "eastron_sdm630", "address": 1}}
            controller.expect(lambda line: "is open" in line)
            heard = controller.ask("bus json")["buses"][0]["devices"]["1"]["ok"]

            def goes_on(status):
                devices = controller.ask("bus json")["buses"][0]["devices"]
                return devices["1"]["ok"] > heard and status["chargers"][0]["online"]

            controller.wait_for(goes_on)
            facts = controller.ask("bus json")["buses"][0]
            assert facts["state"] == "open"
            assert set(facts["devices"]) == {"1", "2"}, "a search is not counted"
            assert controller.stop() == 0

"""The firmware on MicroPython against the simulated site: real Modbus RTU bytes on real ttys."""

import subprocess

import pytest
from controller import LOADRAIL, Controller
from served_site import CAR, LINE, settings, small_site, sum_of_limits

from loadrail_tools.paths import firmware_command, module_path
from loadrail_tools.serve import buses, serving
from loadrail_tools.wire import Line

METER_LINE = Line(9600, "N", 1)


def cars(n):
    """Chargers with a car each."""
    return [{"cars": [CAR]}] * n


def test_a_load_step_brings_the_limits_down(tmp_path):
    site = small_site(cars(3))
    with serving(site, buses(site, LINE)) as server:
        with Controller(tmp_path, settings(site), server.ttys["chargers"]) as controller:
            before = controller.wait_for(lambda status: sum_of_limits(status) >= 33)
            assert before["group"]["type"] == "dynamic"
            assert before["group"]["limit_a"] == 40
            assert before["group"]["meter_ok"] is True
            assert all(charger["online"] for charger in before["chargers"])
            server.call(site.house.steps.append, (site.now_ms, (0, 1, 2), 20_000))

            def is_down(status):
                held = sum(charger.settings[15] for charger in site.chargers)
                return max(sum_of_limits(status), held) <= 20

            after = controller.wait_for(is_down)
            assert all(charger["limit_a"] >= 6 for charger in after["chargers"])
            assert controller.stop() == 0
    assert not site.breaker.tripped
    held = [charger.settings[15] for charger in site.chargers]
    assert sum(held) <= 20
    assert sum(held) == sum_of_limits(after)


def test_the_meter_may_have_a_bus_of_its_own(tmp_path):
    site = small_site(cars(2))
    meter = {"address": 1, "bus": {"baud": 9600, "parity": "N", "stop_bits": 1}}
    with serving(site, buses(site, LINE, METER_LINE)) as server:
        ttys = server.ttys["chargers"], server.ttys["meter"]
        with Controller(tmp_path, settings(site, meter=meter), *ttys) as controller:
            controller.wait_for(lambda status: sum_of_limits(status) >= 12)
            facts = controller.ask("bus json")
    assert [bus["name"] for bus in facts["buses"]] == ["charger bus", "meter bus"]
    assert facts["buses"][1]["devices"]["1"]["ok"] > 0
    assert "1" not in facts["buses"][0]["devices"]


def test_a_tty_that_goes_away_is_told_and_retried_and_nothing_rises_meanwhile(tmp_path):
    site = small_site(cars(2))
    tight = settings(site)
    tight["group"]["limit_a"] = 17  # both at their minimum, and nothing more on its way
    with serving(site, buses(site, LINE)) as server:
        tty = server.ttys["chargers"]
        with Controller(tmp_path, tight, tty) as controller:
            controller.wait_for(lambda _: all(c.settings[15] == 6 for c in site.chargers))
            server.call(server.wires["chargers"].cut)
            controller.expect(lambda line: line == f"! bus: {tty} is gone")
            held_a = [charger.settings[15] for charger in site.chargers]
            controller.expect(lambda line: "cannot be opened" in line and "again" in line)
            lost = controller.wait_for(
                lambda status: not any(charger["online"] for charger in status["chargers"])
            )
            for charger, held in zip(lost["chargers"], held_a, strict=True):
                assert charger["reason"] == "silent"
                assert charger["limit_a"] <= held
                assert min(charger["booked_a"]) >= held, "booked until proven"
            server.call(server.wires["chargers"].mend)
            controller.expect(lambda line: line == f"! bus: {tty} is open")
            back = controller.wait_for(
                lambda status: all(charger["reason"] == "share" for charger in status["chargers"])
            )
            assert [charger["limit_a"] for charger in back["chargers"]] == [6, 6]
            assert controller.stop() == 0


def test_two_chargers_at_one_address_are_told_and_get_nothing(tmp_path):
    site = small_site([{"cars": [CAR]}, {}, {"address": 2}])
    said = (
        "charger 1 (address 2, bay 1): its answers come damaged: give two devices of one address "
        "different ones; else check the line's ends, bias and length"
    )
    with serving(site, buses(site, LINE)) as server:
        with Controller(tmp_path, settings(site), server.ttys["chargers"]) as controller:
            controller.expect(lambda line: line == "! " + said)
            status = controller.ask("status json")
            assert (status["light"], status["warnings"]) == ("yellow, breathing", [said])
            assert [charger["online"] for charger in status["chargers"]] == [False, True]
            assert [charger["limit_a"] for charger in status["chargers"]] == [None, 0]
            devices = controller.ask("bus json")["buses"][0]["devices"]
            assert devices["2"]["crc"] >= 3
            assert (devices["2"]["ok"], devices["2"]["exception"]) == (0, 0)
            assert devices["3"]["crc"] == 0
            assert controller.stop() == 0


def test_a_tty_that_is_not_there_is_told_and_the_console_answers(tmp_path):
    site = small_site(cars(2))
    missing = str(tmp_path / "ttyUSB9")
    with Controller(tmp_path, settings(site), missing) as controller:
        said = controller.expect(lambda line: "cannot be opened" in line)
        assert missing in said
        status = controller.ask("status json")
        assert not any(charger["online"] for charger in status["chargers"])
        assert all(charger["draw_a"] == [None] * 3 for charger in status["chargers"])
        assert all(charger["booked_a"] == [32] * 3 for charger in status["chargers"])
        assert status["group"]["grid_a"] == [None] * 3
        assert controller.stop() == 0


def test_the_console_answers_whatever_is_typed(tmp_path):
    site = small_site(cars(2))
    with serving(site, buses(site, LINE)) as server:
        with Controller(tmp_path, settings(site), server.ttys["chargers"]) as controller:
            controller.type("help")
            controller.expect(lambda line: "status [json]" in line)
            controller.type("explode now")
            controller.expect(lambda line: '"explode" is no command' in line)
            controller.type("status html")
            controller.expect(lambda line: 'takes no "html"' in line)
            controller.type(b"\xa6\xff\x00\x1b[Astatus\n")
            controller.expect(lambda line: "no text" in line)
            controller.type(b"x" * 10_000 + b"\n")
            controller.expect(lambda line: "too long" in line)
            controller.type("status")
            controller.expect(lambda line: "dynamic group, limit 40 A" in line)
            controller.expect(lambda line: line.startswith("   2     3"))
            controller.type("bus")
            controller.expect(lambda line: "turnaround ms" in line)
            controller.type("version")
            controller.expect(lambda line: line.startswith("Loadrail 0."))
            jobs = controller.ask("bus json")["jobs"]
            assert jobs["control"]["errors"] == 0
            assert controller.stop() == 0


def test_without_any_input_it_goes_on_controlling(tmp_path):
    site = small_site(cars(2))
    with serving(site, buses(site, LINE)) as server:
        with Controller(tmp_path, settings(site), server.ttys["chargers"]) as controller:
            controller.process.stdin.close()
            while not any(charger.settings[15] for charger in site.chargers):
                assert controller.process.poll() is None
            assert controller.stop() == 0


BAD_FILES = (
    ("{", ["not JSON", "line 1, column 2"]),
    ("\x00\x01", ["not JSON"]),
    ("[]", ["the configuration: [] is not an object"]),
    (
        '{"group": {"limit_a": 5}, "meter": {"address": 1}, "colour": 1, '
        '"chargers": [{"address": 2}, {"address": 2}]}',
        ["group.limit_a: 5 is not allowed; a whole number from 6 to 1000", "colour: unknown"],
    ),
    (
        '{"meter": {"address": 1}, "chargers": [{"address": 2}, {"address": 2}]}',
        ["chargers[1].address: 2 is taken by chargers[0]"],
    ),
    (
        '{"meter": {"address": 1, "bus": {}}, "chargers": [{"address": 2}]}',
        ["meter.bus: is configured, so --meter-bus must name its tty"],
    ),
)


@pytest.mark.parametrize(("text", "faults"), BAD_FILES)
def test_a_bad_configuration_is_refused_whole(tmp_path, text, faults):
    with Controller(tmp_path, text, "/dev/null") as controller:
        controller.expect(lambda line: "The configuration was refused" in line)
        assert controller.process.wait(30) == 2
        for fault in faults:
            assert any(fault in line for line in controller.said), controller.said


@pytest.mark.parametrize("name", ["nothing.json", "."])
def test_a_missing_configuration_is_told(tmp_path, name):
    command = [LOADRAIL, "run", "--config", str(tmp_path / name), "--bus", "/dev/null"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert "The configuration was refused" in done.stderr


def test_the_firmware_itself_refuses_a_bad_configuration_too(tmp_path):
    """On a board nobody has looked at the file before."""
    for text, fault in (("{", "is not JSON"), ('{"chargers": []}', "chargers: empty")):
        path = tmp_path / "site.json"
        path.write_text(text)
        command = firmware_command(path, ["/dev/null"])
        env = {"MICROPYPATH": module_path()}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert fault in done.stdout
    path.unlink()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "site.json: is not there" in done.stdout

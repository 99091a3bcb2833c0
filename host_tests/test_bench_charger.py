"""The bench charger on MicroPython: its console, pymodbus as its primary, and the real primary."""

import random
import signal

import pytest
from bench_process import Bench, Hub, bench, client
from conftest import ROOT
from controller import PATIENCE_S, Controller
from pymodbus.exceptions import ModbusIOException
from rtu_line import Pty

from loadrail_site import teltocharge as tc
from loadrail_tools import bench_charger
from loadrail_tools.paths import micropython

UNIT = 2


ANSWERS = (
    ("car in 2 20", "2: car in 2 20"),
    ("car in 4", "? car in: phases is 1 to 3, max_a 6 to 32"),
    ("car in 3 5", "? car in: phases is 1 to 3, max_a 6 to 32"),
    ("car in 3 x", '? "x" is not a whole number'),
    ("car in -1", '? "-1" is not a whole number'),
    ("car in 1 2 3", "? car in [phases] [max_a] | car out"),
    ("car", "? car in [phases] [max_a] | car out"),
    ("car out", "2: car out"),
    ("error maybe", "? error on|off"),
    ("error on", "2: error on"),
    ("error off", "2: error off"),
    ("silent", "? silent on|off"),
    ("deaf on off", "? deaf on|off"),
    ("app failsafe_current 10", "2: app failsafe_current 10"),
    ("app failsafe_current 5", "? failsafe_current takes 0 or 6 to 32"),
    ("app user_max_current 3", "? user_max_current takes 6 to 32"),
    ("app communication_timeout 601", "? communication_timeout takes 0 to 600"),
    ("app phase_to_use 8", "? phase_to_use takes 0 to 6, as far as its phases are connected"),
    ("app colour 1", "? app SETTING VALUE; SETTING is one of amps_to_use, authorize_request, "),
    ("app", "app SETTING VALUE; SETTING is one of amps_to_use, authorize_request, "),
    ("reading mood good", '? no reading "mood"; after_restart, after_timeout, '),
    ("reading fed_by love", '? fed_by takes no "love"; any | writes | amps'),
    ("reading fed_by", '? reading NAME VALUE; "reading" lists them'),
    ("lie boldly", "? lie deaf_ear|parrot|greedy|sleepwalker|off"),
    ("lie greedy", "2: lie greedy"),
    ("lie off", "2: lie off"),
    ("restart now", "? restart takes nothing after it"),
    ("explode", '? "explode" is no command; "help" lists them'),
    ("9 status", "? no charger at that address; 2"),
    ("2", '? an address needs a command after it; "help" lists them'),
    ("2 status", "2: no car; draws L1 0 A, L2 0 A, L3 0 A; limit 0 A (amps_to_use); phase_to_use"),
    ("x" * 500, "? the line was too long: at most 120 characters; nothing was done"),
    (b"car \xa6\xff\n", "? the line held 2 bytes that are no text; nothing was done"),
    ("help", "  car in [phases] [max_a]"),
)


def test_the_console_answers_whatever_is_typed_with_what_is_allowed():
    with bench() as (process, _):
        for line, said in ANSWERS:
            assert process.answer(line).startswith(said), line
        assert process.stop() == 0


def test_no_words_in_any_order_end_it():
    dice = random.Random(5)
    words = " ".join(line for line, _ in ANSWERS if isinstance(line, str)).split()
    with bench("--count", "2") as (process, _):
        for _ in range(1500):
            process.type(" ".join(dice.choices(words, k=dice.randint(0, 5))))
        process.type("explode")
        process.expect(lambda line: '"explode" is no command' in line)
        assert not [line for line in process.said if "Traceback" in line or "failed" in line]
        assert process.stop() == 0


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--max-a", "5"], "max_a: 5 is not allowed; 6 to 32"),
        (["--parity", "X"], 'parity: "X" is not allowed; one of "N", "E", "O"'),
        (["--reading", "fed_by"], '"reading.fed_by": give KEY=VALUE'),
        (["--phases", "L" * 300], "an option is longer than 255 bytes"),
    ],
)
def test_bad_options_are_refused(options, fault):
    with Bench("/dev/null", *options) as process:
        assert process.expect(lambda line: line.startswith(fault))
        assert process.process.wait(PATIENCE_S) == 2


def test_a_line_that_goes_away_is_told_and_found_again(tmp_path):
    path, first = tmp_path / "bus", Pty()
    path.symlink_to(first.path)
    with Bench(str(path)) as process:
        process.expect(lambda line: line == "! the line is open")
        first.close()
        process.expect(lambda line: line.startswith("! the line is gone"))
        second = Pty()
        path.unlink()
        path.symlink_to(second.path)
        process.expect(lambda line: line == "! the line is open")
        assert process.stop() == 0
        second.close()


def test_without_any_input_it_goes_on_answering():
    with bench() as (process, path), client(path) as master:
        process.process.stdin.close()
        for _ in range(3):
            assert master.read_holding_registers(tc.EVSE_ID, device_id=UNIT).registers == [21571]
        process.process.send_signal(signal.SIGINT)
        assert process.process.wait(PATIENCE_S) == 0


def test_pymodbus_reads_all_registers_with_both_functions():
    with bench("--phases", "L2", "--max-a", "16") as (_, path), client(path) as master:
        for read in (master.read_holding_registers, master.read_input_registers):
            words = read(0, count=45, device_id=UNIT).registers
            assert len(words) == 45
            assert words[tc.EVSE_ID] == 21571
            assert words[tc.AMP_LIMIT] == 16
            assert words[tc.PHASE_CONNECTED] == 1
            assert words[tc.EVSE_STATUS] == tc.NO_EV
            assert words[tc.COMMUNICATION_TIMEOUT] == 30


def test_pymodbus_writes_and_is_refused():
    with bench() as (_, path), client(path) as master:
        assert not master.write_register(tc.AMPS_TO_USE, 16, device_id=UNIT).isError()
        assert not master.write_register(tc.AMPS_TO_USE, 16, device_id=UNIT).isError()
        both = master.write_registers(tc.COMMUNICATION_TIMEOUT, [60, 8], device_id=UNIT)
        assert not both.isError()
        held = master.read_holding_registers(tc.AMPS_TO_USE, count=6, device_id=UNIT).registers
        assert [held[0], *held[4:]] == [16, 60, 8]
        refused = (
            (master.write_register(tc.AMPS_TO_USE, 5, device_id=UNIT), 3),
            (master.write_register(tc.CURRENT_L1, 5, device_id=UNIT), 2),
            (master.write_registers(tc.FAILSAFE_CURRENT, [8, 2], device_id=UNIT), 3),
            (master.read_holding_registers(44, count=2, device_id=UNIT), 2),
            (master.read_coils(0, count=1, device_id=UNIT), 1),
        )
        assert [answer.exception_code for answer, _ in refused] == [code for _, code in refused]
        again = master.read_holding_registers(tc.FAILSAFE_CURRENT, device_id=UNIT).registers
        assert again == [8], "a write of several registers is taken whole or not at all"


def test_a_reading_chosen_on_the_command_line_is_played():
    chosen = ("--reading", "max_read=16", "--reading", "bad_value=clamp")
    with bench(*chosen) as (_, path), client(path) as master:
        assert master.read_holding_registers(0, count=17, device_id=UNIT).exception_code == 3
        assert not master.write_register(tc.AMPS_TO_USE, 40, device_id=UNIT).isError()
        assert master.read_holding_registers(tc.AMPS_TO_USE, device_id=UNIT).registers == [32]


def test_a_reading_chosen_at_the_console_restarts_it_with_its_settings_and_car():
    with bench() as (process, path), client(path) as master:
        process.answer("car in 1 16")
        master.write_register(tc.AMPS_TO_USE, 10, device_id=UNIT)
        process.wait_until(lambda line: "draws L1 9.8 A" in line)
        process.answer("reading read_functions 3")
        assert "does not answer" in process.answer("status")
        process.wait_until(lambda line: "does not answer" not in line)
        assert "car of 1 phases" in process.answer("status")
        assert master.read_input_registers(0, device_id=UNIT).exception_code == 1
        assert master.read_holding_registers(tc.AMPS_TO_USE, device_id=UNIT).registers == [10]


def test_what_an_app_changes_is_read_back_and_feeds_no_watchdog():
    with bench("--reading", "fed_by=amps") as (process, path), client(path) as master:
        process.answer("app communication_timeout 1")
        process.wait_until(lambda line: "watchdog has run out" in line)
        process.answer("app amps_to_use 16")
        assert "limit 6 A (failsafe" in process.answer("status")
        assert master.read_holding_registers(tc.AMPS_TO_USE, device_id=UNIT).registers == [16]
        assert "watchdog has run out" in process.answer("status")
        assert not master.write_register(tc.AMPS_TO_USE, 16, device_id=UNIT).isError()
        process.wait_until(lambda line: "limit 16 A (amps_to_use)" in line)


def test_nobody_answers_at_another_address_and_the_next_request_is_heard():
    with bench() as (_, path), client(path) as master:
        master.comm_params.timeout_connect = 0.2
        with pytest.raises(ModbusIOException):
            master.read_holding_registers(0, count=45, device_id=UNIT + 1)
        assert master.read_holding_registers(tc.EVSE_ID, device_id=UNIT).registers == [21571]


# --- against the real primary


def static_group(*addresses, limit_a=14):
    return {
        "group": {"type": "static", "limit_a": limit_a, "raise_after_s": 1, "start_after_s": 1},
        "bus": {"baud": 19200},
        "chargers": [{"address": address, "phases": "L1L2L3"} for address in addresses],
    }


def limits(status):
    return [charger["limit_a"] for charger in status["chargers"]]


def test_the_primary_steers_two_bench_chargers_on_one_bus(tmp_path):
    with Hub(3) as hub:
        paths = [pty.path for pty in hub.ptys]
        with (
            Bench(paths[1], "--address", "2") as two,
            Bench(paths[2], "--address", "3") as three,
            Controller(tmp_path, static_group(2, 3), paths[0]) as primary,
        ):
            two.answer("car in 3 32")
            three.answer("car in 1 16")
            primary.wait_for(lambda status: limits(status) == [7, 7])
            two.wait_until(lambda line: "2: charging; draws L1 6.8 A, L2 6.8 A" in line)
            three.wait_until(lambda line: "3: charging" in line and "L2 0 A, L3 0 A" in line)
            three.answer("car out")
            primary.wait_for(lambda status: limits(status)[0] > 7)
            two.wait_until(lambda line: "draws" in line and "L1 6.8 A" not in line)
            facts = primary.ask("bus json")["buses"][0]["devices"]
            assert all(facts[unit]["crc"] == 0 for unit in ("2", "3"))
            assert primary.stop() == 0


def test_the_primary_books_a_bench_charger_that_falls_silent_and_takes_it_back(tmp_path):
    with bench("--count", "2") as (chargers, path):
        with Controller(tmp_path, static_group(2, 3), path) as primary:
            chargers.answer("car in 3 32")
            primary.wait_for(lambda status: limits(status) == [7, 7])
            chargers.answer("3 silent on")
            lost = primary.wait_for(lambda status: status["chargers"][1]["reason"] == "silent")
            assert min(lost["chargers"][1]["booked_a"]) >= 7
            assert limits(lost)[0] <= 7
            chargers.answer("3 silent off")
            primary.wait_for(lambda status: status["chargers"][1]["online"])
            primary.wait_for(lambda status: limits(status) == [7, 7])
            chargers.answer("2 error on")
            failed = primary.wait_for(lambda status: status["chargers"][0]["status"] == tc.ERROR)
            assert failed["chargers"][1]["online"]
            assert primary.stop() == 0


# --- what a board gets


def test_the_files_for_a_board_are_all_that_it_needs(tmp_path):
    bench_charger.compile_all(tmp_path)
    assert (tmp_path / "bench.json").exists()
    assert not list(tmp_path.rglob("site.mpy"))
    command = [micropython(), "-X", "heapsize=512K", str(tmp_path / "main.py"), "tty=/dev/null"]
    # This machine's UART in the place of the board's; everything else comes compiled.
    path = f"{bench_charger.SOURCE / 'unix'}:{tmp_path / 'lib'}:{ROOT}:.frozen"
    with Bench(None, command=command, path=path) as process:
        assert process.answer("status").startswith("A bench charger")
        assert process.answer("").startswith("2: no car; draws")
        assert process.stop() == 0

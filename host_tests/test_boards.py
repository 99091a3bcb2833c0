"""Every board file, run by a real MicroPython over a `machine` as strict as the ports' are."""

import ast
import json
import os
import signal
import subprocess

import pytest
from conftest import ROOT

from loadrail_tools.manifest import BOARDS
from loadrail_tools.paths import micropython

CHIPS = {
    "rp_pico": "rp2040",
    "waveshare_pico_2ch_rs485": "rp2040",
    "waveshare_rp2350_relay_6ch": "rp2350b",
    "esp32_devkit": "esp32",
    "lilygo_t_can485": "esp32",
    "waveshare_esp32_s3_relay_6ch": "esp32s3",
    "m5stack_stamplc": "esp32s3",
}
STRAPPED = {"m5stack_stamplc": "0 3 46"}  # as their maker has wired them

PORTS = {"rp2040": "rp2", "rp2350b": "rp2", "esp32": "esp32", "esp32s3": "esp32"}


def run(script, *arguments, chip="rp2040", strapped=""):
    folders = [ROOT / "host_tests" / "fakes", ROOT, ROOT / "lib"]
    return subprocess.run(
        [micropython(), str(ROOT / "host_tests/upy" / script), *arguments],
        env={
            **os.environ,
            "MICROPYPATH": ":".join([*map(str, folders), ".frozen"]),
            "CHIP": chip,
            "STRAPPED": strapped,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def of(name):
    done = run("board_run.py", name, chip=CHIPS[name], strapped=STRAPPED.get(name, ""))
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=sorted(CHIPS))
def board(request):
    return request.param, of(request.param)


def test_every_board_is_tried():
    assert set(CHIPS) | {"unix"} == set(BOARDS)
    for name, chip in CHIPS.items():
        assert BOARDS[name] == PORTS[chip]


def test_a_board_opens_its_lines_in_any_format(board):
    _, seen = board
    assert seen["lines"]
    for _, opened in seen["lines"]:
        baudrate, bits, parity, stop, timeout, timeout_char, txbuf, rxbuf = opened
        assert (baudrate, bits, parity, stop) == (115200, 8, 1, 1)
        assert (timeout, timeout_char) == (0, 0), "a read must never wait"
        assert txbuf >= 256 and rxbuf >= 512, "a frame, and its echo with the longest answer"


def test_a_line_that_the_board_lacks_cannot_be_opened(board):
    _, seen = board
    assert "lacks" in seen["no_line"]


def test_rx_has_a_pull_up_before_the_uart_takes_it(board):
    _, seen = board
    assert len(set(seen["pulled_up"])) == len(seen["lines"])


def test_s9_the_direction_pins_are_low_before_anything_else_happens(board):
    _, seen = board
    driven = [pin for pin in seen["directions"] if pin]
    assert all(level == 0 for _, level in driven)
    assert seen["first"][: len(driven)] == [["pin", pin, 0] for pin, _ in driven]


def test_a_frame_goes_out_between_the_two_edges_of_its_direction_pin(board):
    _, seen = board
    for (uart, _), direction in zip(seen["lines"], seen["directions"], strict=True):
        at = seen["sent"].index(["flushed", uart])
        around = seen["sent"][at - 2 : at + 2]
        if direction:
            pin = direction[0]
            assert around[0] == ["pin", pin, 1]
            assert around[3] == ["pin", pin, 0]
        assert around[1][:2] == ["sent", uart]


def test_what_supplies_the_transceiver_is_on(board):
    _, seen = board
    assert all(level == 1 for level in seen["powered"])


def test_a_watchdog_is_armed_when_it_is_asked_for_and_not_before(board):
    name, seen = board
    assert seen["armed_before"] == []
    if CHIPS[name].startswith("rp2"):
        assert seen["watchdog_ms"] == [8000]
        assert seen["fed"] == 1
    else:
        assert seen["watchdog_ms"] == [8000, 3_600_000]
        assert seen["fed"] == 2


def test_each_colour_looks_different_from_all_the_others(board):
    _, seen = board
    green, yellow, red, dark = seen["lights"]
    assert green
    assert green != red
    assert green != dark
    assert yellow != green


LIT = {
    # board: what green does to the lights
    "rp_pico": [["pin", "LED", 1], ["duty", 10, 0], ["duty", 11, 65535], ["duty", 12, 0]],
    "esp32_devkit": [["duty", 26, 0], ["duty", 27, 65535], ["duty", 14, 0]],
    "lilygo_t_can485": [["bits", 4, [63, 0, 0]]],  # green first
    "waveshare_esp32_s3_relay_6ch": [["bits", 38, [0, 63, 0]]],  # red first
    "waveshare_rp2350_relay_6ch": [["bits", 36, [0, 63, 0]]],
    "m5stack_stamplc": [["expander", 0xFF ^ 1 << 5]],
}


@pytest.mark.parametrize("name", sorted(LIT))
def test_green_lights_what_is_green(name):
    assert of(name)["lights"][0] == LIT[name]


def test_the_lamp_of_a_pico_is_dark_in_an_alarm():
    green, _, red, dark = of("waveshare_pico_2ch_rs485")["lights"]
    assert green[0] == ["pin", "LED", 1]
    assert red[0] == dark[0] == ["pin", "LED", 0]


def test_the_inputs_are_what_is_pressed_and_none_where_that_is_no_position(board):
    name, seen = board
    if name == "lilygo_t_can485":  # only a contact
        assert seen["inputs"] == [[None, False]] * 4 + [[None, True]]
    else:
        positions = [[0, False], [7, False], [9, False], [None, False], [0, True]]
        assert seen["inputs"] == positions


def test_inputs_that_cannot_be_read_are_none():
    assert of("m5stack_stamplc")["inputs_gone"] == [None, None]


def test_a_board_keeps_its_files_at_the_root_and_can_restart(board):
    _, seen = board
    assert seen["root"] == "/"
    assert seen["reset"]


def test_only_boards_with_an_even_adc_have_clamps(board):
    name, seen = board
    assert seen["clamps"] == (CHIPS[name] == "rp2040")


def test_the_adc_of_a_pico_walks_three_channels_at_2510_hz():
    done = run("board_clamps_run.py")
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads(done.stdout)
    assert (seen["channels"], seen["rate_hz"], seen["reference_mv"]) == (3, 2510, 3300)
    rate_hz = 48_000_000 / (1 + seen["spacing"] / 256) / 3
    assert abs(rate_hz - 2510) < 0.001
    read, same_buffer, count, control = seen["job"]
    assert (read, same_buffer, count) == (0x4004C00C, True, 12)
    assert control == [1, False, True, 36]
    assert seen["running"] == 1 | 8 | 0b111 << 16
    assert seen["left"] == seen["still_left"] == 0, "an old result would shift the channels"
    assert (seen["before"], seen["after"]) == (False, True)
    assert seen["idle"] == 1 | 0b111 << 16


BAD = {
    "a strapping pin": ("esp32", "LINES = ((2, 12, 16, 4),)", "strapping"),
    "a flash pin": ("esp32", "LINES = ((2, 9, 16, 4),)", "flash"),
    "a pin that only reads": ("esp32", "LINES = ((2, 34, 16, 4),)", "only read"),
    "a pin that is not there": ("rp2040", "LINES = ((0, 0, 1, 30),)", "invalid pin"),
    "pins of another UART": ("rp2040", "LINES = ((0, 4, 5, 2),)", "bad TX pin"),
    "the console's UART": ("esp32", "LINES = ((0, 17, 16, 4),)", "REPL"),
    "a pin for two things": ("rp2040", "LINES = ((0, 0, 1, 2),); CONTACT = 2", "used by"),
}


@pytest.mark.parametrize("what", sorted(BAD))
def test_a_wrong_table_of_pins_is_found(what, tmp_path):
    chip, table, said = BAD[what]
    script = (
        "from boards._machine import Machine\n"
        f"class Board(Machine): {table}\n"
        "board = Board()\n"
        "board.inputs()\n"
        "board.open_line(0, {'baud': 9600, 'parity': 'N', 'stop_bits': 1})\n"
    )
    (tmp_path / "bad.py").write_text(script)
    done = run(str(tmp_path / "bad.py"), chip=chip)
    assert done.returncode != 0
    assert said in done.stderr + done.stdout


@pytest.mark.parametrize("name", sorted(CHIPS))
def test_a_board_file_is_short_and_names_its_source(name):
    text = (ROOT / "boards" / f"{name}.py").read_text()
    assert "# Source: " in text
    code = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    assert [node.name for node in code][-1] == "Board"
    if name != "m5stack_stamplc":  # whose lamp and inputs are behind I2C
        assert len(text.splitlines()) <= 25


def test_a_long_text_is_written_in_slices_and_whole():
    script = (
        "from boards._machine import Stdio\n"
        "console = Stdio(1)\n"
        "text = 'x' * 150 + '\\n'\n"
        "calls = 1\n"
        "while not console.write(text): calls += 1\n"
        "while not console.write('%d calls\\n' % calls): pass\n"
    )
    path = ROOT / "host_tests" / "fakes"
    done = subprocess.run(
        [micropython(), "-c", script],
        env={**os.environ, "MICROPYPATH": f"{path}:{ROOT}:.frozen", "CHIP": "rp2040"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "x" * 150 + "\n3 calls\n", done.stderr


class Controller:
    """The whole firmware on a board whose pins are fakes."""

    def __init__(self, name, folder):
        folders = ["host_tests/fakes", "lib", "firmware", ".", "build/umodbus/device"]
        path = ":".join([*(str(ROOT / each) for each in folders), ".frozen"])
        self._process = subprocess.Popen(
            [micropython(), str(ROOT / "host_tests/upy/board_main.py"), name, str(folder)],
            env={
                **os.environ,
                "MICROPYPATH": path,
                "CHIP": CHIPS[name],
                "STRAPPED": STRAPPED.get(name, ""),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def ask(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        said = []
        for line in self._process.stdout:
            said.append(line)
            start = line.find("{")
            if start >= 0:
                return json.loads(line[start:])
        raise AssertionError("".join(said))

    def leave(self):
        self._process.send_signal(signal.SIGINT)
        said, _ = self._process.communicate(timeout=20)
        return json.loads(said.splitlines()[-1])


@pytest.mark.parametrize("name", sorted(CHIPS))
def test_the_firmware_runs_on_a_board_and_leaves_its_lines_undriven(name, tmp_path):
    config = {"group": {"type": "static", "limit_a": 32}, "chargers": [{"address": 2}]}
    (tmp_path / "config.json").write_text(json.dumps(config))
    controller = Controller(name, tmp_path)
    bus = controller.ask("bus json")["buses"][0]
    assert bus["state"] == "open"
    assert bus["line"].startswith("UART")
    high, armed, status = controller.leave()
    assert (high, status) == ([], 0)
    assert armed == 0, "the watchdog waits for half a minute of health"


def test_a_line_that_the_board_lacks_is_told_and_the_chargers_go_on(tmp_path):
    config = {
        "group": {"limit_a": 32},
        "meter": {"address": 1, "bus": {"baud": 9600}},
        "chargers": [{"address": 2}],
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    controller = Controller("m5stack_stamplc", tmp_path)
    chargers, meter = controller.ask("bus json")["buses"]
    assert (chargers["state"], meter["state"]) == ("open", "cannot be opened")
    assert "lacks" in meter["line"]
    controller.leave()


def tables_of(name):
    """The tables of pins in a board's file."""
    for node in ast.parse((ROOT / "boards" / f"{name}.py").read_text()).body:
        if isinstance(node, ast.ClassDef) and node.name == "Board":
            return {
                row.targets[0].id: ast.literal_eval(row.value)
                for row in node.body
                if isinstance(row, ast.Assign)
            }
    raise AssertionError(name)


def written(pins):
    return ", ".join(str(pin) for pin in pins or () if pin is not None)


@pytest.mark.parametrize("name", sorted(CHIPS))
def test_the_pins_in_the_document_are_those_of_the_file(name):
    text = (ROOT / "docs" / "boards.md").read_text().split("\n## Pins\n")[1]
    row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
    told = [cell.strip() for cell in row.strip("|").split("|")][1:]
    tables = tables_of(name)
    lines = [*tables["LINES"], (0,)]
    assert told[:2] == [written(lines[0][1:]), written(lines[1][1:])]
    if name != "m5stack_stamplc":  # whose inputs are no pins
        contact = written([tables["CONTACT"]])
        selector = written(tables.get("SELECTOR"))
        assert told[2:5] == [written(tables.get("LEDS")), selector, contact]
    assert told[5] == written(tables.get("CLAMPS"))

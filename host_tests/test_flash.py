"""Flashing for real: mpremote's transport, a pty, and MicroPython at its prompt behind it."""

import fcntl
import os
import pty
import subprocess
import termios
import threading
import tty
from dataclasses import replace

import pytest
from conftest import ROOT

from loadrail_tools import device as devices
from loadrail_tools import flash, manifest
from loadrail_tools.device import DeviceError, Facts
from loadrail_tools.paths import micropython

PREPARED = [micropython(), "-i", str(ROOT / "host_tests/upy/board_device.py")]


def _only_signals(tty_end):
    """Raw, but for Ctrl-C, which loses nothing of what comes after it."""
    tty.setraw(tty_end)
    modes = termios.tcgetattr(tty_end)
    modes[3] |= termios.ISIG | termios.NOFLSH
    termios.tcsetattr(tty_end, termios.TCSANOW, modes)


class Board:
    """A board: a folder is its file system, `port` its serial port. Started anew by a reset."""

    def __init__(self, folder):
        self.root = folder
        self.starts = 0
        self._ours, theirs = pty.openpty()
        _only_signals(theirs)
        self._outer, outer_slave = pty.openpty()
        tty.setraw(outer_slave)
        self.port = os.ttyname(outer_slave)
        self._keep = (theirs, outer_slave)
        self._theirs = theirs
        self._ended = False
        self._process = None
        self._threads = [
            threading.Thread(target=self._carry, args=pair, daemon=True)
            for pair in ((self._ours, self._outer), (self._outer, self._ours))
        ]
        self._threads.append(threading.Thread(target=self._live, daemon=True))

    def _live(self):
        while not self._ended:
            self._process = subprocess.Popen(
                [*PREPARED, str(self.root)],
                stdin=self._theirs,
                stdout=self._theirs,
                stderr=subprocess.STDOUT,
                preexec_fn=self._lead,  # noqa: PLW1509 - it takes no lock
            )
            self.starts += 1
            self._process.wait()

    def _lead(self):
        """The pty is the process's terminal, so that a Ctrl-C becomes a KeyboardInterrupt."""
        os.setsid()
        fcntl.ioctl(self._theirs, termios.TIOCSCTTY, 0)

    def _carry(self, source, sink):
        while True:
            try:
                os.write(sink, os.read(source, 4096))
            except OSError:
                return

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended = True
        while self._threads[-1].is_alive():
            if self._process:
                self._process.kill()
            self._threads[-1].join(0.05)
        for end in (self._ours, self._outer, *self._keep):
            os.close(end)

    def files(self):
        return {
            "/" + path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file()
        }

    def put(self, path, data=b"stale"):
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


@pytest.fixture
def board(tmp_path):
    with Board(tmp_path) as made:
        yield made


IMAGE = {
    "/lib/loadrail/core.mpy": b"M\x06" + bytes(range(256)) * 5,
    "/lib/loadrail/meters/eastron.mpy": b"M\x06 meters",
    "/lib/boards/chosen.mpy": b"M\x06 chosen",
    "/lib/loadrail_run.mpy": b"M\x06 run",
    "/main.py": b"print('firmware')\n",
}


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(flash, "image", lambda board: dict(IMAGE))


def test_a_firmware_is_flashed_once_and_the_second_time_nothing_is_written(board):
    wanted = flash.image("unix")
    assert list(wanted)[-1] == "/main.py"
    first = flash.flash(board.port, "unix")
    assert board.files() == wanted
    assert sorted(first.written) == sorted(wanted)
    second = flash.flash(board.port, "unix")
    assert (second.written, second.removed, second.kept) == ([], [], len(wanted))
    assert board.files() == wanted


def test_only_what_changed_is_written_and_main_comes_last(board, small):
    flash.flash(board.port, "unix")
    board.put("/lib/loadrail/core.mpy", b"an older one")
    report = flash.flash(board.port, "unix")
    assert report.written == ["/lib/loadrail/core.mpy", "/main.py"]
    assert report.kept == len(IMAGE) - 2
    assert board.files() == IMAGE


def test_stale_files_and_sources_that_would_hide_the_bytecode_are_removed(board, small):
    stale = [
        "/lib/loadrail/core.py",
        "/lib/loadrail/gone.mpy",
        "/lib/loadrail/old/gone.mpy",
        "/lib/boards/rp_pico.mpy",
        "/lib/loadrail_run.py",
    ]
    for path in stale:
        board.put(path)
    report = flash.flash(board.port, "unix")
    assert sorted(report.removed) == sorted(stale)
    assert board.files() == IMAGE
    assert not (board.root / "lib/loadrail/old").exists()


def test_what_is_not_the_firmwares_stays(board, small):
    own = {"/config.json": b"{}", "/boot.py": b"", "/lib/mine.py": b"1", "/lib/other/x.mpy": b"2"}
    for path, data in own.items():
        board.put(path, data)
    report = flash.flash(board.port, "unix")
    assert report.removed == []
    assert board.files() == {**IMAGE, **own}


def test_what_would_be_found_before_the_firmware_is_named(board, small):
    board.put("/boards/rp_pico.py")
    with pytest.raises(DeviceError, match="/boards in the board's root"):
        flash.flash(board.port, "unix")
    assert "/main.py" not in board.files()


def test_a_board_of_another_port_is_refused_and_left_as_it_is(board, small):
    with pytest.raises(DeviceError, match=r"port rp2, this one is linux.*unix"):
        flash.flash(board.port, "rp_pico")
    assert board.files() == {}


LOOP = b"""import time
open("/running", "w").close()
try:
    while True:
        time.sleep_ms(10)
finally:
    open("/ended", "w").close()
"""


def test_a_program_that_runs_is_left_in_order_first(tmp_path, small):
    for name, data in (("run", b""), ("main.py", LOOP)):
        (tmp_path / name).write_bytes(data)
    with Board(tmp_path) as board:
        while not (tmp_path / "running").exists():
            assert board.starts < 2
        report = flash.flash(board.port, "unix")
        assert len(report.written) == len(IMAGE)
        files = board.files()
    assert "/ended" in files
    assert files["/main.py"] == IMAGE["/main.py"]


def test_a_damaged_write_is_found_by_its_hash_and_the_board_starts_nothing(
    board, small, monkeypatch
):
    write = devices.Device.write

    def damaged(self, path, data):
        write(self, path, data if path != "/lib/loadrail/core.mpy" else data[:-1] + b"?")

    monkeypatch.setattr(devices.Device, "write", damaged)
    with pytest.raises(DeviceError, match=r"not what was written: /lib/loadrail/core\.mpy"):
        flash.flash(board.port, "unix")
    assert "/main.py" not in board.files()


def test_a_flash_that_is_interrupted_leaves_no_main(board, small, monkeypatch):
    flash.flash(board.port, "unix")
    board.put("/lib/loadrail/core.mpy", b"an older one")
    write = devices.Device.write

    def unplugged(self, path, data):
        if path == "/main.py":
            raise DeviceError("gone")
        write(self, path, data)

    monkeypatch.setattr(devices.Device, "write", unplugged)
    with pytest.raises(DeviceError, match="gone"):
        flash.flash(board.port, "unix")
    assert "/main.py" not in board.files()


def test_a_board_without_room_is_told(board, small, monkeypatch):
    monkeypatch.setattr(devices.Device, "free", lambda self: 17_000)
    with pytest.raises(DeviceError, match="17000 are free"):
        flash.flash(board.port, "unix")


def test_the_board_is_restarted(board, small):
    flash.flash(board.port, "unix")
    board._process.wait(10)  # by then the first one has ended
    flash.flash(board.port, "unix")  # and another answers
    assert board.starts >= 2


def test_a_port_that_is_not_there_is_told(small):
    with pytest.raises(DeviceError, match="cannot be opened"):
        flash.flash("/dev/ttyNOWHERE", "unix")


def test_a_board_that_is_not_known_is_told():
    with pytest.raises(DeviceError, match=r"no such board; known are .*rp_pico"):
        flash.flash("/dev/ttyNOWHERE", "pdp11")


PICO = Facts("rp2", (1, 28, 0), 6, "Raspberry Pi Pico with RP2040")
REFUSED = [
    # what the board says, what is said
    (PICO, None),
    (replace(PICO, version=(1, 24, 0)), None),
    (replace(PICO, version=(1, 29, 0)), None),
    (replace(PICO, version=(1, 30, 0)), None),  # told, not refused
    (replace(PICO, version=(1, 23, 0)), "too old: put MicroPython 1.24 to 1.29"),
    (replace(PICO, version=(1, 18, 0), mpy=5), ".mpy version 6, the board takes 5: put Micro"),
    (
        replace(PICO, mpy=7),
        "the board takes 7: put MicroPython 1.24 to 1.29 on it (it has 1.28.0)",
    ),
    (replace(PICO, platform="esp32"), "esp32_devkit"),
]


@pytest.mark.parametrize(("facts", "said"), REFUSED)
def test_a_firmware_that_does_not_fit_is_refused_with_what_is_needed(facts, said):
    why = flash.refusal("rp_pico", facts)
    assert why is None if said is None else said in why


def test_each_board_gets_its_own_files_and_no_other_boards():
    for name in manifest.BOARDS:
        boards = {path.stem for path in manifest.board_files(name)}
        assert name in boards
        assert not (boards & set(manifest.BOARDS)) - {name}

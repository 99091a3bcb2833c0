"""The real firmware as a board on a serial port: a pty to open, Ctrl-C, the prompt, a restart.

A computer's stdin and stdout are a terminal of the process: there Ctrl-C is a signal, as it is an
interrupt on a board. So two ptys: the process has one, whoever comes opens the other, and what
arrives at one end is handed to the other. Where the process ends (Ctrl-D at the prompt) it is
started anew, as a board would.
"""

import os
import pty
import select
import subprocess
import termios
import threading
import time
import tty

import serial
from controller import PATIENCE_S

from loadrail_tools.paths import HEAP, ROOT, micropython, module_path

INTERRUPT = b"\x03"
PROMPT = b">>> "


class Device:
    """`folder` is the board's file system. Use as a context manager."""

    def __init__(self, folder, bus_tty):
        main = str(ROOT / "firmware" / "main.py")
        firmware = [micropython(), "-i", "-X", f"heapsize={HEAP}", main, ".", bus_tty]
        self._command = ["setsid", "--ctty", *firmware]
        self._folder = folder
        self._outside, self._port = os.openpty()
        tty.setraw(self._port)
        self.path = os.ttyname(self._port)
        self.starts = 0
        self._ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended = True
        self._thread.join(PATIENCE_S)
        os.close(self._outside)
        os.close(self._port)

    def open(self):
        return Line(self.path)

    def _run(self):
        while not self._ended:
            inside, own = pty.openpty()
            as_on_a_board(own)
            process = subprocess.Popen(
                self._command,
                stdin=own,
                stdout=own,
                stderr=own,
                cwd=self._folder,
                env={**os.environ, "MICROPYPATH": module_path()},
            )
            self.starts += 1
            os.close(own)
            self._carry(process, inside)
            os.close(inside)

    def _carry(self, process, inside):
        """Until the process ends.

        A computer's terminal forgets what was typed before it changes to the prompt's mode; a
        board does not. So what follows a Ctrl-C waits for the prompt.
        """
        said = held = b""
        waiting = False  # for the prompt, after a Ctrl-C; None: it was there
        while process.poll() is None:
            if self._ended:
                process.kill()
                process.wait(PATIENCE_S)
                return
            ready = select.select([self._outside, inside], [], [], 0.05)[0]
            try:
                if inside in ready:
                    data = os.read(inside, 1024)
                    os.write(self._outside, data)
                    said = (said + data)[-1024 - len(PROMPT) :]
                if self._outside in ready:
                    held += os.read(self._outside, 1024)
                if waiting is False and INTERRUPT in held:
                    at = held.index(INTERRUPT) + 1
                    os.write(inside, held[:at])
                    held, waiting = held[at:], True
                if waiting is True and PROMPT in said:
                    waiting = None  # from here on it is the prompt
                if held and not waiting:
                    os.write(inside, held)
                    held = b""
            except OSError:
                continue  # it is about to end


def as_on_a_board(end):
    """Bytes as they are, but Ctrl-C interrupts."""
    tty.setraw(end)
    modes = termios.tcgetattr(end)
    modes[3] |= termios.ISIG
    termios.tcsetattr(end, termios.TCSANOW, modes)


class Line:
    """Somebody at the port."""

    def __init__(self, path):
        self._serial = serial.Serial(path, 115200, timeout=0.05)
        self.said = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._serial.close()

    def type(self, data):
        self._serial.write(data if isinstance(data, bytes) else data.encode())
        self._serial.flush()

    def expect(self, text):
        """Until `text` comes: what came up to its end."""
        until = time.monotonic() + PATIENCE_S
        while text not in self.said:
            self.said += self._serial.read(4096).decode("ascii", "replace")
            assert time.monotonic() < until, (text, self.said)
        at = self.said.index(text) + len(text)
        came, self.said = self.said[:at], self.said[at:]
        return came

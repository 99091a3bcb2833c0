"""Real littlefs on a flash that dies when it is told to.

Geometry and settings are those of MicroPython's littlefs on RP2 (4 KB blocks, 256 byte pages).
What dies may be torn: a page of which a part was programmed, or only some bits of it; a block of
which a part was erased.
"""

import random

import littlefs
from littlefs import lfs
from littlefs.context import UserContext

BLOCK = 4096
BLOCKS = 24
GEOMETRY = {
    "block_size": BLOCK,
    "block_count": BLOCKS,
    "prog_size": 256,
    "read_size": 32,
    "cache_size": 1024,
    "lookahead_size": 32,
    "block_cycles": 100,
}
IO_ERROR = -5
TORN = ("nothing", "half", "bits", "done")  # what the last operation still did


class Flash(UserContext):
    """NOR flash: an erase sets bits, a program clears them. Dies at operation `dies_at`."""

    def __init__(self, content=None, dies_at=None, torn="done", seed=0):
        super().__init__(buffer=bytearray(content or b"\xff" * (BLOCK * BLOCKS)))
        self.dies_at = dies_at
        self.torn = torn
        self.operations = 0
        self.dice = random.Random(seed)

    @property
    def dead(self):
        return self.dies_at is not None and self.operations > self.dies_at

    def prog(self, cfg, block, off, data):
        start = block * cfg.block_size + off
        for k in range(0, len(data), cfg.prog_size):  # the chip takes a page at a time
            page = bytes(data[k : k + cfg.prog_size])
            old = self.buffer[start + k : start + k + len(page)]
            if not self._write(
                start + k, old, bytes(a & b for a, b in zip(old, page, strict=True))
            ):
                return IO_ERROR
        return 0

    def erase(self, cfg, block):
        start = block * cfg.block_size
        old = self.buffer[start : start + cfg.block_size]
        return 0 if self._write(start, old, b"\xff" * cfg.block_size) else IO_ERROR

    def _write(self, start, old, new):
        """One operation; False where the power is gone."""
        if self.dead:
            return False
        self.operations += 1
        if self.dead:
            if self.torn == "nothing":
                new = old
            elif self.torn == "half":
                new = new[: len(new) // 2] + old[len(new) // 2 :]
            elif self.torn == "bits":
                mask = self.dice.randbytes(len(new))
                pairs = zip(old, new, mask, strict=True)
                new = bytes(a & m | b & ~m & 0xFF for a, b, m in pairs)
        self.buffer[start : start + len(new)] = new
        return not self.dead


class PowerCut(BaseException):
    """Nothing runs any more."""


class Files:
    """What store_file.Files is, over one littlefs; ends with PowerCut where its flash dies."""

    def __init__(self, flash, new=False):
        self._flash = flash
        self._littlefs = littlefs.LittleFS(context=flash, mount=False, **GEOMETRY)
        if new:
            self._littlefs.format()
        self._littlefs.mount()

    def open(self, path, mode):
        return File(self, path, mode)

    def rename(self, old, new):
        self.call(self._littlefs.rename, old, new)

    def remove(self, path):
        self.call(self._littlefs.remove, path)

    def stat(self, path):
        return (0,) * 6 + (self.call(self._littlefs.stat, path).size,)

    def call_lfs(self, function, *arguments):
        """A function of the C library."""
        return self.call(function, self._littlefs.fs, *arguments)

    def call(self, function, *arguments):
        """Errors are those of the operating system."""
        try:
            result = function(*arguments)
        except littlefs.LittleFSError as error:
            if self.dead:
                raise PowerCut from None
            raise OSError(-error.code, error.name) from None
        if self.dead:
            raise PowerCut
        return result

    @property
    def dead(self):
        return self._flash.dead


class File:
    """A file as MicroPython hands littlefs's on: no buffer of its own, and closed once."""

    def __init__(self, files, path, mode):
        self._files = files
        self._file = files.call_lfs(lfs.file_open, path, mode)

    def read(self, size=1 << 20):
        return self._files.call_lfs(lfs.file_read, self._file, size)

    def write(self, data):
        return self._files.call_lfs(lfs.file_write, self._file, data)

    def flush(self):
        self._files.call_lfs(lfs.file_sync, self._file)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self._files.dead:
            self._files.call_lfs(lfs.file_close, self._file)

# Runs on MicroPython: the store on MicroPython's own littlefs, whose flash dies at each operation,
# and on FAT. Prints what was seen as a line of JSON.

import json
import os

from primary.store import Store

BLOCK = 4096
BLOCKS = 16
ERASED = b"\xff" * BLOCK
_EIO = -5


def configuration(limit_a):
    rows = [{"address": 2 + k, "name": "bay %d" % k} for k in range(20)]
    return {"group": {"limit_a": limit_a}, "chargers": rows}


OLD = configuration(63)
NEW = configuration(40)


class Flash:
    """A block device, as MicroPython wants it, that dies at operation `dies_at` (half done)."""

    def __init__(self, content=None, dies_at=None):
        self.content = bytearray(content or b"\xff" * (BLOCK * BLOCKS))
        self.dies_at = dies_at
        self.operations = 0
        self.dead = False

    def readblocks(self, block, buffer, off=0):
        if self.dead:
            return _EIO
        start = block * BLOCK + off
        buffer[:] = self.content[start : start + len(buffer)]

    def writeblocks(self, block, buffer, off=None):
        if off is None:  # FAT's way
            off = 0
        return self._write(block * BLOCK + off, buffer)

    def ioctl(self, op, arg):
        if op == 4:
            return BLOCKS
        if op == 5:
            return BLOCK
        if op == 6:
            return self._write(arg * BLOCK, ERASED)
        return 0

    def _write(self, start, data):
        if self.dead:
            return _EIO
        self.dead = self.operations == self.dies_at
        self.operations += 1
        length = len(data) // 2 if self.dead else len(data)
        self.content[start : start + length] = bytes(data[:length])
        return _EIO if self.dead else 0


def on(flash, work):
    """What `work(store)` returns on the littlefs of a flash."""
    os.mount(os.VfsLfs2(flash, progsize=256), "/ram")
    try:
        return work(Store("/ram"))
    finally:
        os.umount("/ram")


def save(raw):
    return lambda store: store.save(raw)


def loaded(store):
    return store.load()[:2], store.warning()


flash = Flash()
os.VfsLfs2.mkfs(flash, progsize=256)
assert on(flash, save(OLD)) is None
content = flash.content
whole = Flash(content)
assert on(whole, save(NEW)) is None
seen = {"cuts": whole.operations, "limits": [], "warnings": [], "wrong": []}
for dies_at in range(whole.operations):
    cut = Flash(content, dies_at)
    try:
        on(cut, save(NEW))
    except OSError:
        pass  # the power is gone
    after = Flash(cut.content)
    (raw, source), warning = on(after, loaded)
    if raw not in (OLD, NEW) or source != "config":
        seen["wrong"].append([dies_at, source])
    else:
        seen["limits"].append(raw["group"]["limit_a"])
    seen["warnings"].append(warning)
    if on(after, save(OLD)) is not None or on(after, loaded)[0][0] != OLD:
        seen["wrong"].append([dies_at, "not saved again"])

BLOCK = 512
BLOCKS = 128
flash = Flash()
os.VfsFat.mkfs(flash)
os.mount(os.VfsFat(flash), "/fat")
store = Store("/fat")
seen["fat"] = [store.save(OLD), store.save(NEW), store.load()[0] == NEW, store.warning()]
print(json.dumps(seen))

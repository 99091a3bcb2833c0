# The configuration on the file system: kept whole over any power cut (S12), with a backup.
#
# config.json is what was saved last; config.json.bak is what a controller last ran well with, and
# is refreshed only after a healthy start. What is read at the start is the first of the two that
# can be used. A file without a checksum counts as written by hand.
# Flash writes hold all interrupts up, and a UART then loses bytes: they are for moments in which
# no frame is on any bus. So save() refuses at other times; the coroutines wait for such a moment.

import asyncio

from primary import store_file

_POLL_MS = 5


class Store:
    """The configuration in the folder `root`.

    lines: None where no bus runs, else what keeps the buses quiet, see hush.Hush.
    """

    def __init__(self, root: str, lines=None, name="config.json", files=None):
        self.lines = lines
        self.files = files or store_file.Files()
        self.path = join(root, name)
        self._backup = self.path + ".bak"
        self.source = "none"  # where the configuration came from: "config", "backup" or "none"
        self.by_hand = False  # it had no checksum
        self.faults = []  # why not from a better place
        self._is_loaded = False  # what is in config.json is what was started with

    def load(self, check=None):
        """(configuration or None, source, faults): the first that can be read, and that `check`
        (a function that returns a list of faults) finds nothing wrong with.

        faults: a line for each thing that was wrong with what comes before the source.
        """
        self.faults = faults = []
        self.source, self.by_hand = "none", False
        for source, path in (("config", self.path), ("backup", self._backup)):
            if source == "backup" and not store_file.is_there(self.files, path):
                continue
            raw, sealed, fault = store_file.read(self.files, path)
            found = [fault] if fault else check(raw) if check else []
            faults.extend(found)
            if not found:
                self.source, self.by_hand = source, not sealed
                self._is_loaded = source == "config"
                return raw, source, faults
        return None, "none", faults

    def save(self, raw: dict) -> "str | None":
        """Keep a configuration that was checked; None, or why the old one is still kept."""
        if self.lines is not None and self.lines.busy():
            return "%s: cannot be written while a frame is on the bus" % self.path
        fault = store_file.write(self.files, self.path, raw)
        if fault is None:
            self._is_loaded = False
        return fault

    async def save_when_quiet(self, raw: dict) -> "str | None":
        """The same between two frames of all buses."""
        return await self.when_quiet(lambda: self.save(raw))

    async def when_quiet(self, work):
        """What the function `work` returns, called while no frame is on any bus."""
        lines = self.lines
        if lines is None:
            return work()
        lines.hold()
        while lines.busy():
            await asyncio.sleep_ms(_POLL_MS)
            lines.hold()
        try:
            return work()
        finally:
            lines.release()

    def healthy(self) -> "str | None":
        """The controller has run well for a while: what it was started with becomes the backup.

        Nothing is written where it is that already. None, or why there is no new backup.
        """
        if not self._is_loaded:
            return None
        return store_file.copy(self.files, self.path, self._backup)

    def warning(self) -> "str | None":
        """What is wrong with the place itself.

        FAT knows no atomic rename, and is the one file system here that takes capitals for the
        same name.
        """
        root, _, name = self.path.rpartition("/")
        capitals = name.upper()
        if capitals == name or not store_file.is_there(self.files, self.path):
            return None
        if not store_file.is_there(self.files, join(root or "/", capitals)):
            return None
        return "%s: on FAT a power cut while saving may lose it; use littlefs" % self.path


def join(root: str, name: str) -> str:
    """A file's path."""
    return root + name if root == "" or root[-1] == "/" else root + "/" + name

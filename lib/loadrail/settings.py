# The configuration while it runs: tried with `set`, kept with `save`. No I/O here.
#
# `raw` is what is to be stored, `config` the same with every default, for Primary.configure.
# Neither is ever changed in place. Whatever is wrong with a value, both stay as they were, and the
# lines that come back say why. Both are None where there is no good configuration.

from loadrail.config import check
from loadrail.lent import lend, let_go

# Nobody charges with these where no such meter answers.
DEFAULTS = {"meter": {"address": 1}, "chargers": [{"address": 2}]}


class Settings:
    """raw: what the store had, or None. `faults`: what is wrong with it."""

    def __init__(self, raw=None):
        self.raw = None
        self.config = None
        self._kept = None  # the raw one that the store has
        self.faults = [] if raw is None else self._take(raw)
        self.saved()

    @property
    def unsaved(self) -> bool:
        """Whether there is something that the store does not have."""
        return self.raw != self._kept

    def get(self, key: str = "") -> list:
        """[(key, value)] of a key, of a section, or of all; none where there is no such key."""
        return lend("config_view").get(self.config or {}, key)

    def keys(self, start: str = ""):
        """Every key that `set` takes and that begins with `start`."""
        return lend("config_view").names(self.config, start)

    def set(self, key: str, text: str) -> list:
        """Try a value; the text null goes back to the default, or takes a charger out."""
        return self.change([(key, text)])

    def change(self, assignments) -> list:
        """Try several at once, [(key, text)], where one alone would not do."""
        edit = lend("config_edit")
        raw = DEFAULTS if self.raw is None else self.raw
        try:
            for key, text in assignments:
                raw = edit.put(raw, key, text)
        except ValueError as error:
            return [str(error)]
        return self._take(raw)

    def import_(self, text: str) -> list:
        """Try a whole configuration, JSON."""
        try:
            return self._take(lend("config_edit").parse(text, "import"))
        except ValueError as error:
            return [str(error)]

    def export(self):
        """JSON in one line of ASCII, in pieces; import_ takes it."""
        return lend("config_view").pieces(self.raw or {})

    def diff(self) -> list:
        """[(key, kept value, value that runs)] of what the store has otherwise, None for none."""
        kept = {} if self._kept is None else check(self._kept)[0]
        return lend("config_view").diff(kept, self.config or {})

    def revert(self) -> list:
        """Back to what the store has."""
        if self._kept is None:
            return ["there is no configuration that is kept; nothing was changed"]
        return self._take(self._kept)

    def defaults(self) -> list:
        """All keys at their defaults but for what is wired: lines, meter, and where chargers are.

        A charger that is dropped would go on by its watchdog alone, and nobody would book it.
        """
        return self._take(lend("config_edit").defaults(self.raw) if self.raw else DEFAULTS)

    def saved(self) -> None:
        """The store has it now."""
        self._kept = self.raw

    def _take(self, raw) -> list:
        config, faults = check(raw)
        if not faults:
            raw = lend("migrations").migrate(raw)[0]
            self.raw, self.config = raw, config
            let_go()  # what comes next is a second group beside the first
        return faults

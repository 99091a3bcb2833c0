# From single bytes to command lines, whatever comes: a console that junk cannot upset.
#
# A program sends plain lines that end with LF or CR LF, and nothing is echoed to it. A person's
# terminal is known by its keys: one that edits, or an Enter that is CR alone. From then on there
# are a prompt, an echo and an editor (lines_editor.py), until a line ends with LF again. What a
# terminal has to be sent stands in `out`: whoever reads takes it.

from loadrail.lent import lend
from loadrail.request import const

_MOST = const(120)  # characters a line
_MOST_VALUE = const(8192)  # of a line that carries a configuration
_MOST_OUT = const(600)  # characters: a flood of keys ends in one new picture of the line
_NO_ROOM = "there is no memory for so long a line; nothing was done"
_LF = const(10)
_CR = const(13)
_EDITING = (8, 9, 27, 127)  # backspace, Tab, Esc, delete
_CLEAR = const(21)  # Ctrl-U: programs too begin with it, to get rid of what somebody left there


class LineReader:
    """Takes a byte at a time; after an end of line `line` and `fault` tell what there was.

    complete: called with a text, returns all that its last word may become; see commands_complete.
    """

    def __init__(self, complete=None):
        self.line = ""
        self.fault = ""  # why the last line cannot be used; "" if it can
        self.out = ""  # for the terminal, where there is one
        self.text = bytearray()  # of the line under way
        self.editor = None  # where there is a terminal
        self._complete = complete
        self.length = 0  # of it, with what had no room in `text`
        self._strange = 0  # bytes that are no printable ASCII
        self._full = False  # there was no memory for it
        self._last = 0
        self._shown = False  # whether prompt and text stand on the terminal

    def feed(self, byte: int) -> bool:
        """Take one byte (0..255); True when it ended a line."""
        last, self._last = self._last, byte
        if byte == _LF:
            self.editor = None
            if last == _CR:
                self.hide()
                return False  # CR LF is one end
        if byte in (_LF, _CR):
            self._end()
            return True
        if byte == _CLEAR:
            self._clear()
            return False
        if self.editor is None and byte in _EDITING:
            self._wake()
        if self.editor is not None:
            try:
                said = self.editor.key(byte)
            except MemoryError:
                self._clear()
                self._full = True
                return False
            if said is not None:
                self._show(said)
                return False
        if byte < 32 or byte > 126:
            self._strange += 1
        else:
            self.add(byte)
        return False

    def add(self, byte: int) -> bool:
        """Append a character; False where there is no room for it."""
        self.length += 1
        text = self.text
        if self._full or self.length > _MOST_VALUE:
            return False
        if self.length > _MOST and not _is_long(text):
            return False
        try:
            text.append(byte)
        except MemoryError:
            self._clear()
            self._full = True
            return False
        return True

    def idle(self) -> None:
        """All that had come was taken and answered: a terminal gets its prompt."""
        if self.editor is None and self._last == _CR:
            self._wake()
        if self.editor is not None and not self._shown:
            self._shown = True
            self.out += self.editor.drawn()

    def hide(self) -> None:
        """Something else is to be said: the prompt makes room, and comes back with idle()."""
        if self._shown:
            self._shown = False
            self.out += "\r\x1b[K"

    def _show(self, said):
        if not self._shown:
            return
        self.out += said
        if len(self.out) > _MOST_OUT:
            self.out = ""
            self._shown = False

    def _clear(self):
        self.text = bytearray()
        self.length = self._strange = 0
        self._full = False
        if self.editor is not None:
            self.editor.begin()
            self._show(self.editor.drawn())

    def _wake(self):
        self.editor = lend("lines_editor").Editor(self, self._complete)

    def _end(self) -> None:
        text, self.text = self.text, bytearray()
        self.line = ""
        self.fault = self._what_is_wrong(text)
        if not self.fault:
            try:
                self.line = text.decode().strip()
            except MemoryError:
                self.fault = _NO_ROOM
        self.length = self._strange = 0
        self._full = False
        if self._shown:
            self._shown = False
            self.out += "\n"
        if self.editor is not None:
            self.editor.ended(self.line)

    def _what_is_wrong(self, text) -> str:
        if self._full:
            return _NO_ROOM
        if self.length > len(text):
            most = _MOST_VALUE if _is_long(text) else _MOST
            return "the line was too long: at most %d characters; nothing was done" % most
        if self._strange:
            return "the line held %d bytes that are no text; nothing was done" % self._strange
        return ""


def _is_long(text) -> bool:
    """Whether it begins as one of the commands that take a whole configuration."""
    return bytes(text[:7]) == b"import " or bytes(text[:4]) == b"set "

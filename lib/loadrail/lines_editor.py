# Editing a line on a terminal: cursor keys, history, Tab. Loaded when a terminal is seen.
#
# Each key changes the reader's text and gives back what the terminal must be sent for it. The
# escape sequences are those that every terminal knows: VT100's cursor keys, erase to the end.

from loadrail.request import const

_HISTORY = const(8)  # lines that are recalled
_MOST_KEY = const(6)  # bytes of an escape sequence; a longer one is junk
_WINDOW = const(120)  # characters to either side of the cursor
_MOST_SHOWN = const(40)  # of what Tab could mean
_ESC = const(27)

# key, with its sequence after ESC [ or ESC O, or its control code: method
_KEYS = {
    b"A": "up",
    b"B": "down",
    b"C": "right",
    b"D": "left",
    b"H": "home",
    b"1~": "home",
    b"7~": "home",
    b"F": "end",
    b"4~": "end",
    b"8~": "end",
    b"3~": "delete",
    8: "erase",
    127: "erase",
    1: "home",
    5: "end",
    9: "tab",
}


class Editor:
    """The keys of one terminal; `reader` is the LineReader whose text they change."""

    def __init__(self, reader, complete):
        self._reader = reader
        self._complete = complete
        self._at = len(reader.text)  # of the cursor
        self._sequence = None  # of a key that sends more than one byte, after its ESC
        self._lines = []
        self._back = 0  # how far up in the history

    def key(self, byte: int) -> "str | None":
        """Take a byte: what the terminal must be sent; None where it is no key of a line."""
        if self._sequence is not None:
            return self._escaped(byte)
        if byte == _ESC:
            self._sequence = b""
            return ""
        if byte in _KEYS:
            return getattr(self, _KEYS[byte])()
        if byte < 32 or byte > 126:
            return None
        return self._insert(byte)

    def ended(self, line: str) -> None:
        """The line was entered; it is kept unless it is empty or the same as the last one."""
        if line and line not in self._lines[-1:]:
            self._lines = self._lines[1 - _HISTORY :] + [line[:120]]
        self.begin()

    def begin(self) -> None:
        """The text is empty."""
        self._at = self._back = 0
        self._sequence = None

    def drawn(self) -> str:
        """Prompt and text, as they stand on the terminal, with the cursor in its place.

        Of a long text only what is around the cursor.
        """
        begin = max(0, self._at - _WINDOW)
        text = self._reader.text[begin : self._at + _WINDOW]
        behind = len(text) - (self._at - begin)
        return "\r> %s\x1b[K%s" % (text.decode(), "\x1b[%dD" % behind if behind else "")

    def _escaped(self, byte):
        """ESC, then [ or O, then perhaps numbers, then what ends it: a letter or ~."""
        # Bytes, for a character that is made with chr() stays in MicroPython's memory for ever.
        self._sequence += bytes((byte,))
        whole = self._sequence[1:]
        if self._sequence[:1] in (b"[", b"O") and len(whole) < _MOST_KEY:
            if not whole or 48 <= whole[-1] <= 59:  # a digit, : or ;
                return ""
        self._sequence = None
        return getattr(self, _KEYS[whole])() if whole in _KEYS else ""

    def _insert(self, byte):
        text, at = self._reader.text, self._at
        if not self._reader.add(byte):
            return ""
        self._at += 1
        if self._at == len(text):
            return text[at:].decode()
        text[at + 1 :] = text[at:-1]
        text[at] = byte
        return self.drawn()

    def _change(self, text, at) -> str:
        reader = self._reader
        reader.text = bytearray(text)
        reader.length = len(text)
        self._at = at
        return self.drawn()

    def _move(self, at) -> str:
        self._at = min(max(at, 0), len(self._reader.text))
        return self.drawn()

    def left(self):
        return self._move(self._at - 1)

    def right(self):
        return self._move(self._at + 1)

    def home(self):
        return self._move(0)

    def end(self):
        return self._move(len(self._reader.text))

    def erase(self):
        text, at = self._reader.text, self._at
        return self._change(text[: at - 1] + text[at:], at - 1) if at else ""

    def delete(self):
        text, at = self._reader.text, self._at
        return self._change(text[:at] + text[at + 1 :], at)

    def up(self):
        return self._recall(self._back + 1)

    def down(self):
        return self._recall(self._back - 1)

    def _recall(self, back):
        """The line that was entered so many lines ago; 0 is an empty one."""
        if not 0 <= back <= len(self._lines):
            return ""
        self._back = back
        line = self._lines[-back] if back else ""
        return self._change(line.encode(), len(line))

    def tab(self):
        """Complete the word before the cursor as far as it is clear, else show what it may be."""
        text = self._reader.text
        words = self._complete(text[: self._at].decode()) if self._complete else []
        if not words:
            return ""
        typed = text[: self._at].decode().split(" ")[-1]
        common = words[0]
        for word in words:
            while not word.startswith(common):
                common = common[:-1]
        if len(words) == 1 and common[-1] not in ".[":
            common += " "
        said = ""
        for character in common[len(typed) :]:
            said = self._insert(ord(character))
        if said:
            return self.drawn()
        shown = "  ".join(words[:_MOST_SHOWN]) + ("  ..." if len(words) > _MOST_SHOWN else "")
        return "\n%s\n%s" % (shown, self.drawn())

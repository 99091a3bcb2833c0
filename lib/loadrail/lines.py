# From single bytes to command lines, whatever comes: a console that junk cannot upset.

_MOST = 120  # characters a line; the longest command is far shorter
_ENTER = (10, 13)
_ERASE = (8, 127)


class LineReader:
    """Takes a byte at a time; after an end of line `line` and `fault` tell what there was."""

    def __init__(self):
        self.line = ""
        self.fault = ""  # why the last line cannot be used; "" if it can
        self._text = ""
        self._length = 0
        self._strange = 0  # bytes that are no printable ASCII
        self._last = 0

    def feed(self, byte: int) -> bool:
        """Take one byte (0..255); True when it ended a line."""
        last, self._last = self._last, byte
        if byte in _ENTER:
            if byte == 10 and last == 13:
                return False  # CR LF is one end
            self._end()
            return True
        if byte in _ERASE:
            self._text = self._text[:-1]
            self._length = len(self._text)
        elif byte < 32 or byte > 126:
            self._strange += 1
        else:
            self._length += 1
            if self._length <= _MOST:
                self._text += chr(byte)
        return False

    def _end(self) -> None:
        self.line, self.fault = self._text.strip(), ""
        if self._length > _MOST:
            self.fault = "the line was too long: at most %d characters; nothing was done" % _MOST
        elif self._strange:
            self.fault = "the line held %d bytes that are no text; nothing was done" % (
                self._strange
            )
        self._text, self._length, self._strange = "", 0, 0

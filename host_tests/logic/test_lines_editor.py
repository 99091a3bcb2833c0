# A terminal's keys: what the line is after them, what the terminal shows, and how one is known.

from loadrail.lines import LineReader

UP, DOWN, RIGHT, LEFT = b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D"


class Terminal:
    """What a person sees: enough of a VT100 for one line."""

    def __init__(self, words=()):
        self.reader = LineReader(lambda text: [w for w in words if w.startswith(text)])
        self.said = ""  # all that was sent
        self.entered = []
        self.press(b"\r")
        self.entered.pop()

    def press(self, *keys):
        """Type; what is there is taken before the reader falls idle."""
        for byte in b"".join(keys):
            if self.reader.feed(byte):
                self.entered.append(self.reader.line or self.reader.fault)
        self.reader.idle()
        self.said += self.reader.out
        self.reader.out = ""
        return self

    def row(self):
        """(text, cursor) of the last row."""
        shown, at = [], 0
        text = self.said.split("\n")[-1]
        while text:
            if text.startswith("\r"):
                at, text = 0, text[1:]
            elif text.startswith("\x1b[K"):
                del shown[at:]
                text = text[3:]
            elif text.startswith("\x1b["):
                count, text = text[2:].split("D", 1)
                at -= int(count)
            else:
                shown[at : at + 1] = [text[0]]
                at, text = at + 1, text[1:]
        return "".join(shown), at


def typed(*keys):
    terminal = Terminal().press(*keys, b"\r")
    return terminal.entered[-1]


def test_a_program_gets_neither_prompt_nor_echo():
    for end in (b"\n", b"\r\n"):
        reader = LineReader()
        for byte in (b"status json" + end) * 3:
            reader.feed(byte)
        reader.idle()
        assert reader.out == ""
        assert reader.editor is None


def test_enter_alone_shows_a_terminal_and_gets_a_prompt():
    assert Terminal().row() == ("> ", 2)
    assert Terminal().press(b"sta").row() == ("> sta", 5)


def test_a_key_that_edits_shows_a_terminal_too_with_what_was_typed_before():
    for key in (b"\t", LEFT, b"\x7f"):
        reader = LineReader()
        for byte in b"stat" + key:
            reader.feed(byte)
        reader.idle()
        assert reader.out.startswith("\r> sta"), key


def test_a_program_after_a_person_is_not_echoed():
    terminal = Terminal().press(b"help\r").press(b"x\n")
    before = terminal.said
    terminal.press(b"status json\n", b"bus json\n")
    assert terminal.said == before
    assert terminal.entered[-2:] == ["status json", "bus json"]


def test_ctrl_u_of_a_program_drops_what_was_left_there():
    reader = LineReader()
    ended = [reader.line for byte in b"sto\xff\x15\nversion\n" if reader.feed(byte)]
    assert ended == ["", "version"]
    assert reader.fault == reader.out == ""


def test_keys_edit_the_line():
    for keys, line in (
        ((b"sttus", LEFT * 3, b"a"), "status"),
        ((b"xstatus", b"\x1b[H", b"\x1b[3~"), "status"),
        ((b"tatus", b"\x1bOH", b"s", b"\x1bOF", b"!"), "status!"),
        ((b"atus", b"\x01", b"st", b"\x05", b"?"), "status?"),
        ((b"1", b"\x1b[1~", b"0", b"\x1b[4~", b"2"), "012"),
        ((b"status", b"\x7f\x08", b"X"), "statX"),
        ((b"\x7f\x08", LEFT * 9, b"ab", RIGHT * 9, b"c"), "abc"),
        ((b"all wrong\xff", b"\x15", b"help"), "help"),
        ((b"abc", b"\x1b\x15", b"de"), "de"),
        ((b"abc", b"\x1b[1\x15", b"de"), "de"),
        ((b"a", b"\x1b[9;9;9x", b"\x1b[Z", b"\x1bq", b"b"), "ab"),
        ((b"a", b"\x1b[1;2;3;4;5", b"b"), "a4;5b"),
    ):
        assert typed(*keys) == line, keys


def test_the_terminal_shows_the_line_and_the_cursor_where_it_is():
    terminal = Terminal().press(b"sttus", LEFT * 3, b"a")
    assert terminal.row() == ("> status", 5)
    assert terminal.press(b"\x7f").row() == ("> sttus", 4)
    assert terminal.press(b"\x05").row() == ("> sttus", 7)
    assert terminal.press(b"\x15").row() == ("> ", 2)


def test_arrows_recall_the_last_eight_lines():
    terminal = Terminal()
    for k in range(12):
        terminal.press(b"line %d\r" % k)
    assert terminal.press(UP).row()[0] == "> line 11"
    assert terminal.press(UP * 20).row()[0] == "> line 4"
    assert terminal.press(DOWN).row()[0] == "> line 5"
    assert terminal.press(DOWN * 20).row()[0] == "> "
    assert terminal.press(UP, b"0\r").entered[-1] == "line 110"


def test_what_is_empty_the_same_or_faulty_is_not_recalled():
    terminal = Terminal().press(b"one\r", b"two\r", b"two\r", b"\r", b"thr\xffee\r")
    assert terminal.press(UP).row()[0] == "> two"
    assert terminal.press(UP).row()[0] == "> one"


def test_tab_completes_as_far_as_it_is_clear():
    for words, keys, row in (
        (["status"], b"st\t", "> status "),
        (["start", "status"], b"s\t", "> sta"),
        (["group.limit_a", "group.sharing"], b"gr\t", "> group."),
        (["chargers["], b"c\t", "> chargers["),
        (["stop"], b"x\t", "> x"),
        ([], b"\t", "> "),
    ):
        assert Terminal(words).press(keys).row()[0] == row, keys


def test_tab_again_shows_what_it_may_be():
    terminal = Terminal(["start", "status", "stop"]).press(b"sta\t")
    assert "\nstart  status\n" in terminal.said
    assert terminal.row() == ("> sta", 5)
    many = Terminal(["w%d" % k for k in range(60)]).press(b"w\t")
    assert many.said.count("  w") == 39
    assert "  ...\n" in many.said


def test_a_log_line_makes_room_and_the_prompt_comes_back():
    terminal = Terminal().press(b"sta")
    reader = terminal.reader
    reader.hide()
    terminal.said += reader.out + "! something\n"
    reader.out = ""
    reader.hide()
    assert reader.out == ""
    assert terminal.press().row() == ("> sta", 5)
    assert terminal.press(b"tus\r").entered[-1] == "status"


def test_a_line_that_is_full_takes_no_more_and_says_so():
    terminal = Terminal().press(b"x" * 130)
    assert terminal.row() == ("> " + "x" * 120, 122)
    assert "at most 120" in terminal.press(b"\r").entered[-1]
    assert len(typed(b"x" * 130, b"\x7f")) == 119
    assert len(typed(b"import " + b"x" * 2000)) == 2007
    assert "at most 8192" in typed(b"set " + b"x" * 9000)


def test_a_flood_of_anything_leaves_a_reader_that_works():
    x, terminal = 1, Terminal(["status"])
    for _ in range(20_000):
        x = (x * 1103515245 + 12345) & 0x3FFFFFFF
        terminal.reader.feed((x >> 12) & 0xFF)
        if x & 0x3F000 == 0:
            terminal.reader.idle()
        terminal.reader.out = ""
    terminal.press(b"\n", b"status\n")
    assert terminal.entered[-1] == "status"


def test_a_flood_of_keys_ends_in_one_picture_of_the_line():
    terminal = Terminal().press(b"status")
    for byte in LEFT * 500 + b"x":
        terminal.reader.feed(byte)
        assert len(terminal.reader.out) < 700
    assert terminal.press().row() == ("> xstatus", 3)


def test_of_a_long_line_what_is_around_the_cursor_is_shown():
    terminal = Terminal().press(b"import " + b"x" * 2000)
    assert terminal.press(LEFT).row() == ("> " + "x" * 121, 122)
    assert terminal.press(b"\x01").row() == ("> import " + "x" * 113, 2)
    assert terminal.press(b"\x05\r").entered[-1] == "import " + "x" * 2000

"""What is kept over restarts: the configuration's file, its backup, counters; and bad files."""

import json
import os
import zlib

import pytest
from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st
from rtu_line import finish, start

from loadrail import config
from primary import store_file
from primary.store import Store
from primary.store_counters import Counters

GOOD = {"group": {"limit_a": 40}, "meter": {"address": 1}, "chargers": [{"address": 2}]}
OTHER = {"group": {"limit_a": 20}, "meter": {"address": 1}, "chargers": [{"address": 3}]}


class Lines:
    """Buses of which one is busy for some looks."""

    def __init__(self, looks=0):
        self.looks = looks
        self.held = 0

    def busy(self):
        self.looks -= 1
        return self.looks >= 0


def faults_of(raw):
    return config.check(raw)[1]


@pytest.fixture
def store(tmp_path):
    return Store(str(tmp_path))


def content_of(path):
    with open(path, "rb") as file:
        return file.read()


def text_of(store):
    return content_of(store.path).decode()


def put(path, content):
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


# --- what a file looks like


def test_the_file_is_json_in_a_fixed_order_a_line_a_charger(store):
    rows = [{"name": "bay 2", "address": 3}, {"address": 2}]
    assert store.save({"meter": {"model": "x", "address": 1}, "chargers": rows}) is None
    head, crc, *lines = text_of(store).splitlines()
    assert head == "{"
    assert lines == [
        '"chargers": [',
        '{"address": 3, "name": "bay 2"},',
        '{"address": 2}],',
        '"meter": {"address": 1, "model": "x"}',
        "}",
    ]
    sum_of_it = zlib.crc32("".join(line + "\n" for line in lines).encode())
    assert crc == f'"crc32": "{sum_of_it:08x}",'
    assert json.loads(text_of(store))["chargers"] == rows


def test_the_order_in_which_keys_came_makes_no_difference(tmp_path):
    one, other = Store(str(tmp_path), name="one"), Store(str(tmp_path), name="other")
    one.save(GOOD)
    other.save({key: GOOD[key] for key in reversed(GOOD)})
    assert text_of(one) == text_of(other)


NAMES = st.text(max_size=24)
VALUES = st.recursive(
    st.integers(-(2**31), 2**31) | NAMES | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@cases_of(200)
@given(st.dictionaries(NAMES.filter(lambda key: key != "crc32"), VALUES, min_size=1, max_size=6))
def test_whatever_is_saved_is_loaded(tmp_path_factory, value):
    path = str(tmp_path_factory.mktemp("any") / "file")
    assert store_file.write(store_file.Files(), path, value) is None
    assert store_file.read(store_file.Files(), path) == (value, True, None)


# --- where it comes from


def test_on_a_new_board_there_is_none(store):
    raw, source, [fault] = store.load(faults_of)
    assert (raw, source) == (None, "none")
    assert "config.json: is not there" in fault


def test_a_file_without_a_checksum_counts_as_written_by_hand(store):
    put(store.path, json.dumps(GOOD))
    assert store.load(faults_of) == (GOOD, "config", [])
    assert store.by_hand
    store.save(GOOD)
    assert store.load(faults_of) == (GOOD, "config", [])
    assert not store.by_hand


def test_a_saved_file_whose_checksum_line_was_removed_is_written_by_hand(store):
    store.save(GOOD)
    lines = text_of(store).splitlines(keepends=True)
    put(store.path, "".join(lines[:1] + lines[2:]).replace("40", "39"))
    raw, source, _ = store.load(faults_of)
    assert (raw["group"]["limit_a"], source, store.by_hand) == (39, "config", True)


def with_backup(store):
    """OTHER has run well; GOOD was saved after that."""
    store.save(OTHER)
    store.load(faults_of)
    assert store.healthy() is None
    store.save(GOOD)


BAD = [
    (b"", "is not JSON"),
    (b"\x00\xff" * 100, "is not JSON"),
    (b'{"chargers": [', "is not JSON"),
    (b"[" * 10_000, "is not JSON"),
    (b"x" * 20_000, "has more than 16384 bytes"),
    (b"7", "7 is not an object"),
    (b'{"group": {"limit_a": 5}}', "group.limit_a: 5 is not allowed"),
    (b'{\n"crc32": "00000000",\n"chargers": []}\n', "is damaged: its checksum differs"),
    (b'{\n"crc32": "', "is damaged: its checksum differs"),
    (None, "is not there"),
]


@pytest.mark.parametrize(("content", "fault"), BAD)
def test_a_file_that_is_no_good_makes_the_backup_count(store, content, fault):
    with_backup(store)
    if content is None:
        os.remove(store.path)
    else:
        put(store.path, content)
    raw, source, faults = store.load(faults_of)
    assert (raw, source) == (OTHER, "backup")
    assert fault in faults[0]
    if content is not None:
        assert store.healthy() is None
        assert content_of(store.path) == content, "what a person wrote is left to him"


@pytest.mark.parametrize("place", ["first", "last"])
def test_each_changed_byte_of_a_saved_file_is_seen(store, place):
    with_backup(store)
    content = content_of(store.path)
    half = len(content) // 2
    seen = 0
    for k in range(half) if place == "first" else range(half, len(content)):
        damaged = bytes(content[:k]) + bytes([content[k] ^ 1]) + bytes(content[k + 1 :])
        put(store.path, damaged)
        raw, source, _ = store.load(faults_of)
        assert (raw, source) == (OTHER, "backup"), damaged
        seen += 1
    assert seen > 50


def test_each_cut_of_a_saved_file_is_seen(store):
    with_backup(store)
    content = content_of(store.path)
    for length in range(len(content) - 1):  # the last line's end may be missing
        put(store.path, content[:length])
        assert store.load(faults_of)[:2] == (OTHER, "backup")


def test_where_both_are_no_good_there_is_none(store):
    with_backup(store)
    put(store.path, "{")
    put(store.path + ".bak", "}")
    raw, source, faults = store.load(faults_of)
    assert (raw, source, len(faults)) == (None, "none", 2)


# --- the backup


def test_the_backup_is_what_ran_well_and_not_what_was_saved_since(store):
    store.save(GOOD)
    store.load(faults_of)
    store.save(OTHER)
    assert store.healthy() is None
    assert not os.path.exists(store.path + ".bak")
    store.load(faults_of)
    assert store.healthy() is None
    assert content_of(store.path + ".bak") == content_of(store.path)


def test_a_backup_that_is_the_same_is_not_written_anew(store):
    store.save(GOOD)
    store.load(faults_of)
    store.healthy()
    before = os.stat(store.path + ".bak")
    store.healthy()
    assert os.stat(store.path + ".bak").st_ino == before.st_ino


def test_the_backup_itself_never_becomes_the_configuration_by_being_well(store):
    with_backup(store)
    os.remove(store.path)
    store.load(faults_of)
    assert store.healthy() is None
    assert not os.path.exists(store.path)


# --- when it cannot be written


class Broken(store_file.Files):
    """A file system that does one thing wrong."""

    def __init__(self, what):
        self.what = what

    def open(self, path, mode):
        if self.what == "full" and mode == "wb":
            raise OSError(28, "ENOSPC")
        return open(path, mode)

    def rename(self, old, new):
        if self.what == "rename":
            raise OSError(5, "EIO")
        if self.what == "forgets":
            raise AssertionError("renamed what was not read back whole")
        os.rename(old, new)

    def stat(self, path):
        return os.stat(path)


@pytest.mark.parametrize("what", ["full", "rename"])
def test_a_fault_is_told_and_the_old_configuration_stays(tmp_path, what):
    Store(str(tmp_path)).save(GOOD)
    store = Store(str(tmp_path), files=Broken(what))
    assert "config.json: cannot be written" in store.save(OTHER)
    assert store.load(faults_of)[:2] == (GOOD, "config")
    assert os.listdir(tmp_path) == ["config.json"]


def test_what_reads_back_otherwise_is_not_put_in_place(tmp_path):
    class Forgetful(Broken):
        def open(self, path, mode):
            return _Losing(path) if mode == "wb" else open(path, mode)

    Store(str(tmp_path)).save(GOOD)
    store = Store(str(tmp_path), files=Forgetful("forgets"))
    assert "reads back otherwise than it was written" in store.save(OTHER)
    assert store.load(faults_of)[:2] == (GOOD, "config")
    assert os.listdir(tmp_path) == ["config.json"]


class _Losing:
    """A file that loses the last byte of each write."""

    def __init__(self, path):
        self._file = open(path, "wb")  # noqa: SIM115 - closed below

    def write(self, data):
        self._file.write(data[:-1])

    def flush(self):
        self._file.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()


def test_nothing_is_written_while_a_frame_is_on_the_bus(tmp_path):
    store = Store(str(tmp_path), Lines(looks=1))
    assert "while a frame is on the bus" in store.save(GOOD)
    assert os.listdir(tmp_path) == []
    assert store.save(GOOD) is None


def test_on_the_firmware_no_frame_is_on_any_bus_while_it_writes():
    [seen] = finish(start("store_run.py"))
    assert seen["faults"] == []
    assert seen["saves"] >= 10
    assert seen["operations"] >= 4 * seen["saves"]
    assert seen["during"] == 0, "operations of the file system while a frame was on its way"
    assert seen["refused"] == seen["under_way"] == seen["saves"], "without waiting for the frame"
    assert min(seen["frames"]) >= seen["saves"], "both buses go on between saves"
    assert seen["dropped"] is True, "somebody who holds the buses and goes away stops nobody"


def test_s12_holds_on_micropython_s_own_littlefs_and_fat_is_told():
    [seen] = finish(start("store_vfs_run.py"))
    assert seen["wrong"] == []
    assert set(seen["limits"]) == {63, 40}, "the old and the new one"
    assert len(seen["limits"]) == seen["cuts"] >= 4
    assert set(seen["warnings"]) == {None}
    *saves, loaded, warning = seen["fat"]
    assert (saves, loaded) == ([None, None], True)
    assert warning == (
        "/fat/config.json: on FAT a power cut while saving may lose it; use littlefs"
    )


# --- counters


class Clock:
    now = 0

    def __call__(self):
        return self.now


class Core:
    uptime_s = 0

    def __init__(self, *rows):
        self.rows = rows
        self.n = len(rows)
        self.chargers = self
        self.remembered = None

    def abilities_of(self, i):
        return self.rows[i]


def counters(tmp_path, clock, core):
    made = Counters(store_file.Files(), str(tmp_path / "counters.json"), clock)
    made.begin(core)
    return made


def test_counters_are_written_every_15_min_at_most_and_only_if_new(tmp_path):
    clock, core = Clock(), Core([5, 72, 16, 45, 1])
    counted = counters(tmp_path, clock, core)
    writes = []
    for second in range(0, 7200, 5):
        clock.now, core.uptime_s = second * 1000, min(second, 3600)
        if counted.due():
            assert counted.write() is None
            writes.append(second)
    assert writes == [900, 1800, 2700, 3600], "and none in the second hour, when nothing was new"


def test_counters_go_on_over_a_restart(tmp_path):
    clock, core = Clock(), Core([5, 72, 16, 45, 1], None)
    counted = counters(tmp_path, clock, core)
    core.uptime_s = 1000
    counted.write()
    core = Core([6, 72, 0, 125, 0])
    counted = counters(tmp_path, clock, core)
    assert (counted.uptime_s, counted.starts) == (1000, 2)
    assert core.remembered == {5: [72, 16, 45, 1]}
    core.uptime_s = 20
    counted.write()
    again = counters(tmp_path, clock, Core())
    assert (again.uptime_s, again.starts) == (1020, 3)
    assert again._known == {5: [72, 16, 45, 1], 6: [72, 0, 125, 0]}


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"uptime_s": 1}', '{"uptime_s": [], "starts": 2}']
)
def test_damaged_counters_begin_anew_and_say_so(tmp_path, content):
    put(tmp_path / "counters.json", content)
    counted = counters(tmp_path, Clock(), Core())
    assert "counters.json" in counted.fault
    assert (counted.uptime_s, counted.starts) == (0, 1)
    assert counted.write() is None


def test_chargers_that_left_are_remembered_up_to_a_number(tmp_path):
    clock = Clock()
    for start_at in range(0, 100, 20):
        core = Core(*([who, 72, 0, 45, 1] for who in range(start_at, start_at + 20)))
        counters(tmp_path, clock, core).write()
    core = Core()
    counters(tmp_path, clock, core)
    assert len(core.remembered) == 40
    assert set(range(80, 100)) < set(core.remembered)

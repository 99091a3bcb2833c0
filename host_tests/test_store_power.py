"""S12 over power cuts: the store on real littlefs, whose flash dies at each of its operations."""

import json

import pytest
from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st
from store_flash import BLOCK, BLOCKS, TORN, Files, Flash, PowerCut

from primary.crash import Crashes
from primary.store import Store
from primary.store_counters import Counters


def configuration(limit_a, chargers=20):
    rows = [{"address": 2 + k, "name": f"bay {k} of {limit_a}"} for k in range(chargers)]
    return {"group": {"limit_a": limit_a}, "meter": {"address": 1}, "chargers": rows}


def store_on(flash):
    return Store("/", files=Files(flash))


def prepared(old=63, backup=None, saves=0):
    """A flash with a configuration, perhaps a backup, and a life behind it."""
    flash = Flash()
    store = Store("/", files=Files(flash, new=True))
    for k in range(saves):
        assert store.save(configuration(k)) is None
    for limit_a in (backup, old):
        if limit_a is not None:
            assert store.save(configuration(limit_a)) is None
            if limit_a == backup:
                store.load()
                assert store.healthy() is None
    return bytes(flash.buffer)


def every_cut(content, work):
    """The flashes after the power failed at each operation of `work(flash)`, torn in each way."""
    whole = Flash(content)
    work(whole)
    assert whole.operations >= 2
    for dies_at in range(whole.operations):
        for torn in TORN:
            flash = Flash(content, dies_at, torn, seed=dies_at)
            with pytest.raises(PowerCut):
                work(flash)
            yield Flash(flash.buffer)


LIVES = [(0, 20), (0, 1), (7, 20), (230, 20), (460, 3)]


@pytest.mark.parametrize(("saves", "chargers"), LIVES)
def test_s12_a_power_cut_leaves_the_old_or_the_new_configuration(saves, chargers):
    old, new = configuration(63), configuration(40, chargers)
    content = prepared(63, saves=saves)
    seen = set()
    for flash in every_cut(content, lambda flash: store_on(flash).save(new)):
        store = store_on(flash)
        raw, source, faults = store.load()
        assert raw in (old, new)
        assert (source, faults, store.by_hand) == ("config", [], False)
        seen.add(raw["group"]["limit_a"])
        # and it can be saved again
        assert store.save(configuration(20)) is None
        assert store_on(flash).load()[0] == configuration(20)
    assert seen == {63, 40}, "cuts before and after the rename"


def test_s12_a_power_cut_at_the_first_save_leaves_none_or_the_new_one():
    seen = set()
    content = prepared(None)
    for flash in every_cut(content, lambda flash: store_on(flash).save(configuration(40))):
        raw, source, _ = store_on(flash).load()
        assert (raw, source) in ((None, "none"), (configuration(40), "config"))
        seen.add(source)
    assert seen == {"none", "config"}


@pytest.mark.parametrize("saves", [0, 230])
def test_s12_a_power_cut_while_the_backup_is_refreshed_hurts_neither(saves):
    content = prepared(old=63, backup=32, saves=saves)
    seen = set()

    def refresh(flash):
        store = store_on(flash)
        store.load()
        store.healthy()

    for flash in every_cut(content, refresh):
        store = store_on(flash)
        assert store.load()[:2] == (configuration(63), "config")
        store.files.remove("/config.json")
        raw, source, _ = store.load()
        assert source == "backup"
        assert raw in (configuration(32), configuration(63))
        seen.add(raw["group"]["limit_a"])
    assert seen == {32, 63}


def test_s12_a_power_cut_while_crashes_are_kept_leaves_the_old_or_the_new_ones():
    flash = Flash()
    crashes = Crashes(Files(flash, new=True), "/crashes.json")
    crashes.add("first", 10)
    content = bytes(flash.buffer)

    def crash_again(flash):
        crashes = Crashes(Files(flash), "/crashes.json")
        crashes.begin(False)
        crashes.add("second", 10)

    seen = set()
    for flash in every_cut(content, crash_again):
        crashes = Crashes(Files(flash), "/crashes.json")
        crashes.begin(False)
        assert crashes.faults == []
        assert crashes.total in (1, 2)
        seen.add(crashes.total)
    assert seen == {1, 2}


class Core:
    """As much of a Primary as is counted."""

    def __init__(self, uptime_s):
        self.uptime_s = uptime_s
        self.chargers = self
        self.n = 1
        self.remembered = None

    def abilities_of(self, i):
        return [12345, 72, 16, 45, 1]


def test_s12_a_power_cut_while_counters_are_kept_leaves_the_old_or_the_new_ones():
    def count(flash, new=False):
        counters = Counters(Files(flash, new), "/counters.json", lambda: 0)
        counters.begin(Core(900))
        counters.write()

    first = Flash()
    count(first, new=True)
    seen = set()
    for flash in every_cut(bytes(first.buffer), count):
        counters = Counters(Files(flash), "/counters.json", lambda: 0)
        counters.begin(Core(0))
        assert counters.fault is None
        assert counters.uptime_s in (900, 1800)
        seen.add(counters.uptime_s)
    assert seen == {900, 1800}


@cases_of(40)
@given(st.data())
def test_s12_whatever_is_cut_one_of_the_last_two_configurations_is_there(data):
    """Lives of saves, starts and refreshed backups, of which any may lose its power anywhere."""
    content, last, known = prepared(1), 1, {1}
    for step in range(data.draw(st.integers(1, 12))):
        dies_at = data.draw(st.none() | st.integers(0, 30))
        flash = Flash(content, dies_at, data.draw(st.sampled_from(TORN)), seed=step)
        new = step + 2
        try:
            store = store_on(flash)
            store.load()
            if data.draw(st.booleans()):
                store.healthy()
            fault = store.save(configuration(new, data.draw(st.integers(1, 20))))
        except PowerCut:
            fault = "cut"
        known = {new} if fault is None else {last, new}
        content = bytes(flash.buffer)
        raw, source, _ = store_on(Flash(content)).load()
        assert source == "config"
        assert raw["group"]["limit_a"] in known
        last = raw["group"]["limit_a"]


def test_s12_a_full_file_system_keeps_the_old_configuration():
    flash = Flash()
    store = Store("/", files=Files(flash, new=True))
    assert store.save(configuration(63)) is None
    with store.files.open("/hog", "wb") as hog:
        room = BLOCKS - 8
        while room:
            hog.write(b"x" * BLOCK)
            room -= 1
    with pytest.raises(OSError, match="NOSPC"):
        for k in range(BLOCKS):
            with store.files.open(f"/hog{k}", "wb") as hog:
                hog.write(b"x" * BLOCK)
    fault = store.save(configuration(40))
    assert fault.startswith("/config.json: cannot be written")
    assert store.load()[:2] == (configuration(63), "config")
    store.files.remove("/hog")
    assert store.save(configuration(40)) is None
    assert store.load()[:2] == (configuration(40), "config")


def test_a_save_costs_few_flash_operations():
    flash = Flash(prepared(63))
    store = store_on(flash)
    for k in range(100):
        store.save(configuration(k))
    size = len(json.dumps(configuration(63)))
    assert flash.operations / 100 <= 10 + size / 256, "erased blocks and programmed pages"

"""What commissioning found out about a charger is remembered over a restart of the controller."""

import pytest
from test_safety import THREE
from world import World

from loadrail.abilities import DONE
from loadrail.registers import SERIAL_NUMBER

READING = {"max_read": 45, "write_functions": (16,), "read_functions": (3,)}
PROBES = {(0, 125), (0, 45), (0, 21)}  # (first register, registers) that only commissioning reads


def world_of(remembered=None):
    """A charger with a mind of its own, and all reads of it."""
    world = World([(*THREE, {"reading": READING})])
    reads = []
    world.run.on_frame = lambda bus, request, now_ms: reads.append(
        (request.register, request.count)
    )
    world.primary.chargers.remembered = remembered or {}
    return world, reads


@pytest.fixture(scope="module")
def known():
    """What is known of it after a first run, as it is kept."""
    world, reads = world_of()
    world.until(60)
    assert set(reads) >= {(0, 125), (0, 45)}
    who, *row = world.primary.chargers.abilities_of(0)
    return {who: row}


def test_a_charger_that_is_remembered_is_not_probed_again(known):
    world, reads = world_of(known)
    world.until(60)
    c = world.primary.chargers
    assert PROBES.isdisjoint(reads)
    assert c.commissioned(0)
    assert c.abilities_of(0)[1:] == next(iter(known.values()))
    assert world.true_limits_a()[0] >= 31


def test_another_charger_at_its_address_is_looked_at_anew(known):
    world, reads = world_of(known)
    charger = world.site.chargers[0]
    read = charger.read

    def other(function, first, count):
        words = list(read(function, first, count))
        if first <= SERIAL_NUMBER < first + count:
            words[SERIAL_NUMBER - first] ^= 5
        return words

    charger.read = other
    world.until(60)
    assert not PROBES.isdisjoint(reads)


def test_a_charger_that_is_not_looked_at_yet_is_not_remembered():
    c = world_of()[0].primary.chargers
    assert c.abilities_of(0) is None
    c.step[0] = DONE
    assert c.abilities_of(0) is None, "nobody knows who it is"


def test_a_new_configuration_in_mid_run_takes_over_what_is_known(known):
    world, _ = world_of(known)
    world.until(30)
    world.primary.configure(world.primary.config, world.run.ticks_ms())
    assert world.primary.chargers.commissioned(0)

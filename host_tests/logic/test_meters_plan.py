# Which registers are read together: limits, gaps, what rides along.

from loadrail import meters
from loadrail.meters.plan import SLOTS, blocks, plan
from loadrail.meters.words import U16, U32

_V, _I, _P, _TOTAL = SLOTS["voltage"], SLOTS["current"], SLOTS["power"], SLOTS["total_power"]


def _row(**more):
    row = {"phases": 3, "block": 125, "spans": ()}
    row.update(more)
    return row


def _reads(found):
    return [block[:2] for block in found]


def test_every_request_keeps_to_the_models_limits():
    for name in meters.names():
        row = meters.load(name)
        fast, slow = plan(row)
        for first, count, parts in fast + slow:
            assert 1 <= count <= row["block"], name
            taken = set()
            for _, offset, kind, _, _ in parts:
                size = (1, 1, 2, 2, 4, 4, 2, 4)[kind]
                assert offset + size <= count, name
                taken.update(range(first + offset, first + offset + size))
            gaps = [register for register in range(first, first + count) if register not in taken]
            for register in gaps:
                spanned = [s for s in row["spans"] if s[0] <= first and first + count <= s[1]]
                assert spanned, (name, register)


def test_every_quantity_of_a_row_is_read_once():
    for name in meters.names():
        row = meters.load(name)
        fast, slow = plan(row)
        slots = sorted([part[0] for block in fast + slow for part in block[2]])
        wanted = []
        for quantity in SLOTS:
            if row.get(quantity):
                by_phase = quantity in ("current", "power", "export_power", "voltage")
                count = row["phases"] if by_phase else 1
                wanted.extend([SLOTS[quantity] + k for k in range(count)])
        assert slots == sorted(wanted), name


def test_currents_and_what_gives_their_sign_are_in_the_fast_requests():
    for name in meters.names():
        row = meters.load(name)
        slots = [part[0] for block in plan(row)[0] for part in block[2]]
        for quantity in ("current", "power", "export_power"):
            if row.get(quantity):
                for phase in range(row["phases"]):
                    assert SLOTS[quantity] + phase in slots, name


def test_values_side_by_side_are_one_request():
    row = _row(current=(10, 1, U16, 1, 1), power=(13, 2, U32, 1, 1))
    assert _reads(blocks(row, ("current", "power"))) == [(10, 9)]


def test_a_gap_is_read_through_only_where_the_row_allows_it():
    values = {"current": (10, 1, U16, 1, 1), "power": (14, 2, U32, 1, 1)}
    assert _reads(blocks(_row(**values), ("current", "power"))) == [(10, 3), (14, 6)]
    assert _reads(blocks(_row(spans=((10, 20),), **values), ("current", "power"))) == [(10, 10)]
    assert len(blocks(_row(spans=((10, 19),), **values), ("current", "power"))) == 2
    assert len(blocks(_row(spans=((11, 20),), **values), ("current", "power"))) == 2


def test_a_quantity_is_split_by_phase_only_where_it_does_not_fit():
    values = {"current": (10, 2, U32, 1, 1), "power": (16, 2, U32, 1, 1)}
    assert _reads(blocks(_row(block=11, **values), ("current", "power"))) == [(10, 6), (16, 6)]
    assert _reads(blocks(_row(block=5, **values), ("current",))) == [(10, 4), (14, 2)]
    assert _reads(blocks(_row(block=2, **values), ("current",))) == [(10, 2), (12, 2), (14, 2)]


def test_parts_tell_where_each_value_is():
    row = _row(phases=1, current=(10, 0, U16, 10, 1), power=(12, 0, U32, 1, 10), spans=((10, 14),))
    assert blocks(row, ("power", "current")) == (
        (10, 4, ((_I, 0, U16, 10, 1), (_P, 2, U32, 1, 10))),
    )


def test_voltages_ride_along_while_they_cost_little():
    values = {"current": (20, 1, U16, 1, 1), "power": (23, 1, U16, 1, 1), "spans": ((0, 30),)}
    near, slow = plan(_row(voltage=(8, 1, U16, 1, 1), **values))
    assert (_reads(near), slow) == ([(8, 18)], ())
    far, slow = plan(_row(voltage=(7, 1, U16, 1, 1), **values))
    assert (_reads(far), _reads(slow)) == ([(20, 6)], [(7, 3)])


def test_nothing_rides_along_for_another_request():
    row = _row(block=6, current=(20, 1, U16, 1, 1), power=(23, 1, U16, 1, 1))
    row["voltage"] = (17, 1, U16, 1, 1)
    fast, slow = plan(row)
    assert (_reads(fast), _reads(slow)) == ([(20, 6)], [(17, 3)])


def test_the_reads_of_well_known_models():
    for name, reads in (
        ("eastron_sdm630", ([(0x00, 18)], [(0x34, 24)])),
        ("carlo_gavazzi_em24", ([(0x0C, 6), (0x12, 6)], None)),
        ("carlo_gavazzi_em3xx", ([(0x0C, 12)], None)),
        ("siemens_pac2200", ([(1, 30)], [(55, 12), (801, 12)])),
        ("siemens_pac1600", ([(1, 24)], [(49, 2), (57, 2), (6687, 4)])),
        ("inepro_pro380", ([(0x5002, 24)], [(0x600C, 14)])),
        ("chint_dtsu666", ([(0x2006, 20)], None)),
        ("acrel_adl400", ([(0x61, 6), (0x164, 8)], None)),
        ("smartstuff_p1", ([(18, 32)], [(10, 4)])),
    ):
        fast, slow = plan(meters.load(name))
        assert _reads(fast) == reads[0], name
        assert reads[1] is None or _reads(slow) == reads[1], name

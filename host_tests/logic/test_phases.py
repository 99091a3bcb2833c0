# A charger's terminals on the grid's phases.

from loadrail.phases import ORDERS, mask_of, place

# order, terminals, most that may flow on L1 L2 L3, least that surely flows
_CASES = (
    ("L1L2L3", (1, 2, 3), (1, 2, 3), (1, 2, 3)),
    ("L2L3L1", (1, 2, 3), (3, 1, 2), (3, 1, 2)),
    ("L3L1L2", (7000, 0, 0), (0, 0, 7000), (0, 0, 7000)),
    ("L2", (9000, 0, 0), (0, 9000, 0), (0, 9000, 0)),
    ("L2", (0, 9000, 0), (0, 9000, 0), (0, 9000, 0)),
    ("L3L1", (5000, 6000, 0), (6000, 0, 5000), (6000, 0, 5000)),
    # a current where no wire should be: nobody knows where it flows
    ("L3L1", (5000, 6000, 4000), (6000, 6000, 6000), (4000, 4000, 4000)),
    ("unknown", (8000, 0, 0), (8000, 8000, 8000), (0, 0, 0)),
    ("unknown", (8000, 7000, 6000), (8000, 8000, 8000), (6000, 6000, 6000)),
)


def test_currents_land_on_the_phases_that_the_order_names():
    for name, terminals, most, least in _CASES:
        booked = [-1] * 6
        sure = [-1] * 6
        place(ORDERS[name], terminals, booked, sure, 3)
        assert tuple(booked) == (-1, -1, -1) + most, name
        assert tuple(sure) == (-1, -1, -1) + least, name


def test_a_mask_holds_each_phase_of_its_order_and_unknown_holds_all():
    for name in ORDERS:
        for phase in range(3):
            on_it = name == "unknown" or "L%d" % (phase + 1) in name
            assert bool(mask_of(ORDERS[name]) >> phase & 1) == on_it

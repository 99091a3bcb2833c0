# Which of the grid's phases a charger's terminals are on.
#
# A configuration names the grid phase of each terminal in turn: "L1L2L3" is straight, "L2L3L1" is
# rotated, "L2" is a single-phase charger on L2, "unknown" is what nobody has looked up.
# A mask has bit 0 for L1, bit 1 for L2, bit 2 for L3.

ALL = 7
NAMES = ("L1", "L2", "L3")

# Grid phase (0..2) of terminal 1, 2, 3; unknown is empty and counts on all three.
ORDERS = {
    "unknown": (),
    "L1": (0,),
    "L2": (1,),
    "L3": (2,),
    "L1L2": (0, 1),
    "L1L3": (0, 2),
    "L2L1": (1, 0),
    "L2L3": (1, 2),
    "L3L1": (2, 0),
    "L3L2": (2, 1),
    "L1L2L3": (0, 1, 2),
    "L1L3L2": (0, 2, 1),
    "L2L1L3": (1, 0, 2),
    "L2L3L1": (1, 2, 0),
    "L3L1L2": (2, 0, 1),
    "L3L2L1": (2, 1, 0),
}


def mask_of(order: tuple) -> int:
    """The phases that a charger with this order may load: 1..7, all three where it is unknown."""
    mask = 0
    for phase in order:
        mask |= 1 << phase
    return mask or ALL


def place(order: tuple, terminal_ma, booked_ma: list, sure_ma: list, at: int) -> None:
    """Lay the currents of a charger's three terminals onto the grid's phases.

    terminal_ma[0..2] are its own L1..L3; results go to booked_ma[at..at+2] and sure_ma[at..at+2].
    They differ only where it is not known which terminal is on which phase: `booked` is then the
    most that may flow on a phase, `sure` the least, so that neither flatters the circuit.
    """
    a, b, c = terminal_ma[0], terminal_ma[1], terminal_ma[2]
    if len(order) == 1:
        # A single-phase charger shows its current at a terminal of its choice.
        most = max(a, b, c)
        for phase in (0, 1, 2):
            here = most if phase == order[0] else 0
            booked_ma[at + phase] = here
            sure_ma[at + phase] = here
        return
    if len(order) == 3:
        booked_ma[at + order[0]] = sure_ma[at + order[0]] = a
        booked_ma[at + order[1]] = sure_ma[at + order[1]] = b
        booked_ma[at + order[2]] = sure_ma[at + order[2]] = c
        return
    if len(order) == 2 and c < 1000:
        third = 3 - order[0] - order[1]
        booked_ma[at + order[0]] = sure_ma[at + order[0]] = a
        booked_ma[at + order[1]] = sure_ma[at + order[1]] = b
        booked_ma[at + third] = sure_ma[at + third] = c
        return
    most = max(a, b, c)
    least = min(a, b, c)
    for phase in (0, 1, 2):
        booked_ma[at + phase] = most
        sure_ma[at + phase] = least

# Where a search for the meter looks, and in which order: the likeliest first.
#
# A line is (baud, parity, stop bits). A leg is (its name, lines, addresses, contacts, time-out in
# ms): at each address of each line all its contacts are asked until one is answered. A contact is
# a read, (function, register, registers).

from loadrail.line import char_bits, char_us

# As meters are delivered, and what installers choose. The order is the search's own: how many
# models come so, and how common they are.
USUAL_LINES = (
    (9600, "N", 1),
    (9600, "E", 1),
    (19200, "N", 2),
    (19200, "E", 1),
    (38400, "E", 1),
    (2400, "N", 1),
    (19200, "N", 1),
    (9600, "N", 2),
)
USUAL_ADDRESSES = (1, 2, 126, 43, 11, 247)

# Register 11 holds the code of a Carlo Gavazzi or a Chint and must be read alone; two input
# registers from 0 are the first voltage of an Eastron. The others answer with a value or refuse.
CONTACTS = ((3, 0x000B, 1), (4, 0x0000, 2))

# Some meters keep silent where they do not know a register. As delivered, each model is therefore
# asked for one that it has: (line, address, contacts).
_DELIVERED = (
    (
        (9600, "N", 1),
        1,
        CONTACTS + ((3, 0x8960, 6), (3, 0x61, 1), (3, 1, 6), (3, 0, 2), (3, 20, 1), (3, 243, 10)),
    ),
    ((9600, "E", 1), 1, CONTACTS + ((3, 0x4000, 11), (3, 0x1018, 1), (3, 0x8960, 6))),
    ((19200, "N", 2), 126, CONTACTS + ((3, 64001, 27),)),
    ((38400, "E", 1), 43, CONTACTS + ((3, 110, 2),)),
    ((2400, "N", 1), 1, CONTACTS),
    ((19200, "N", 1), 1, CONTACTS + ((3, 0, 2),)),
    ((9600, "N", 2), 11, CONTACTS + ((3, 2001, 1),)),
)

_BAUDS = (9600, 19200, 38400, 115200, 57600, 4800, 2400, 1200)
_FORMATS = (("N", 1), ("E", 1), ("N", 2), ("O", 1))

QUICK_MS = 150  # longer than nearly all meters need
FAIR_MS = 250
PATIENT_MS = 500  # the longest that any maker names

_LAST_NEAR = 31  # installers count from 1; few lines have more devices


def legs(first_line=None, preferred=(), skip=()) -> tuple:
    """All legs. `first_line` and the addresses `preferred` come first; those in `skip` never."""
    lines = _front((first_line,) if first_line else (), USUAL_LINES)
    others = [(baud,) + rest for baud in _BAUDS for rest in _FORMATS]
    others = tuple([line for line in others if line not in lines])
    usual = _without(_front(tuple(preferred), USUAL_ADDRESSES), skip)
    near = _without(range(1, _LAST_NEAR + 1), usual, skip)
    far = _without(range(_LAST_NEAR + 1, 248), usual, skip)
    found = []
    if first_line and preferred:
        chosen = _without(preferred, skip)
        found.append(("as configured", (first_line,), chosen, CONTACTS, QUICK_MS))
    found.extend(_delivered("as delivered", skip, QUICK_MS))
    found.append(("usual addresses", lines, usual, CONTACTS, QUICK_MS))
    found.extend(_delivered("as delivered, slow meters", skip, PATIENT_MS))
    found.append(("unusual lines", others, usual, CONTACTS, QUICK_MS))
    found.append(("usual addresses, slow meters", lines, usual, CONTACTS, PATIENT_MS))
    found.append(("addresses up to %d" % _LAST_NEAR, lines, near, CONTACTS, FAIR_MS))
    found.append(("all addresses", lines, far, CONTACTS, FAIR_MS))
    found.append(("all addresses, unusual lines", others, near + far, CONTACTS, QUICK_MS))
    return tuple([leg for leg in found if leg[2]])


def place_ms(leg: tuple, line: tuple) -> int:
    """What one address of a leg takes at most where nobody answers."""
    _, _, _, contacts, timeout_ms = leg
    request_ms = 12 * char_us(line[0], char_bits(line[1], line[2])) // 1000 + 1  # with its silence
    return len(contacts) * (timeout_ms + request_ms)


def leg_ms(leg: tuple) -> int:
    """What a whole leg takes at most where nobody answers."""
    return sum([len(leg[2]) * place_ms(leg, line) for line in leg[1]])


def _delivered(name, skip, timeout_ms):
    return [
        (name, (line,), _without((address,), skip), contacts, timeout_ms)
        for line, address, contacts in _DELIVERED
    ]


def _front(first, rest):
    return first + tuple([one for one in rest if one not in first])


def _without(addresses, *others):
    """As bytes, which a board has room for."""
    kept = []
    for address in addresses:
        if True not in [address in taken for taken in others]:
            kept.append(address)
    return bytes(kept)

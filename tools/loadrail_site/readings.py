# The questions about a TeltoCharge that its register table leaves open, and the possible answers.
#
# Nobody has measured these on a charger. The firmware must keep the circuit under each of them,
# so the simulated charger can play each: a reading is one answer to every question.
# The first answer is the one that is played unless another is chosen.
# A charger that follows one of these is honest; what a broken one may do is in lies.py.

from . import pairwise as pairs

READINGS = {
    # What flows once the communication timeout has passed: the failsafe current even where the
    # limit was lower; nothing; or the lower of the two.
    "after_timeout": ("failsafe", "stop", "lower"),
    # Which frames count as a sign of life of the primary.
    "fed_by": ("any", "writes", "amps"),
    "read_functions": ((3, 4), (3,)),
    "write_functions": ((6, 16), (6,), (16,)),
    "max_read": (125, 45, 21, 16),
    # What becomes of a value outside the range: refused, moved into it, dropped without a word.
    "bad_value": ("exception", "clamp", "ignore"),
    "after_restart": ("kept", "defaults"),
    "session_request_max": (2, 1),
    "session_request_clears": (True, False),
    # Who sees that a car draws on one phase only, and goes to one phase: see phases.py.
    "phase_choice": ("commanded", "itself"),
    "hears_broadcasts": (False, True),
}

# The questions that are combined, in this order (a dict has none on MicroPython). Broadcasts are
# not among them: the firmware sends none.
COMBINED = (
    "after_timeout",
    "fed_by",
    "read_functions",
    "write_functions",
    "max_read",
    "bad_value",
    "after_restart",
    "session_request_max",
    "session_request_clears",
    "phase_choice",
)


def _count():
    count = 1
    for question in COMBINED:
        count *= len(READINGS[question])
    return count


COMBINATIONS = _count()


def choose(changes=None):
    """A full reading: the first answers, but for `changes`. Raises ValueError on unknown ones."""
    chosen = {}
    for question in READINGS:
        chosen[question] = READINGS[question][0]
    for question, wanted in (changes or {}).items():
        answer = tuple(wanted) if isinstance(wanted, list) else wanted
        if question not in READINGS:
            raise ValueError("no reading called %s" % question)
        if answer not in READINGS[question]:
            raise ValueError("%s is one of %s" % (question, READINGS[question]))
        chosen[question] = answer
    return chosen


def variants():
    """Every change of one answer, for tests that must hold under each: [{question: answer}]."""
    changes = [{}]
    for question in COMBINED + ("hears_broadcasts",):
        for answer in READINGS[question][1:]:
            changes.append({question: answer})
    return changes


def combination(number):
    """The full reading of that number, 0..COMBINATIONS - 1; 0 has all the first answers."""
    if not 0 <= number < COMBINATIONS:
        raise ValueError("there are %d combinations" % COMBINATIONS)
    chosen = choose()
    for question in reversed(COMBINED):
        answers = READINGS[question]
        chosen[question] = answers[number % len(answers)]
        number //= len(answers)
    return chosen


def combinations():
    """Every combination of the answers to COMBINED, as full readings, in a fixed order."""
    for number in range(COMBINATIONS):
        yield combination(number)


def pairwise(seed=0):
    """A few full readings that hold every pair of answers to two of COMBINED; same seed, same."""
    sizes = [len(READINGS[question]) for question in COMBINED]
    readings = []
    for row in pairs.rows(sizes, seed):
        changes = {}
        for question, answer in zip(COMBINED, row):
            changes[question] = READINGS[question][answer]
        readings.append(choose(changes))
    return readings

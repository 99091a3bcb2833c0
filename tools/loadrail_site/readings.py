# The questions about a TeltoCharge that its register table leaves open, and the possible answers.
#
# Nobody has measured these on a charger. The firmware must keep the circuit under each of them,
# so the simulated charger can play each: a reading is one answer to every question.
# The first answer is the one that is played unless another is chosen.

READINGS = {
    # What flows once the communication timeout has passed: the failsafe current even where the
    # limit was lower; nothing; or the lower of the two.
    "after_timeout": ("failsafe", "stop", "lower"),
    # Which frames count as a sign of life of the primary.
    "fed_by": ("any", "writes", "amps"),
    "read_functions": ((3, 4), (3,)),
    "write_functions": ((6, 16), (6,), (16,)),
    "max_read": (125, 45, 16),
    # What becomes of a value outside the range: refused, moved into it, dropped without a word.
    "bad_value": ("exception", "clamp", "ignore"),
    "after_restart": ("kept", "defaults"),
    "session_request_max": (2, 1),
    "session_request_clears": (True, False),
    "hears_broadcasts": (False, True),
}


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
    for question in READINGS:
        for answer in READINGS[question][1:]:
            changes.append({question: answer})
    return changes

# A few rows of choices that together hold every pair of answers to any two questions.
#
# Most faults need one or two unlucky answers, so such rows find nearly all that every combination
# would. Greedy: each row begins with a pair that is still missing, and takes for each other
# question the answer that brings the most missing pairs. Questions and answers are numbers.

from .dice import Dice


def rows(sizes, seed=0):
    """Rows of one answer a question, for `sizes`, the number of answers to each question.

    The same seed gives the same rows; it settles where to begin and what is a tie.
    """
    dice = Dice(seed)
    pairs = _all_pairs(sizes)
    order = [(dice.roll(1 << 16), pair) for pair in pairs]
    missing = set(pairs)
    found = []
    for _, pair in sorted(order):
        if pair in missing:
            row = _row(pair, sizes, missing, dice)
            missing -= set(pairs_of(row))
            found.append(row)
    return found


def pairs_of(row):
    """(question, its answer, later question, its answer) of every two answers of a row."""
    pairs = []
    for second in range(len(row)):
        for first in range(second):
            pairs.append((first, row[first], second, row[second]))
    return pairs


def _all_pairs(sizes):
    pairs = []
    for second in range(len(sizes)):
        for first in range(second):
            for one in range(sizes[first]):
                for other in range(sizes[second]):
                    pairs.append((first, one, second, other))
    return pairs


def _row(pair, sizes, missing, dice):
    """One answer to each question, built around a pair."""
    row = [None] * len(sizes)
    row[pair[0]], row[pair[2]] = pair[1], pair[3]
    for question, size in enumerate(sizes):
        if row[question] is not None:
            continue
        best = (-1, 0, 0)
        for answer in range(size):
            best = max(best, (_gain(row, question, answer, missing), dice.roll(1 << 16), answer))
        row[question] = best[2]
    return row


def _gain(row, question, answer, missing):
    """How many missing pairs this answer makes with those already there."""
    gain = 0
    for other, chosen in enumerate(row):
        if chosen is None:
            continue
        before = (other, chosen, question, answer)
        pair = before if other < question else (question, answer, other, chosen)
        gain += 1 if pair in missing else 0
    return gain

# Whether a meter is of a model: one full reading through the model's own reader, which then has
# to be plausible. A mark can be imitated, or be another meter's register by chance; a whole
# reading with voltages, frequency, powers and their total hardly can.

from loadrail.meters.plan import plan
from loadrail.meters.plausible import is_a_meter
from loadrail.meters.reader import Reader
from loadrail.request import EXCEPTION, OK, TIMEOUT
from loadrail.search_places import PATIENT_MS

_FAILURES = 2  # lost or damaged answers that a reading may have
_BAD = 2  # readings that no meter would give: one may have been taken during a load step
_REFUSALS = (1, 2, 3)  # exceptions that are the same tomorrow
_LIVE_MV = 80_000


class Fit:
    """A model that a meter was read as."""

    def __init__(self, row, sample):
        self.row = row
        self.sample = sample
        self.lacks = 0  # what the model has and this meter has not; of siblings the lowest wins
        self.hides_export = False  # the total is not the sum of the phases, as without signs


def confirm(asker, row: dict, shown: bool, marked: bool):
    """Read on `asker` (search.Search) what `row` describes: a Fit, or None. A generator.

    `shown`: it has shown the model's mark, `marked`: one that only this family has. Where lost
    answers have decided, `asker.lost` tells.
    """
    reader = Reader(row, asker.address, PATIENT_MS if marked else asker.timeout_ms, 0)
    fast, slow = plan(row)
    fast = [block[:2] for block in fast]
    sample, own = reader.sample, asker.own
    failures = samples = refused = 0
    alive = shown  # if not, silence at the first question is an answer, too
    unclear = shown and not marked  # then it has the registers, but others come near to the mark
    while samples <= len(slow) and not (samples and _whole(row, sample)):
        reader.next(own, asker.now_ms)
        yield
        samples += reader.answer(asker.now_ms, asker.result, asker.words)
        if asker.result == EXCEPTION and own.exception in _REFUSALS:
            if not samples or (own.register, own.count) in fast:
                return None
            refused += 1
        elif asker.result == OK:
            alive = True
        else:
            unclear = unclear or asker.result != TIMEOUT
            failures += 1 if alive or unclear else _FAILURES + 1
        if failures > _FAILURES:
            asker.lose(unclear)
            return None
        if reader.bad >= _BAD:
            return None
    if failures and not _whole(row, sample):
        asker.lose(unclear)
    fit = Fit(row, sample)
    if not _plausible(fit, marked):
        return None
    fit.lacks = refused + (not _whole(row, sample))
    if row["phases"] == 3 and _live(sample) == 1:
        fit.lacks += 2  # two phases that it measures nothing of must not be shown as 0 A
    return fit


def _whole(row, sample) -> bool:
    """Whether all came that is looked at."""
    if row.get("voltage") and sample.voltage_mv[0] is None:
        return False
    if row.get("total_power") and sample.own_total_w is None:
        return False
    return not row.get("frequency") or sample.frequency_mhz is not None


def _live(sample) -> int:
    """How many phases show a voltage."""
    return len([mv for mv in sample.voltage_mv if mv is not None and mv >= _LIVE_MV])


def _plausible(fit, marked) -> bool:
    sample = fit.sample
    if not marked and _live(sample) + (sample.frequency_mhz is not None) < 2:
        return False  # one number can be anything
    if is_a_meter(sample):
        return True
    return marked and _is_one_without_signs(fit)


def _is_one_without_signs(fit) -> bool:
    """A meter whose mode hides exports may still count them in its total: all else must fit."""
    sample = fit.sample
    total_w, sample.own_total_w = sample.own_total_w, None
    fits = is_a_meter(sample)
    sample.own_total_w = total_w
    if not fits or total_w is None:
        return False
    most_w = sum([abs(power_w or 0) for power_w in sample.power_w])
    fit.hides_export = abs(total_w) <= most_w + most_w // 20 + 50
    return fit.hides_export

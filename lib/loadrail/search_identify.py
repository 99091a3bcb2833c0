# What kind of device answers at an address: marks first, the surest before the vaguest, then,
# where there is none, full readings as models that have no mark.
#
# A mark that was answered is not read again, however many models share it. Nothing is written. The
# order matters: a TeltoCharge is told before anything that could resemble one, three phases before
# one, and a model whose registers are part of another's after that one.
#
# Hence a question whose answer was lost says nothing. Where a model is only the likeliest because
# an earlier one did not answer, all that was lost is asked again before it is named: who keeps
# silent where others refuse does so again at the very same questions, a bad line does not.

from loadrail import meters
from loadrail.meters.fingerprint import matches
from loadrail.meters.unusable import UNUSABLE
from loadrail.registers import EVSE_ID, TELTOCHARGE_ID
from loadrail.request import EXCEPTION, OK, TIMEOUT
from loadrail.search_confirm import confirm

# What identify() ends with.
METER = 1  # with a Fit and the names of models that cannot be told from it
CHARGER = 2
USELESS = 3  # a model that is known but cannot serve; with its name
DOUBTFUL = 4  # has a model's code, but not its reading; with the model's name
STRANGE = 5  # something else
UNSURE = 7  # could be a model, but answers that could tell were lost; with the model's name

_AGREED = 3  # rounds in a row that lost the very same: silent so often means silent
_ROUNDS = 6

_CHARGER = "charger"
_CHARGER_BLOCK = (3, EVSE_ID, 3)  # identity, and two registers that are 0 or 1

# Models of one line answer to the same mark: the one that lacks nothing wins, of equals the first.
_BY_MARK = (
    "carlo_gavazzi_em3xx",
    "carlo_gavazzi_em24",
    "carlo_gavazzi_em1xx",
    "carlo_gavazzi_em5xx",
    "carlo_gavazzi_em3xx_s27",
    "chint_dtsu666",
    "chint_ddsu666",
    _CHARGER,
    "eastron_sdm630",
    "eastron_sdm72_v2 eastron_sdm72_v2_short",
    "eastron_sdm120",
    "eastron_sdm230",
    "eastron_sdm72_v1",
    "inepro_pro380 inepro_pro1",
    "abb_b23",
    "abb_b21",
    "siemens_pac3200",
    "siemens_pac1020",
    "siemens_pac2200 siemens_pac4200 siemens_pac3100",
    "smartstuff_p1 smartstuff_p1_1p",
    "acrel_adl400",
    "chint_dtsu666_h",
    "inepro_pro380_v1 inepro_pro1_v1",
    "eastron_sdm630_v1 eastron_sdm54 eastron_sdm530",
    "eastron_sdm220",
    "acrel_adl3000",
    "acrel_acr10r_3p",
    "siemens_pac1600",
    "entes_mpr2",
    "acrel_agf",
)
# Without a mark, or said to lack theirs now and then.
_BY_READING = (
    "abb_b23 abb_b21",
    "acrel_adl400",
    "inepro_pro380 inepro_pro1",
    "acrel_adw300",
    "chint_ddsu666",
    "entes_emm",
    "acrel_adl200",
    "acrel_acr10r",
)
_SAME = ("shown", "name", "line", "fingerprint", "confidence", "note", "gap_ms", "timeout_ms")


def identify(asker, heard: dict):
    """(one of the above, what goes with it). A generator; `asker` is a search.Search.

    `heard` holds what is known already: the words of (function, register, registers), or None
    where it was refused.
    """
    before, agreed = None, 0
    for _ in range(_ROUNDS):
        asker.lost = []
        asker.unclear = False
        kind, told, sure = yield from _once(asker, heard)
        if kind == STRANGE and before:
            continue
        if sure or not asker.lost:
            return kind, told
        now = told[0].row["name"], asker.lost
        agreed = agreed + 1 if now == before else 1
        if agreed == _AGREED and not asker.unclear:
            return kind, told
        before = now
    return UNSURE, before[0]


def _once(asker, heard):
    """What identify() gives, and whether that holds whatever the lost answers would have been."""
    doubtful = None
    for names in _BY_MARK:
        if names == _CHARGER:
            if (yield from _is_charger(asker, heard)):
                return CHARGER, None, True
            continue
        if names in UNUSABLE:
            if (yield from _shows(asker, UNUSABLE[names][1], heard)):
                return USELESS, names, True
            continue
        fit, name, sure = yield from _of_group(asker, names, heard)
        if fit:
            return METER, (fit, _alike(fit.row, names)), sure
        doubtful = doubtful or name
    for names in _BY_READING:
        fit, _, _ = yield from _of_group(asker, names, None)
        if fit:
            return METER, (fit, _alike(fit.row, names)), False
    return (DOUBTFUL if doubtful else STRANGE), doubtful, True


def _is_charger(asker, heard):
    yield from _ask(asker, _CHARGER_BLOCK, heard)
    words = heard.get(_CHARGER_BLOCK)
    return words is not None and words[0] == TELTOCHARGE_ID and max(words[1:]) <= 1


def _of_group(asker, names, heard):
    """(the best Fit or None, the first model whose code was there, whether its code and nothing
    that was lost speaks for the Fit). `heard` None: no marks."""
    best = coded = None
    lost = len(asker.lost)
    for name in names.split():
        row = meters.load(name)
        exact = False
        if heard is not None:
            if not (yield from _shows(asker, row["fingerprint"], heard)):
                continue
            exact = row["fingerprint"][0][3] != "near"  # that, others come near to as well
        coded = coded or (name if exact else None)
        asker.rest(row["gap_ms"])
        fit = yield from confirm(asker, row, heard is not None, exact)
        asker.rest(0)
        if fit and (best is None or fit.lacks < best.lacks):
            best = fit
        if best and not best.lacks:
            break
    whole = len(asker.lost) == lost
    if coded and not best and not whole:
        asker.unclear = True  # whatever else fits, it has that code
    return best, coded, coded is not None and whole


def _shows(asker, checks, heard):
    """Whether the answers to all checks of a mark are right."""
    for check in checks:
        yield from _ask(asker, check[:3], heard)
        words = heard.get(check[:3])
        if words is None or not matches(check, words, asker.address, asker.line[0]):
            return False
    return bool(checks)


def _ask(asker, read, heard):
    if read not in heard:
        yield from asker.ask(*read)
        if asker.result in (OK, EXCEPTION):
            heard[read] = asker.words
        else:
            asker.lose(asker.result != TIMEOUT)


def _alike(row, names):
    """The other models of the group that have the very same registers."""
    found = []
    for name in names.split():
        other = meters.load(name)
        differing = [key for key in other if key not in _SAME and other[key] != row.get(key)]
        if name != row["name"] and not differing and len(other) == len(row):
            found.append(name)
    return found

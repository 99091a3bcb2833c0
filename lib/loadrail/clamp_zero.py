# The console's `calibrate`: takes the zero of the clamps, and shows it so that it can be kept.
# Loaded when somebody asks.
#
# While the clamps are off their cables nobody sees the circuit; so no car may charge then. The
# zero itself comes from a stretch of samples that the clamps' job takes (context.clamps, see
# firmware/primary/clamp_job.py). Pieces may be empty: then there is nothing to tell yet.

from loadrail.clamps import FINE, TEXTS
from loadrail.clock import age_ms
from loadrail.commands import Refusal
from loadrail.config import CLAMPS
from loadrail.presence import DOUBTFUL, ONLINE

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


_FLOWS_MA = const(1000)
_PATIENCE_MS = const(3000)  # beyond the interval between two stretches


def say(words, context):
    """`calibrate` or `calibrate show`."""
    section = context.primary.config.get("meter")
    if section is None or section["model"] != CLAMPS:
        raise Refusal('there are no clamps: meter.model is not "%s"' % CLAMPS)
    if len(words) > 1:
        for piece in _show(context.primary.meter.clamps):
            yield piece
        return
    refusal = _refusal(context)
    if refusal:
        raise Refusal("refused: %s" % refusal)
    job, began_ms = context.clamps, context.now_ms()
    job.calibrate()
    while job.calibrating:
        if age_ms(context.now_ms(), began_ms) > section["update_interval_ms"] + _PATIENCE_MS:
            job.calibrating = False
            raise Refusal("refused: the board gave no samples; nothing was changed")
        yield ""
    for piece in _result(job.found, context.primary.meter.clamps):
        yield piece


def _refusal(context) -> "str | None":
    if context.clamps is None:
        return "this board has no inputs for clamps"
    c = context.primary.chargers
    for i in range(c.n):
        if c.presence[i] in (ONLINE, DOUBTFUL) and max(c.draw_ma[3 * i : 3 * i + 3]) >= _FLOWS_MA:
            return (
                "charger %d draws current, and without the clamps nobody watches the circuit; "
                '"stop all" first' % (i + 1)
            )
    return None


def _result(found, clamps):
    for phase, state in enumerate(found):
        said = _zero(clamps[phase]) if state == FINE else "refused: " + TEXTS[state]
        yield "L%d: %s\n" % (phase + 1, said)
    if FINE in found:
        yield 'put the clamps back; "calibrate show" tells what to keep\n'


def _show(clamps):
    for phase, clamp in enumerate(clamps):
        yield "L%d: %s\n" % (phase + 1, _zero(clamp))
    rows = ["[%d, %d]" % (clamp.offset, clamp.noise_ma) for clamp in clamps]
    yield 'to keep it, in "meter" of the configuration: "clamp_zero": [%s]\n' % ", ".join(rows)


def _zero(clamp) -> str:
    return "offset %d, noise %d mA" % (clamp.offset, clamp.noise_ma)

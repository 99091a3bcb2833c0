# The console's commands on the configuration: get, set, unset, diff, save, revert, defaults,
# export, import. Loaded when one is asked for; see commands.py for how they are called.
#
# What is set runs at once, but for the lines: they are opened at the start. `save` keeps it.
# A context has: settings (a Settings), store, primary (None where no control runs), now_ms().

from loadrail.commands import Refusal
from loadrail.config import CLAMPS, warnings
from loadrail.lent import lend


def say(words, context):
    """Text for people."""
    name, settings, text = words[0], context.settings, _text()
    if name == "get":
        for key, value in _found(words, settings):
            yield "%s = %s\n" % (key, text(value))
    elif name == "diff":
        rows = settings.diff()
        for key, kept, runs in rows:
            yield "%s: %s, kept %s\n" % (key, text(runs), text(kept))
        yield "" if rows else "nothing differs from what is kept\n"
    elif name == "export":
        for piece in _export(settings):
            yield piece
    elif name == "save":
        _have(settings)
        fault = yield _keeping(context)
        for line in _kept(fault, settings):
            yield "note: %s\n" % line
        yield "saved\n"
    else:
        rows, later = _change(words, context)
        for key, old, new in rows:
            yield "%s: %s, was %s\n" % (key, text(new), text(old))
        yield "" if rows else "all is as it was\n"
        if later:
            yield 'with the next start, after "save" and "reboot": %s\n' % ", ".join(later)
        if settings.unsaved:
            yield 'not kept yet: "save" does it, "revert" goes back\n'


def say_json(words, context):
    """One line of JSON: {key: value}, {"diff": {key: [kept, runs]}}, the configuration itself,
    {"saved": true, "warnings": []}; else {"changed": {key: [old, new]}, "later": [what waits for
    the next start], "unsaved": true}.
    """
    name, settings = words[0], context.settings
    text = lend("config_view").text
    if name == "get":
        before = "{"
        for key, value in _found(words, settings):
            yield '%s"%s": %s' % (before, key, text(value))
            before = ", "
        yield "}\n"
    elif name == "diff":
        for piece in _pairs('{"diff": {', settings.diff(), text):
            yield piece
        yield "}}\n"
    elif name == "export":
        for piece in _export(settings):
            yield piece
    elif name == "save":
        _have(settings)
        fault = yield _keeping(context)
        yield '{"saved": true, "warnings": %s}\n' % text(_kept(fault, settings))
    else:
        rows, later = _change(words, context)
        for piece in _pairs('{"changed": {', rows, text):
            yield piece
        unsaved = "true" if settings.unsaved else "false"
        yield '}, "later": %s, "unsaved": %s}\n' % (text(later), unsaved)


def _pairs(begin, rows, text):
    yield begin
    before = ""
    for key, old, new in rows:
        yield '%s"%s": [%s, %s]' % (before, key, text(old), text(new))
        before = ", "


def _found(words, settings):
    key = words[1] if len(words) > 1 else ""
    found = settings.get(key)
    if found:
        return found
    if settings.config is None:
        raise Refusal('there is no configuration yet; "set" begins one with the defaults')
    if key not in settings.keys(key):
        raise Refusal('there is no key "%s"; "get" lists all' % key)
    return [(key, None)]


def _text():
    """What writes a value for people. Its module is loaded once an answer, not once a value."""
    text = lend("config_view").text
    return lambda value: "absent" if value is None else text(value)


def _have(settings) -> None:
    if settings.raw is None:
        raise Refusal("there is no configuration yet")


def _export(settings):
    _have(settings)
    for piece in settings.export():
        yield piece
    yield "\n"


def _keeping(context):
    """The coroutine that writes; its result is why it could not."""
    if context.store is None:
        raise Refusal("nothing can be kept here")
    return context.store.save_when_quiet(context.settings.raw)


def _kept(fault, settings) -> list:
    """What to tell with it."""
    if fault:
        raise Refusal(fault)
    settings.saved()
    return warnings(settings.config)


def _change(words, context):
    """([(key, old, new)], what has to wait for the next start)."""
    name, settings = words[0], context.settings
    old = settings.config
    if name == "set":
        edit = lend("config_edit")
        faults = settings.change(edit.assignments(" ".join(words[1:])))
    elif name == "unset":
        faults = settings.set(words[1], "null")
    elif name == "import":
        faults = settings.import_(words[1])
    else:
        faults = settings.revert() if name == "revert" else settings.defaults()
    if faults:
        raise Refusal("\n".join(faults))
    return lend("config_view").diff(old or {}, settings.config), take_over(context)


def take_over(context) -> list:
    """Let the settings run, as far as that goes; names of the sections that have to wait."""
    new, primary = context.settings.config, context.primary
    if primary is None:
        return ["all"]
    running = primary.config
    config, later = dict(new), []
    if _line(new["bus"]) != _line(running["bus"]):
        config["bus"] = running["bus"]
        later.append("bus")
    meter, old = new.get("meter", {}), running.get("meter", {})
    if meter.get("bus", old.get("bus")) != old.get("bus") or (
        meter.get("model") == CLAMPS != old.get("model")
    ):
        later.append("meter")
        config.pop("meter")
        if old:
            config["meter"] = old
        config["group"] = dict(new["group"])
        config["group"]["type"] = running["group"]["type"]
    primary.configure(config, context.now_ms())
    return later


def _line(bus) -> list:
    """What the line was opened with."""
    return [bus[key] for key in ("baud", "parity", "stop_bits", "gap_ms")]

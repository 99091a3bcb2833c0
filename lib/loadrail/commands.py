# The console's commands: a line in, pieces of text out. No I/O here.
#
# Each command stands in commands_table.py, with the module that has it. That module offers
# say(words, context), a generator of pieces of text, and perhaps say_json(words, context), whose
# pieces make one line of JSON; where it has none the JSON is {"lines": [...]}. A command that
# cannot be done raises Refusal before it says anything. Whoever runs a command writes the pieces
# one by one and lets the other jobs run in between; a piece that is no text is a coroutine: it is
# awaited, and its result sent in.
#
# What a command needs is lent by lent.py.
#
# A context is the firmware's App or what stands for it; `primary` is None where no control runs.

from loadrail.lent import lend


class Refusal(Exception):
    """Why a command cannot be done: a sentence for people and programs."""


def run(line: str, context):
    """Carry one line out: yields pieces, each answer ends with a line end."""
    line = line.strip()
    if not line:
        return
    try:
        words, as_json, module = _find(line, context)
        if not as_json:
            pieces = module.say(words, context)
        elif hasattr(module, "say_json"):
            pieces = module.say_json(words, context)
        else:
            pieces = _lines_as_json(module.say(words, context))
        result = None
        while True:
            try:
                piece = pieces.send(result)
            except StopIteration:
                break
            result = yield piece
    except Refusal as refusal:
        yield _refused(str(refusal), line.endswith(" json"))


def complete(text: str, context) -> list:
    """What the last word of `text` may become; see commands_complete.py."""
    return lend("commands_complete").complete(text, context)


def _find(line, context):
    """(words, whether JSON is wanted, the command's module); Refusal where the line is no good."""
    row = lend("commands_table").row(line.split(None, 1)[0])
    if row is None:
        raise Refusal('"%s" is no command; "help" lists them' % line.split()[0])
    name, module, form, _ = row
    words, as_json = _words(line, form)
    if not _fits(words[1:], form):
        if form[:1] == "N":
            # With too many words after it the number itself may be fine.
            numbers(words if " " in form else words[:1], context, "all" in form)
        if form and form[0] != "[":
            raise Refusal('"%s" needs: %s' % (name, usage(name, form)))
        rest = " ".join(words[1:])
        raise Refusal('"%s" takes no "%s"; try: %s' % (name, rest, usage(name, form)))
    if module[0] == "*":
        module = module[1:]
    elif context.primary is None:
        raise Refusal('"%s" needs a running controller, and there is none: see "status"' % name)
    return words, as_json, lend(module)


def _words(line, form):
    """The words of a line without the last `json`, and whether there was one."""
    if not form.endswith("VALUE"):
        words = line.split()
        as_json = len(words) > 1 and words[-1] == "json"
        return words[:-1] if as_json else words, as_json
    most = len(form.split())
    words = line.split(None, most)
    value = words[-1].strip()
    as_json = len(words) > most and value.endswith(" json")
    words[-1] = value[:-5].strip() if as_json else value
    return words, as_json


def _fits(given, form) -> bool:
    """Whether these words can follow the command's name."""
    tokens = form.split()
    if len(given) > len(tokens):
        return False
    for k, token in enumerate(tokens):
        if k >= len(given):
            return token[0] == "["
        if token.lower() == token and given[k] not in token.strip("[]").split("/"):
            return False
    return True


def usage(name: str, form: str) -> str:
    """A command with what may follow it, as people write it."""
    return ("%s %s" % (name, form.replace("/", "|"))).strip()


def numbers(words, context, or_all=True):
    """The indices of the chargers that words[1] names: a number from 1 on, or "all"."""
    if context.primary is not None:
        n = context.primary.chargers.n
    elif context.settings.config is None:
        raise Refusal("there is no configuration, and so no charger")
    else:
        n = len(context.settings.config["chargers"])
    word = words[1] if len(words) > 1 else ""
    if or_all and word == "all":
        return range(n)
    if word.isdigit() and 1 <= int(word) <= n:
        return [int(word) - 1]
    told = '"%s" needs the number of a charger, 1 to %d' % (words[0], n)
    raise Refusal(told + ', or "all"' if or_all else told)


def _refused(text, as_json) -> str:
    if not as_json:
        return text + "\n"
    import json

    return json.dumps({"error": text}) + "\n"


def _lines_as_json(pieces):
    """Text as a line of JSON, for commands that have no better one."""
    import json

    line, before, result = "", '{"lines": [', None
    while True:
        try:
            piece = pieces.send(result)
        except StopIteration:
            break
        result = None
        if not isinstance(piece, str):
            result = yield piece
            continue
        line += piece
        while "\n" in line:
            whole, line = line.split("\n", 1)
            yield before + json.dumps(whole)
            before = ", "
    yield (before if before[0] == "{" else "") + "]}\n"

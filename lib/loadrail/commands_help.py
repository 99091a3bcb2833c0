# The console's `help`: the list of commands, one of them, or a key of the configuration. Loaded
# when asked for.

from loadrail import commands_table
from loadrail.commands import Refusal, usage
from loadrail.lent import lend


def say(words, context):
    if len(words) > 1:
        return _one(words[1])
    return _all()


def say_json(words, context):
    """{"commands": [{name, arguments, help}]}, or {"lines": [...]} on one of them or on a key."""
    import json

    if len(words) > 1:
        yield json.dumps({"lines": "".join(_one(words[1])).strip().split("\n")}) + "\n"
        return
    before = '{"commands": ['
    for name, _, form, text in commands_table.rows():
        row = {"name": name, "arguments": form.replace("/", "|"), "help": text}
        yield before + json.dumps(row)
        before = ", "
    yield "]}\n"


def _all():
    for name, _, form, text in commands_table.rows():
        yield "  %-42s %s\n" % (usage(name, form) + " [json]", text)
    yield "[] may be left out; N is a charger's number; json: one line for programs\n"
    yield '"help COMMAND" and "help KEY" tell more\n'


def _one(word):
    row = commands_table.row(word)
    if row is None:
        for line in _key(word):
            yield line + "\n"
        return
    name, module, form, text = row
    yield "%s [json]\n  %s\n" % (usage(name, form), text)
    if module[0] == "*":
        yield "  also where no control runs\n"


def _key(word):
    lines = list(lend("config_help").lines(word))
    if not lines:
        raise Refusal('"%s" is neither a command nor a key; "help" and "get" list them' % word)
    return lines

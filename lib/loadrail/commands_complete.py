# What Tab may make of the word before the cursor: a command, a word that may follow it, a key of
# the configuration. Loaded when Tab is pressed.

from loadrail import commands_table


def complete(text: str, context) -> list:
    """All that the last word of `text` may become, in order; keys up to their next part."""
    words = text.split(" ")
    typed = words[-1]
    if len(words) == 1:
        return [row[0] for row in commands_table.rows() if row[0].startswith(typed)]
    row = commands_table.row(words[0])
    tokens = row[2].split() if row else []
    if len(words) - 2 >= len(tokens):
        tokens, choices = [], ["json"] if row else []
    else:
        choices = tokens[len(words) - 2].strip("[]").split("/")
    found = {word for word in choices if word == word.lower()}
    if "COMMAND" in choices:
        found.update([row[0] for row in commands_table.rows()])
    if "KEY" in choices:
        found.update(_keys(typed, context))
    return sorted([word for word in found if word.startswith(typed)])


def _keys(typed, context):
    """Keys, but of each only as much as is clear with one more part: chargers[ of chargers[0].x"""
    for key in context.settings.keys(typed):
        at = len(typed)
        while at < len(key) and key[at] not in ".[":
            at += 1
        yield key[: at + 1]

# By what a meter is recognised: reads whose answers only that model gives.
#
# A row's `fingerprint` is a tuple of checks, all of which must hold; a check is (function,
# register, registers, rule, data). An empty one: the model has no mark of its own, and only a
# whole sample that is plausible speaks for it (see plausible.py).
#
#   is     data: the values that the first word may have
#   range  data: (lowest, highest) of the first word
#   text   data: (offset, beginnings): from that word on, two characters a word; the longest
#          beginning that fits tells models apart that answer alike
#   unit   data: offset of the word that holds the meter's own address
#   baud   data: offset of the word that holds the speed in use
#   near   data: (offset, step, how many, lowest, highest): words with a plausible value


def matches(check: tuple, words, unit: int, baud: int) -> bool:
    """Whether an answer to a check is that of the model. `unit` and `baud`: how it was asked."""
    if len(words) != check[2]:
        return False
    rule, data = check[3], check[4]
    if rule == "is":
        return words[0] in data
    if rule == "range":
        return data[0] <= words[0] <= data[1]
    if rule == "text":
        return _begins(words, data[0], data[1])
    if rule == "unit":
        return words[data] == unit
    if rule == "baud":
        return words[data] == baud
    offset, step, count, lowest, highest = data
    for k in range(count):
        if not lowest <= words[offset + k * step] <= highest:
            return False
    return True


def _begins(words, offset, beginnings):
    text = "".join([chr(word >> 8) + chr(word & 0xFF) for word in words[offset:]])
    for beginning in beginnings:
        if text.startswith(beginning):
            return True
    return False

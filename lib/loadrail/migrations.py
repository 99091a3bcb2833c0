# Configurations of older versions, brought up to this firmware's version a step at a time.
#
# STEPS[k] takes a configuration of version k + 1 and returns one of version k + 2. What it gets is
# unchecked: any JSON object. It changes nothing in place, and leaves alone what it does not know;
# the check that follows names what is wrong. A configuration without a version is of version 1.

STEPS = ()
VERSION = 1 + len(STEPS)


def migrate(raw: dict, steps=STEPS) -> "tuple[dict | None, str | None]":
    """(the configuration in the newest version, None), or (None, why it cannot be had)."""
    newest = 1 + len(steps)
    version = raw.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return None, "version: not allowed; a whole number from 1 to %d, or leave it out" % newest
    if version > newest:
        return None, (
            "version: %d is from a newer firmware, this one takes up to %d; "
            "flash the newer one, or write the configuration anew" % (version, newest)
        )
    for step in steps[version - 1 :]:
        raw = step(raw)
    out = dict(raw)
    out["version"] = newest
    return out, None

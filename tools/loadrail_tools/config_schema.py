"""The JSON schema of the configuration, made of the tables in lib/loadrail/config_keys.

It says of each single value what `check` says of it, but for 16.0, which JSON schema takes for the
whole number 16. What does not go together only `check` knows.
"""

DRAFT = "https://json-schema.org/draft/2020-12/schema"
# Any character that a name may not have, see config_check.
HIDDEN = "[^ -~\\u00a0-\\ud7ff]"


def schema(check, texts: dict, help_, version: int) -> dict:
    """`check`, `texts`, `help_`: config_check, config_texts.TEXTS and config_help; `version`: the
    newest."""
    keys = check.keys

    def described(section, name, entry):
        text = help_.meaning(section, name, texts)
        return {"description": text, **entry}

    def table(section, rows):
        found = {}
        for name, (default, allowed) in rows.items():
            entry = {"$ref": "#/$defs/line"}
            if not isinstance(allowed, dict):
                entry = value(check.allowed_of(name, allowed), check.TEXT)
            if default not in (None, {}):
                entry["default"] = default
            found[name] = described(section, name, entry)
        needed = [name for name, (default, _) in rows.items() if default is None]
        return whole(found, needed)

    meter = table("meter", keys.METER)
    del meter["required"]
    on_a_bus = {"required": ["address"], "properties": dict.fromkeys(keys.OF_CLAMPS, False)}
    return {
        "$schema": DRAFT,
        "title": "Loadrail",
        **whole(
            {
                "version": {"const": version, "description": texts["version"].strip()},
                "group": {"$ref": "#/$defs/group"},
                "bus": {"$ref": "#/$defs/line"},
                "meter": {"$ref": "#/$defs/meter"},
                "chargers": {"$ref": "#/$defs/chargers"},
                "inputs": {"$ref": "#/$defs/inputs"},
            },
            ["chargers"],
        ),
        "$defs": {
            "group": table("group", keys.GROUP),
            "line": table("bus", keys.LINE),
            "meter": {
                **meter,
                "if": {"properties": {"model": {"const": "clamps"}}, "required": ["model"]},
                "then": {"properties": dict.fromkeys(keys.ON_A_BUS, False)},
                "else": on_a_bus,
            },
            "chargers": {
                "oneOf": [
                    {
                        "type": "array",
                        "items": table("chargers", keys.CHARGER),
                        "minItems": 1,
                        "maxItems": keys.MAX_CHARGERS,
                    },
                    table("chargers", keys.SHORT_FORM),
                ]
            },
            "inputs": table("inputs", keys.INPUTS),
        },
    }


def whole(properties: dict, required: list) -> dict:
    """An object that has no other keys."""
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def value(allowed, most_letters: int) -> dict:
    """The schema of a value by its entry in config_keys."""
    if allowed is str:
        return {"type": "string", "maxLength": most_letters, "not": {"pattern": HIDDEN}}
    if isinstance(allowed, list):
        row = [value(item, most_letters) for item in allowed]
        count = len(row)
        items = {"type": "array", "prefixItems": row, "minItems": count, "maxItems": count}
        return {"type": "array", "items": items}
    if isinstance(allowed[0], str):
        return {"enum": list(allowed[allowed[0] == "one of" :])}
    number = {"type": "integer", "minimum": allowed[0], "maximum": allowed[1]}
    if len(allowed) == 2:
        return number
    return {"anyOf": [{"enum": list(allowed[2:])}, number]}

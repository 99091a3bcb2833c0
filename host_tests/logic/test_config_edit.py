# A value by its key: what `set` makes of a configuration, and how a line falls into assignments.

from loadrail.config_edit import assignments, put

_SHORT = {"first_address": 4, "count": 3, "max_a": 16}
_ROWS = [{"address": 4, "max_a": 16}, {"address": 5, "max_a": 16}, {"address": 6, "max_a": 16}]

# what there is, the key, what is typed, what there is then
_PUT = (
    ({}, "group.limit_a", "63", {"group": {"limit_a": 63}}),
    ({"group": {"limit_a": 63}}, "group.limit_a", " 50 ", {"group": {"limit_a": 50}}),
    ({"group": {"a": 1, "b": 2}}, "group.a", "null", {"group": {"b": 2}}),
    ({"group": {"a": 1}}, "group", "null", {}),
    ({}, "group.type", "static", {"group": {"type": "static"}}),
    ({}, "group.type", '"static"', {"group": {"type": "static"}}),
    ({}, "group.limit_a", "-5", {"group": {"limit_a": -5}}),
    ({}, "group.limit_a", "-", {"group": {"limit_a": "-"}}),
    ({}, "group.limit_a", "6.5", {"group": {"limit_a": "6.5"}}),
    ({}, "group.limit_a", "63 A", {"group": {"limit_a": "63 A"}}),
    ({}, "group.limit_a", "9" * 40, {"group": {"limit_a": "9" * 40}}),
    ({}, "group.limit_a", "true", {"group": {"limit_a": "true"}}),
    ({}, "meter", '{"address": 1}', {"meter": {"address": 1}}),
    ({}, "meter.bus.baud", "19200", {"meter": {"bus": {"baud": 19200}}}),
    ({}, "meter.clamp_zero", "[[2048, 0]]", {"meter": {"clamp_zero": [[2048, 0]]}}),
    ({"chargers": _ROWS}, "chargers", '{"first_address": 2, "count": 5}',
     {"chargers": {"first_address": 2, "count": 5}}),
    ({"chargers": _ROWS[:1]}, "chargers[0].name", "bay 1",
     {"chargers": [{"address": 4, "max_a": 16, "name": "bay 1"}]}),
    ({"chargers": [{}]}, "chargers[0].name", "7", {"chargers": [{"name": "7"}]}),
    ({"chargers": [{}]}, "chargers[0].name", "{x", {"chargers": [{"name": "{x"}]}),
    ({"chargers": [{}]}, "chargers[0].name", '"\\u00fc; b"', {"chargers": [{"name": "\xfc; b"}]}),
    ({"chargers": [{}]}, "chargers[0].name", '""', {"chargers": [{"name": ""}]}),
    ({"chargers": _ROWS}, "chargers[1]", "null", {"chargers": [_ROWS[0], _ROWS[2]]}),
    ({"chargers": _ROWS}, "chargers[1]", '{"address": 9}',
     {"chargers": [_ROWS[0], {"address": 9}, _ROWS[2]]}),
    ({"chargers": _ROWS}, "chargers[+]", '{"address": 9}', {"chargers": _ROWS + [{"address": 9}]}),
    ({"chargers": _ROWS}, "chargers[+].address", "9", {"chargers": _ROWS + [{"address": 9}]}),
    ({"chargers": _SHORT}, "chargers[+].address", "9", {"chargers": _ROWS + [{"address": 9}]}),
    ({"chargers": _SHORT}, "chargers[2]", "null", {"chargers": _ROWS[:2]}),
    ({"chargers": _SHORT}, "chargers.count", "5", {"chargers": dict(_SHORT, count=5)}),
    ({"chargers": _SHORT}, "chargers.max_a", "null",
     {"chargers": {"first_address": 4, "count": 3}}),
    ({"chargers": [{"a": 1}, {"a": 2, "b": 3}]}, "chargers.b", "4",
     {"chargers": [{"a": 1, "b": 4}, {"a": 2, "b": 4}]}),
    ({"chargers": [{"a": 1}, {"a": 2, "b": 3}]}, "chargers.b", "null",
     {"chargers": [{"a": 1}, {"a": 2}]}),
)  # fmt: skip

# what there is, the key, what is typed, how the refusal begins
_REFUSED = (
    ({}, "group.limit_a", "", "group.limit_a: a value is missing"),
    ({}, "group.limit_a", "null", "group.limit_a: is not set"),
    ({}, "meter", "{", "meter: this is not JSON"),
    ({}, "meter", '{"a": 1}}', "meter: this is not JSON"),
    ({}, "meter", "[" * 500, "meter: this is not JSON"),
    ({"group": 7}, "group.limit_a", "6", "group.limit_a: there is no such key"),
    ({"group": []}, "group[0]", "6", "group[0]: there is no such key"),
    ({"chargers": _ROWS}, "chargers[3].max_a", "6", "chargers[3].max_a: there are 3 chargers"),
    ({"chargers": _ROWS}, "chargers[3]", "null", "chargers[3]: there are 3 chargers"),
    ({"chargers": _ROWS}, "chargers[-1]", "null", "chargers[-1]: no such key"),
    ({"chargers": _ROWS}, "chargers[x].max_a", "6", "chargers[x].max_a: no such key"),
    ({"chargers": _ROWS}, "chargers[1.max_a", "6", "chargers[1.max_a: no such key"),
    ({"chargers": _ROWS}, "chargers[].max_a", "6", "chargers[].max_a: no such key"),
    ({"chargers": _ROWS}, "chargers.count", "5", "chargers.count: the chargers are a list"),
    ({"chargers": [7]}, "chargers[0].max_a", "6", "chargers[0].max_a: there is no such key"),
    ({"chargers": [7]}, "chargers.max_a", "6", "chargers.max_a: there is no such key"),
    ({"chargers": 7}, "chargers[0].max_a", "6", "chargers[0].max_a: there are no chargers"),
    ({"chargers": "x"}, "chargers[+]", "{}", "chargers[+]: there are no chargers"),
    ({"chargers": {"first_address": "x", "count": 2}}, "chargers[0]", "{}",
     "chargers[0]: there are no chargers"),
    ({"chargers": {"count": 2}}, "chargers[0]", "{}", "chargers[0]: there are no chargers"),
    ({}, "chargers[0].max_a", "6", "chargers[0].max_a: there are no chargers"),
)  # fmt: skip

_LINES = (
    ("", []),
    (" ; ;", []),
    ("group.limit_a 63", [("group.limit_a", "63")]),
    ("a 1; b 2 ;c", [("a", "1"), ("b", "2"), ("c", "")]),
    ('a {"x": "1;2"}; b "3"', [("a", '{"x": "1;2"}'), ("b", '"3"')]),
    ('a "1\\";2"; b 3', [("a", '"1\\";2"'), ("b", "3")]),
    ("n bay  1", [("n", "bay  1")]),
    ('n 5"; m 6', [("n", '5"; m 6')]),
)


def test_each_value_comes_to_its_key():
    for raw, key, text, expected in _PUT:
        assert put(raw, key, text) == expected, (key, text)


def test_nothing_is_changed_in_place():
    for raw, key, text, _ in _PUT:
        before = str(raw)
        put(raw, key, text)
        assert str(raw) == before, (key, text)


def test_what_cannot_be_put_is_refused_with_its_key():
    for raw, key, text, begins in _REFUSED:
        try:
            put(raw, key, text)
        except ValueError as error:
            assert str(error).startswith(begins), (key, text, str(error))
        else:
            raise AssertionError((key, text))


def test_a_key_of_all_chargers_in_a_row_that_is_too_long_makes_no_endless_list():
    raw = {"chargers": {"first_address": 1, "count": 999_999_999}}
    assert len(put(raw, "chargers[0].max_a", "6")["chargers"]) == 247


def test_a_line_falls_into_assignments_outside_of_quotes():
    for text, expected in _LINES:
        assert assignments(text) == expected, text

"""docs/meters.md is what the tables say."""

from loadrail import meters
from loadrail.meters.unusable import UNUSABLE
from loadrail_tools import meter_docs


def test_the_list_of_meters_is_up_to_date():
    made = meter_docs.TARGET.read_text()
    assert made == meter_docs.text(), f"docs/meters.md is old; run {meter_docs.COMMAND}"


def test_every_model_and_every_useless_one_is_listed():
    told = meter_docs.TARGET.read_text()
    for name in meters.names():
        assert f"| `{name}` |" in told, name
    for shown, _, _ in UNUSABLE.values():
        assert f"| {shown} |" in told, shown


def test_the_line_time_counts_every_bit():
    row = {"line": (1, 9600, "E", 1)}
    assert meter_docs.line_ms(row, [(0, 18, ())]) == round((8 + 5 + 36) * 11 / 9.6)
    row = {"line": (1, 19200, "N", 2)}
    assert meter_docs.line_ms(row, [(0, 2, ()), (9, 1, ())]) == round((26 + 6) * 11 / 19.2)

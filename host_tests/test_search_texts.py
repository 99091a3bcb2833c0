"""What the console's `search` says: where it is, what answered, what to configure."""

import json
import types

import pytest
from logic.searched import Bench, a_meter

from loadrail import commands, search, search_texts
from loadrail.config import check
from loadrail.core import Primary
from loadrail_site.charger import Charger


class Context:
    """A console's context without a firmware."""

    def __init__(self, own_bus=True, **meter):
        meter = {"model": "eastron_sdm630", "address": 1, **meter}
        if own_bus:
            meter["bus"] = {"baud": 9600}
        raw = {
            "bus": {"baud": 19200, "parity": "E"},
            "meter": meter,
            "chargers": [{"address": 2, "phases": "L1"}],
        }
        self.config, faults = check(raw)
        assert not faults
        self.primary = Primary(self.config, 0)
        names = ("charger bus", "meter bus") if own_bus else ("bus",)
        self.buses = [types.SimpleNamespace(name=name, search=None) for name in names]

    def say(self, line):
        return "".join(commands.run(line, self))

    def search_to_the_end(self, index, *devices):
        """What the firmware does with the search on a bus; what it says at the end."""
        bench = Bench(devices)
        bench.search = self.buses[index].search
        bench.run()
        return search_texts.result(bench.search, index, self.primary)


def test_on_its_own_bus_a_search_begins_tells_where_it_is_and_is_stopped():
    context = Context()
    assert context.say("search json") == '{"search": null}\n'
    assert context.say("search stop") == "no search is under way\n"
    assert context.say("search").startswith("meter bus: searching, at most 55 min")
    assert context.say("search") == "meter bus: it waits for the line\n"
    one = context.buses[1].search
    bench = Bench([(Charger(2), (9600, "N", 1))])
    bench.search = one
    bench.run(60)
    said = context.say("search").splitlines()
    assert said[0].startswith("meter bus: usual addresses: address ")
    assert "% done, at most" in said[0]
    assert said[1] == "  address 2, 9600 8N1: a TeltoCharge charger"
    facts = json.loads(context.say("search json"))["search"]
    assert (facts["state"], facts["bus"]) == ("running", "meter bus")
    assert facts["answered"][0]["kind"] == "charger"
    assert context.say("search stop") == "the search is stopped\n"
    assert json.loads(context.say("search json"))["search"]["state"] == "stopped"


def test_on_the_chargers_bus_it_wants_to_be_asked_for():
    context = Context(own_bus=False)
    said = context.say("search")
    assert '"search chargers"' in said
    assert "after 15 s they fall back to 6 A each" in said
    assert context.buses[0].search is None
    assert context.say("search chargers").startswith("bus: searching")


def test_the_configured_place_is_asked_first_and_the_chargers_never():
    context = Context(own_bus=False, address=77)
    context.say("search chargers")
    bench = Bench([])
    bench.search = context.buses[0].search
    bench.run(3000)
    assert bench.asked[0][:2] == ((19200, "E", 1), 77)
    assert not any(asked[2] for asked in bench.places.values())


CONFIGURED = (
    # (own bus, searched bus, model, address, line, meter's section)
    (True, 1, "carlo_gavazzi_em24", 1, (9600, "N", 1), (9600, "N", 1)),
    (True, 1, "siemens_pac3200", 126, (19200, "N", 2), (19200, "N", 2)),
    (True, 0, "eastron_sdm630", 1, (19200, "E", 1), None),
    (False, 0, "eastron_sdm630", 1, (19200, "E", 1), None),
    (False, 0, "eastron_sdm120", 1, (2400, "N", 1), (2400, "N", 1)),
)


@pytest.mark.parametrize(("own_bus", "index", "model", "address", "line", "bus"), CONFIGURED)
def test_the_last_line_is_what_to_configure(own_bus, index, model, address, line, bus):
    context = Context(own_bus)
    context.say("search" if index else "search chargers")
    said = context.search_to_the_end(index, a_meter(model, address, line))
    section = {"model": model, "address": address}
    if bus:
        section["bus"] = dict(zip(("baud", "parity", "stop_bits"), bus, strict=True))
    assert json.loads(said[-1]) == {"meter": section}
    assert json.loads(context.say("search json"))["search"]["config"] == {"meter": section}
    chargers = {"chargers": [{"address": 2, "phases": "L1"}]}
    assert check({**json.loads(said[-1]), **chargers})[1] == []
    assert all(len(text) <= 150 for text in said), "a line of the log"
    parted = "the chargers' bus has 19200 8E1: set the meter to that, or part them"
    assert (parted in said) == (index == 0 and bus is not None)


def test_it_says_what_the_meter_shows_and_what_has_to_be_checked():
    context = Context()
    context.say("search")
    said = context.search_to_the_end(1, a_meter("siemens_pac2200"))
    assert said[0] == (
        "found 7KM PAC2200, PAC3120, PAC3220 (siemens_pac2200), address 126, 19200 8N2"
    )
    assert said[1].startswith("it shows L1 10.0 A 2300 W, L2 -5.0 A -1150 W, L3 0.5 A 115 W;")
    assert said[2] == "it may also be siemens_pac4200, which is read the same way"
    assert said[3].startswith("to check: ")


def test_a_one_phase_meter_and_one_that_hides_exports_are_told():
    context = Context()
    context.say("search")
    assert any(
        "one phase only" in text
        for text in context.search_to_the_end(1, a_meter("eastron_sdm230"))
    )
    context.say("search")
    meter, line = a_meter("carlo_gavazzi_em24")
    meter.shows_export = False
    said = context.search_to_the_end(1, (meter, line))
    assert any("may hide exports" in text for text in said)


def test_what_answered_and_is_no_meter_is_told():
    line = (9600, "N", 1)
    for kind, name, said in (
        (search.kinds.CHARGER, None, "a TeltoCharge charger"),
        (search.kinds.USELESS, "eastron_sdm72_v1", "Eastron SDM72D-M V1; it cannot serve: shows"),
        (search.kinds.DOUBTFUL, "chint_dtsu666", "answers as chint_dtsu666 does, but"),
        (search.kinds.UNSURE, "abb_b21", "abb_b21 perhaps, but answers were lost: see to"),
        (search.kinds.STRANGE, None, "no meter that is known here"),
        (search.GARBLED, None, "damaged answers"),
    ):
        assert search_texts.answered((7, line, kind, name)).startswith(
            "address 7, 9600 8N1: " + said
        )


def test_without_a_meter_it_says_so():
    context = Context()
    context.say("search")
    said = context.search_to_the_end(1, (Charger(9), (9600, "N", 1)))
    assert said == ["tried everything: no meter; other devices that answered: 1"]

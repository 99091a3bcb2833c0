"""What is typed at the real firmware's console, and what its log tells, with real chargers served.

Charger 1 has a car, charger 2 a car that waits to be authorised, charger 3 none.
"""

import json
from contextlib import contextmanager

from controller import Controller
from served_site import CAR, LINE, settings, small_site

from loadrail_site import app
from loadrail_site import teltocharge as tc
from loadrail_tools.serve import buses, serving

WHO = [f"charger {i} (address {i + 1}, bay {i}):" for i in (1, 2, 3)]
ONE = '"%s" needs the number of a charger, 1 to 3'
ALL = ONE + ', or "all"'
# what is typed: what is said
REFUSED = (
    ("stop", ALL % "stop"),
    ("stop 0", ALL % "stop"),
    ("stop 4", ALL % "stop"),
    ("stop x", ALL % "stop"),
    ("lock 1 2", ALL % "lock"),
    ("charger", ONE % "charger"),
    ("charger all", ONE % "charger"),
    ("charger all json", json.dumps({"error": ONE % "charger"})),
    ("authorise 1", "authorise charger 1: refused: it does not wait for an authorisation"),
    ("start 1", "start charger 1: refused: it is not stopped"),
    ("start 3", "start charger 3: refused: no car is connected"),
    ("unlock 1", "unlock charger 1: refused: current flows; stop it first"),
    (
        "restart 1",
        "restart charger 1: refused: current flows, and its contactor would open under it; "
        "stop it first",
    ),
)


class Bays:
    """The chargers, and the console of who steers them."""

    def __init__(self, chargers, server, controller):
        self.chargers = chargers
        self.controller = controller
        self._server = server

    def tells(self, *lines):
        """These lines come, in this order; others may come in between."""
        for line in lines:
            self.controller.expect(lambda said, line=line: said == line)

    def wait_for(self, i, fits):
        """Until the status of charger `i` fits; the whole status."""
        return self.controller.wait_for(lambda status: fits(status["chargers"][i]))

    def shows(self, i, register):
        """What charger `i` held there when it was read last."""
        page = self.controller.ask(f"charger {i + 1} json")
        return page["registers"][register]["raw"]

    def change_by_app(self, i, register, value):
        self._server.call(app.change, self.chargers[i], register, value)


@contextmanager
def bays(folder):
    """All three have been found, and the first car charges."""
    site = small_site([{"cars": [CAR]}, {"cars": [{**CAR, "plug_in_s": 0.5}]}, {}])
    site.chargers[1].authorization_required = True
    with serving(site, buses(site, LINE)) as server:
        with Controller(folder, settings(site), server.ttys["chargers"]) as controller:
            found = Bays(site.chargers, server, controller)
            found.wait_for(0, flows)
            found.wait_for(1, waits_to_be_authorised)
            found.wait_for(2, lambda charger: charger["online"])
            yield found
            assert controller.stop() == 0


def flows(charger):
    return charger["online"] and charger["draw_a"][0] >= 5


def stands_still(charger):
    return charger["draw_a"] == [0, 0, 0]


def waits_to_be_authorised(charger):
    return charger["status"] == tc.NOT_AUTHORIZED


def test_every_command_acts_or_says_why_not(tmp_path):
    with bays(tmp_path) as found:
        for typed, said in REFUSED:
            found.controller.type(typed)
            found.tells(said)
        look_at_pages(found.controller)
        lock_and_unlock(found)
        authorise(found)
        stop_all_and_start_one(found)


def look_at_pages(controller):
    controller.type("charger 1")
    for start in (WHO[0], "  charging; ", "  function codes ", "  amps_to_use "):
        controller.expect(lambda line, start=start: line.startswith(start))
    page = controller.ask("charger 3 json")
    assert page["charger"] == 3
    assert page["facts"]["booked"] == "0/0/0 A"
    assert page["registers"]["evse_id"]["raw"] == tc.IDENTITY


def lock_and_unlock(found):
    for order, word in (("lock", 1), ("unlock", 0)):
        found.controller.type(f"{order} 3")
        found.tells(f"{order} charger 3: asked for", f"! {WHO[2]} {order}: done")
        assert found.chargers[2].settings[tc.SOCKET_LOCK_REQUEST] == word
        found.wait_for(2, lambda _, word=word: found.shows(2, "socket_lock_request") == word)


def authorise(found):
    found.controller.type("authorise 2")
    found.tells("authorise charger 2: asked for", f"! {WHO[1]} authorise: done")
    found.wait_for(1, flows)


def stop_all_and_start_one(found):
    found.controller.type("stop all")
    found.tells("stop charger 1: done", "stop charger 2: done")
    found.tells("stop charger 3: refused: no car is connected")
    found.wait_for(0, stands_still)
    status = found.wait_for(1, stands_still)
    assert [charger["limit_a"] for charger in status["chargers"]] == [0, 0, 0]
    assert [charger["reason"] for charger in status["chargers"]] == ["operator"] * 2 + ["no_car"]
    found.controller.type("start 1")
    found.tells("start charger 1: done")
    status = found.wait_for(0, flows)
    assert status["chargers"][1]["limit_a"] == 0


def test_a_charger_that_restarts_is_told_as_silent_and_as_back(tmp_path):
    silent = "silent; check its supply, the bus, and whether its app set another address"
    with bays(tmp_path) as found:
        found.controller.type("restart 3")
        found.tells("restart charger 3: asked for", f"! {WHO[2]} restart: done")
        found.controller.expect(
            lambda line: line.startswith(f"! {WHO[2]} silent for 5 s") and silent[8:] in line
        )
        status = found.controller.ask("status json")
        assert status["light"] == "yellow, breathing"
        assert status["warnings"] == [f"{WHO[2]} {silent}"]
        found.tells(f"! {WHO[2]} answers again")
        status = found.controller.ask("status json")
        assert (status["light"], status["warnings"]) == ("green, breathing", [])


def test_what_the_phone_app_changes_is_set_back(tmp_path):
    with bays(tmp_path) as found:
        _, second, third = (charger.settings for charger in found.chargers)
        found.change_by_app(2, "communication_timeout", 60)
        told = "somebody else set communication_timeout to 60; it is set back"
        found.tells(f"! {WHO[2]} {told}")
        found.wait_for(2, lambda _: third[tc.COMMUNICATION_TIMEOUT] == 5)
        # A refresh may come before the limit is read back: then nobody has seen the change.
        found.change_by_app(1, "amps_to_use", 32)
        found.wait_for(1, lambda _: second[tc.AMPS_TO_USE] == 0)

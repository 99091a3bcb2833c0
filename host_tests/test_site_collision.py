"""Two chargers at one address, and devices that are no chargers."""

import pytest

from loadrail_site import teltocharge as tc
from loadrail_site.charger import Charger
from loadrail_site.collision import Collision
from loadrail_site.device import Garbled, ModbusError
from loadrail_site.site import Site
from loadrail_site.stranger import Stranger

SETTLED_MS = 15_000  # signal, reaction and ramp are over


def site_of(chargers):
    return Site({"seconds": 90, "limit_a": 63, "chargers": chargers}, sample_ms=0)


def settle(site):
    for now_ms in range(0, SETTLED_MS + 1, 100):
        site.step(now_ms)


# --- two at one address


def pair(**second):
    return Charger(2, amps_a=8), Charger(2, **{"amps_a": 8, **second})


def test_two_at_one_address_that_agree_answer_as_one():
    both = Collision(*pair())
    assert both.request(3, 14, 2) == [6, 8]
    assert both.request(6, 15, 1, [10]) == [10]
    with pytest.raises(ModbusError) as refused:
        both.request(6, 15, 1, [3])
    assert refused.value.code == 3
    assert not isinstance(refused.value, Garbled)


@pytest.mark.parametrize(
    ("second", "ask"),
    [
        ({"amps_a": 9}, (3, 15, 1)),
        ({"max_a": 16}, (3, 12, 1)),
        ({"max_a": 16}, (6, 15, 1, [20])),  # one refuses
        ({"reading": {"read_functions": (3,)}}, (4, 0, 1)),
        ({"reading": {"max_read": 16}}, (3, 0, 21)),
    ],
)
def test_two_at_one_address_that_differ_spoil_each_others_answers(second, ask):
    with pytest.raises(Garbled):
        Collision(*pair(**second)).request(*ask)


def test_both_obey_a_write_whose_acknowledgements_collide():
    one, other = pair(max_a=16)
    other.write(6, 19, [60])
    with pytest.raises(Garbled):
        Collision(one, other).request(16, 15, 1, [18])
    assert (one.settings[tc.AMPS_TO_USE], other.settings[tc.AMPS_TO_USE]) == (18, 8)
    assert Collision(one, other).request(6, 15, 1, [7]) == [7]
    assert (one.settings[tc.AMPS_TO_USE], other.settings[tc.AMPS_TO_USE]) == (7, 7)


@pytest.mark.parametrize(
    ("which", "how", "limits"),
    [(0, "deaf", (8, 10)), (0, "silent", (10, 10)), (1, "deaf", (10, 8))],
)
def test_who_is_silent_or_deaf_leaves_the_line_to_the_other(which, how, limits):
    chargers = pair(max_a=16)
    setattr(chargers[which], how, True)
    both = Collision(*chargers)
    assert both.request(6, 15, 1, [10]) == [10]
    assert both.request(3, 12, 1) == [16 if which == 0 else 32]
    assert tuple(charger.settings[tc.AMPS_TO_USE] for charger in chargers) == limits


def test_two_that_are_both_gone_give_no_answer():
    chargers = pair()
    chargers[0].deaf = chargers[1].silent = True
    both = Collision(*chargers)
    assert not both.is_deaf()
    assert both.request(3, 0, 1) is None
    chargers[1].deaf = True
    assert both.is_deaf()


def test_three_at_one_address_hear_everything_though_two_collide():
    chargers = [*pair(max_a=16), Charger(2)]
    with pytest.raises(Garbled):
        Collision(Collision(*chargers[:2]), chargers[2]).request(6, 15, 1, [20])
    assert [charger.settings[tc.AMPS_TO_USE] for charger in chargers] == [20, 8, 20]


def test_a_scenario_may_give_two_chargers_one_address():
    chargers = [{"amps_a": 10, "cars": [{}]} for _ in range(3)]
    chargers[2]["address"] = 2
    site = site_of(chargers)
    assert isinstance(site.device(2), Collision)
    assert site.device(2).parts == (site.chargers[0], site.chargers[2])
    assert [row["address"] for row in site.charger_configs()] == [2, 3]
    assert sorted(device.address for device in site.devices()) == [1, 2, 3]
    settle(site)
    assert site.grid_ma == [29_400] * 3, "all three draw"


# --- no charger at all


def test_a_stranger_answers_reads_with_another_identity():
    stranger = Stranger(2)
    words = stranger.request(3, 0, 45)
    assert (len(words), words[tc.EVSE_ID] != tc.IDENTITY) == (45, True)
    assert Stranger(2, 7).request(4, 9, 1) == [7]


@pytest.mark.parametrize(
    ("ask", "code"),
    [((6, 15, 1, [6]), 1), ((3, 90, 11), 2), ((3, 0, 126), 3), ((1, 0, 1), 1)],
)
def test_a_stranger_refuses_the_rest(ask, code):
    with pytest.raises(ModbusError) as refused:
        Stranger(2).request(*ask)
    assert refused.value.code == code


def test_a_stranger_may_hang_where_a_charger_was_expected():
    site = site_of([{"amps_a": 10, "cars": [{"error_ma": 0}]} for _ in range(2)])
    site.hang(Stranger(2))
    assert site.device(2).request(3, 9, 1) != [tc.IDENTITY]
    settle(site)
    assert site.grid_ma == [20_000] * 3, "the charger whose wire it has taken still charges"

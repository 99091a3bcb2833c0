"""`loadrail demo --scenario solar`: a short day in virtual time, its words and its numbers."""

import io
import re
from types import SimpleNamespace

import pytest
from console_pty import loadrail
from rich.console import Console

from loadrail_tools import solar_day, solar_day_site
from loadrail_tools.solar_day_watch import MA_MS_PER_KWH, Watch
from loadrail_tools.solar_picture import car_colours

FROM_H, UNTIL_H = 8.75, 9.25
MODES = ["solar", "solar", "eco_plus", "eco", "fast", "fast"]


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Half an hour of it: (exit status, the day, its figures, what was printed, the picture)."""
    picture = tmp_path_factory.mktemp("solar") / "new" / "day.png"
    kept, file, say = [], io.StringIO(), solar_day.say
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solar_day, "Console", lambda **how: Console(file=file, width=200, **how))
        patch.setattr(solar_day, "say", lambda *given: kept.append(given) or say(*given))
        status = solar_day.demo(0, 20, picture, FROM_H, UNTIL_H)
    _, day, told = kept[0]
    return SimpleNamespace(
        status=status, day=day, told=told, text=file.getvalue(), picture=picture
    )


def test_a_solar_day_says_a_line_an_hour_a_verdict_and_draws_a_picture(played):
    assert played.status == 0
    lines = played.text.splitlines()
    hours = [line for line in lines if line.startswith("Loadrail solar day")]
    assert [line.split(":")[0].split()[-1] for line in hours] == ["9", "9"]
    assert all(f"{bay} {mode} " in hours[0] for bay, mode in enumerate(MODES, 1))
    assert "Verdict on the day from 8:45 to 9:15" in lines
    assert any("kept" in line and "never above its 50 A" in line for line in lines)
    assert played.picture.read_bytes().startswith(b"\x89PNG")


def test_what_the_verdict_counts_is_what_the_cars_took(played):
    rows = played.told["chargers"]
    assert [row["mode"] for row in rows] == MODES
    for row, charger in zip(rows, played.day.site.chargers, strict=True):
        assert row["kwh"] == pytest.approx(charger.cars[0].taken_wh() / 1000, abs=0.02)
        assert (row["starts"] > 0) == (row["kwh"] > 0)
    assert [row["grid_kwh"] is None for row in rows] == [mode == "fast" for mode in MODES]


def test_solar_cars_use_the_surplus_and_stay_off_the_grid(played):
    told = played.told
    assert 60 < told["used_percent"] <= 100
    assert 0 <= told["solar_grid_percent"] < 5
    assert 0 < told["usable_kwh"] <= told["surplus_kwh"]
    shown = re.search(r"surplus used: ([\d.]+) % of the ([\d.]+) kWh", played.text)
    assert shown and float(shown[1]) == pytest.approx(told["used_percent"], abs=0.06)


def test_the_picture_has_all_of_the_energy(played):
    samples = played.day.watch.kept
    hours = (UNTIL_H - FROM_H) / len(samples)
    for i, row in enumerate(played.told["chargers"]):
        drawn_kwh = sum(sample.cars_kw[i] for sample in samples) * hours
        assert drawn_kwh == pytest.approx(row["kwh"], abs=0.05)


def test_the_table_shows_mode_surplus_and_state(played):
    moment = played.day.moment()
    assert moment.title == "Loadrail solar day  9:15"
    assert [row["mode"] for row in moment.status["chargers"]] == MODES
    assert moment.notes[0].startswith("sun ")
    assert "surplus" in moment.notes[1]


def charging(*draws_ma):
    car = SimpleNamespace(phases=3, max_ma=16_000, is_full=lambda: False)
    return SimpleNamespace(
        draws_ma=list(draws_ma),
        car=car,
        grid_phases=[0, 1, 2],
        max_a=32,
        limit_and_cause=lambda: (6, None),
    )


def test_surplus_counts_for_solar_before_eco_and_fast_has_none():
    sun = SimpleNamespace(sun_ma=lambda now_ms: 10_000)
    watch = Watch(50_000, sun, ["eco", "solar", "fast"])
    chargers = [charging(6000, 0, 0), charging(6000, 0, 0), charging(9000, 0, 0)]
    hour_ms = 3_600_000
    watch.step(hour_ms, [4000, 0, 0], chargers)
    told = solar_day.figures(watch)
    per_a = 1000 * hour_ms / MA_MS_PER_KWH
    assert per_a == pytest.approx(0.23)
    rows = told["chargers"]
    assert [row["kwh"] for row in rows] == pytest.approx([6 * per_a, 6 * per_a, 9 * per_a])
    assert rows[0]["grid_kwh"] == pytest.approx(4 * per_a)
    assert rows[1]["grid_kwh"] == pytest.approx(0)
    assert rows[2]["grid_kwh"] is None
    assert told["surplus_kwh"] == pytest.approx(8 * per_a)
    assert told["solar_grid_percent"] == pytest.approx(0)
    sample = watch.kept[0]
    assert (sample.sun_kw, sample.house_kw) == pytest.approx((6.9, 2.99))


def test_one_step_above_the_limit_breaks_the_verdict():
    sun = SimpleNamespace(sun_ma=lambda now_ms: 0)
    watch = Watch(50_000, sun, ["fast"])
    watch.step(1000, [50_000, 0, 0], [charging(0, 0, 0)])
    assert solar_day.figures(watch)["within_limit"]
    watch.step(2000, [0, 50_001, 0], [charging(0, 0, 0)])
    told = solar_day.figures(watch)
    assert (told["within_limit"], told["peak_a"]) == (False, 50.001)
    assert told["used_percent"] is None


def test_each_start_of_a_car_counts_once():
    sun = SimpleNamespace(sun_ma=lambda now_ms: 0)
    watch = Watch(50_000, sun, ["solar"])
    for k, draw_ma in enumerate([0, 6000, 7000, 0, 0, 6000]):
        watch.step(k * 1000, [draw_ma, 0, 0], [charging(draw_ma, 0, 0)])
    assert watch.starts == [2]


def test_cars_of_one_mode_differ_in_the_picture():
    assert len(set(car_colours(MODES))) == len(MODES)


@pytest.mark.parametrize("words", [("--seconds", 4), ("--seconds", 3601), ("--chargers", 0)])
def test_a_bad_number_is_refused(words, tmp_path):
    done = loadrail("demo", "--scenario", "solar", *words, "--picture", tmp_path / "p.png")
    assert done.exit_code == 2
    assert words[0] in done.stderr
    assert not (tmp_path / "p.png").exists()


@pytest.mark.parametrize("chargers", [1, 6, 20])
def test_it_has_as_many_chargers_as_asked_for_if_there_are(chargers):
    site, config = solar_day_site.make(chargers)
    assert len(site.chargers) == len(config["chargers"]) == min(chargers, 6)

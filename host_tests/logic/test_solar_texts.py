# What is told of the solar modes.

from loadrail import reasons, sentences
from loadrail.solar import pack
from loadrail.solar_texts import fact, fields, line, span
from logic.roofs import ONE, Roof, row_of


def test_a_reason_carries_its_numbers():
    for code, args, said in (
        (reasons.SUN_AWAITED, (3200, 6, 0), "waiting for sun: 3.2 of 6 A"),
        (reasons.SUN_LASTS, (8900, 6, 95_000), "enough sun, 8.9 A: resumes in 1:35"),
        (reasons.SUN_LASTS, (8900, 6, 94_001), "enough sun, 8.9 A: resumes in 1:35"),
        (reasons.SUN_SHORT, (4000, 6, 17_000), "too little sun, 4 A: holding 6 A for 17 s"),
        (reasons.SUN_SHARE, (9400, 9, 0), "its share of the 9.4 A of sun: 9 A"),
        (reasons.SUN_TOPPED, (2100, 6, 0), "6 A: the sun gives 2.1 A, the grid adds the rest"),
        (reasons.SUN_AWAITED, (-4000, 6, 0), "waiting for sun: 0 of 6 A"),
        (reasons.SUN_AWAITED, (None, 6, 0), "waiting for sun: ? of 6 A"),
    ):
        assert sentences.sentence(code, pack(*args)) == said
    assert sentences.sentence(reasons.SOLAR_OFF) == "not charging: its mode is off"


def test_packed_numbers_stay_small_integers():
    for args in ((10**7, 1000, 10**7), (None, 63, 4_095_000), (0, 0, 0)):
        assert 0 <= pack(*args) < 1 << 30


def test_spans_are_told_as_people_say_them():
    for seconds, text in ((0, "0 s"), (59, "59 s"), (60, "1:00"), (95, "1:35"), (900, "15:00")):
        assert span(seconds) == text


def test_a_program_reads_mode_surplus_and_state():
    roof = Roof([ONE, row_of(ONE, solar_mode="fast", max_a=6)], 15_000).step(40)

    def told(i=0):
        return fields(roof.solar, roof.c, i)

    assert told() == '"mode": "solar", "surplus_a": 9, "solar": "charging"'
    assert told(1) == '"mode": "fast", "surplus_a": null, "solar": null'
    assert line(roof.solar) == "sun: surplus 9 A, the phases together"
    assert fact(roof.solar, 0) == "solar; 9 A of sun on each of its phases"
    assert fact(roof.solar, 1) == "fast"
    roof.sun(2000).step(5)
    assert roof.said().startswith("too little sun, 0 A: holding 6 A for ")
    assert '"solar": "holding"' in told()
    roof.step(60)
    assert '"solar": "waiting"' in told()
    roof.sun(15_000).step(30)
    assert '"solar": "resuming"' in told()
    assert "resumes in 1:" in roof.said()


def test_the_countdown_counts_down():
    roof = Roof([ONE], 10_000).step(40).sun(0)
    roof.until(lambda r: r.why() == reasons.SUN_SHORT, 10)
    seen = [roof.said()]
    for _ in range(5):
        seen.append(roof.step().said())
    for k, text in enumerate(seen):
        assert text == "too little sun, 0 A: holding 6 A for %d s" % (30 - k), seen


def test_an_unknown_surplus_is_not_told_as_none():
    roof = Roof([ONE], 10_000).step(1, metered=False)
    assert line(roof.solar) == "sun: the surplus is not known"
    assert roof.said() == "waiting for sun: the surplus is not known"

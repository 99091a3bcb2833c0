# Every decision can be said in words.

from loadrail import reasons, sentences


def test_every_code_has_a_name_of_its_own_and_a_sentence_without_holes():
    names = []
    codes = [value for key, value in reasons.__dict__.items() if key.isupper() and key[0] != "_"]
    assert sorted(codes) == list(range(len(codes)))
    for code in codes:
        names.append(sentences.name(code))
        room = 3 << 3 | 6 if code == reasons.SWITCHING else 1
        said = sentences.sentence(code, room, 12_300, 65)
        assert "{" not in said
        assert len(said) > 5
    assert len(set(names)) == len(codes)


def test_the_numbers_of_a_decision_stand_in_its_sentence():
    said = sentences.sentence(reasons.SHARE, 2, 41_250)
    assert "41.2 A" in said
    assert "L3" in said
    assert "10 min" in sentences.sentence(reasons.TURN_AWAITED, 0, 0, 600)
    assert "the power limit" in sentences.sentence(reasons.NO_ROOM, 3, 4000)
    switching = sentences.sentence(reasons.SWITCHING, 3 << 3, 0, 43)
    assert switching == "stopped for a switch to one phase: waiting 43 s more"
    assert "3 more chargers" in sentences.sentence(reasons.START_HOLD, 0, 3)


def test_amperes_are_cut_and_never_rounded_up():
    for ma, text in ((0, "0"), (99, "0"), (100, "0.1"), (6000, "6"), (12_399, "12.3")):
        assert sentences.amps(ma) == text
    for ma, text in ((-99, "0"), (-150, "-0.1"), (-12_000, "-12")):
        assert sentences.amps(ma) == text

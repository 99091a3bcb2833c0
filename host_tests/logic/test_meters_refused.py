# Samples that came whole and cannot be believed.

from loadrail.request import OK
from logic.test_meters_reader import Bench


def _refused(model, words_of):
    """Whether a sample is refused where the fast answers hold other words."""
    bench = Bench(model)
    samples = 0
    for _ in range(8):
        if not bench.reader.next(bench.request, bench.now_ms):
            break
        request = bench.request
        words = bench.meter.request(request.function, request.register, request.count)
        samples += bench.reader.answer(bench.now_ms, OK, words_of(words))
    return samples == 0 and bench.reader.bad > 0


def test_power_without_current_and_voltage_is_refused():
    def only_power(words):
        return [0] * 12 + list(words[12:]) if len(words) == 18 else words

    assert not _refused("eastron_sdm72_v2", lambda words: words)
    assert _refused("eastron_sdm72_v2", only_power)


def test_another_word_order_is_refused():
    def swapped(words):
        return [words[k ^ 1] for k in range(len(words))]

    for model in ("entes_emm", "eastron_sdm630", "inepro_pro380", "siemens_pac1020"):
        assert _refused(model, swapped), model


def test_a_power_that_the_current_cannot_carry_is_refused():
    bench = Bench("eastron_sdm630")
    bench.meter.set([1000, 0, 0], [600, 0, 0])
    assert bench.ask_all() == 1
    bench.now_ms += 1000
    bench.meter.set([1000, 0, 0], [601, 0, 0])
    assert bench.ask_all() == 0
    bench.now_ms += 1000
    bench.meter.set([1000, 0, 0], [-601, 0, 0])
    assert bench.ask_all() == 0


def test_voltages_that_are_none_of_a_mains_are_refused():
    for volts, samples in (
        ([230_000, 0, 0], 1),
        ([80_000, 0, 0], 1),
        ([79_000, 0, 0], 0),
        ([230_000, 301_000, 230_000], 0),
        ([23_000, 23_000, 23_000], 0),
    ):
        bench = Bench("eastron_sdm630")
        bench.meter.set([0, 0, 0], None, volts)
        assert bench.ask_all() == samples, volts


def test_a_current_without_power_counts_as_import():
    bench = Bench("eastron_sdm630")
    bench.meter.set([900, 900, 900], [0, 0, -1])
    bench.ask_all()
    assert bench.reader.sample.current_ma == [900, 900, -900]


def test_more_than_a_thousand_amperes_is_refused():
    bench = Bench("eastron_sdm630")
    bench.meter.set([999_999, 0, 0])
    assert bench.ask_all() == 1
    bench.now_ms += 1000
    bench.meter.set([1_000_000, 0, 0])
    assert bench.ask_all() == 0

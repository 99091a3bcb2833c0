"""Junk at the console of the running firmware: control misses nothing, and no memory is lost."""

import pytest
from console_fuzz import fuzz, judge


@pytest.mark.parametrize(("kilobytes", "reads"), [(160, True), (32, False)])
def test_s9_junk_at_the_console_costs_control_nothing(tmp_path, kilobytes, reads):
    """`make soak` types a whole megabyte. The other way round nobody takes the answers."""
    told, limits_a = fuzz(tmp_path, kilobytes, reads=reads)
    assert told["answered"] > 10 * kilobytes, "it was heard"
    assert list(judge(told, limits_a)) == []

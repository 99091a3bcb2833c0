"""Plays a case that a failed test has printed: python host_tests/replay.py LINE

A line with "cars" is a group that goes on for five minutes (steps.py); one with "rows" is a single
decision (test_laws.py).
"""

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "lib"))

from steps import Steps
from test_laws import booked, build, decide


def play_group(case: dict) -> None:
    steps = Steps(case)
    for _ in range(60):
        steps.step()
        print(f"{steps.passed_ms // 1000:4} s  limits {steps.limits_a()} A")


def play_decision(case: dict) -> None:
    tables = build(case["rows"]), decide(case["rows"], case["budget_ma"], case["equal"])
    for when, table in zip(("before", "after"), tables, strict=True):
        limits = [ma // 1000 for ma in table.limit_ma]
        print(f"{when:6}  limits {limits} A, booked {[booked(table, p) for p in range(3)]} mA")
    print(f"budget {case['budget_ma']} mA")


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    play_decision(given) if "rows" in given else play_group(given)

"""Messages of progress: as a line of text and back, and told step by step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knobs_core.base.progress import Progress, Stage, duration

WORDS = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1)
STAGES = WORDS.map(str.strip).filter(lambda text: text and "/" not in text)
COUNTS = st.integers(0, 10**12)


@given(STAGES, COUNTS, COUNTS, WORDS.map(str.strip))
def test_a_message_comes_back_from_its_line(stage, done, total, detail):
    message = Progress(stage, done, total, detail)
    assert "\n" not in message.line()
    assert Progress.of_line(message.line()) == message


@pytest.mark.parametrize("detail", ["", "validation loss 0.1735", "1,234 knobs", "2/3 of it"])
def test_lines_by_hand(detail):
    line = f"Training the recommender 3/25 {detail}".rstrip()
    assert Progress("Training the recommender", 3, 25, detail).line() == line
    assert Progress.of_line(line) == ("Training the recommender", 3, 25, detail)


@pytest.mark.parametrize("line", ["", "3/25", "knobs: expected a CFAE: elsa", "Training 3 of 25", "half 1/2x"])
def test_other_lines_hold_no_message(line):
    assert Progress.of_line(line) is None


def test_a_share_is_from_0_to_1():
    assert [Progress("", *counts).share for counts in ((0, 4), (1, 4), (4, 4), (5, 4), (0, 0))] == [0, 0.25, 1, 1, 0]


def test_a_stage_tells_whoever_listens():
    told = []
    stage = Stage("Naming the knobs", told.append)
    stage(0, 2)
    stage(2, 2, "done")
    assert told == [Progress("Naming the knobs", 0, 2), Progress("Naming the knobs", 2, 2, "done")]


def test_a_duration_is_said_as_exactly_as_matters():
    said = {0.2: "1 s", 40: "40 s", 89.6: "90 s", 90: "2 min", 754: "13 min", 3 * 3600 + 290: "3 h 05 min",
            30 * 3600: "30 h", 52 * 3600 + 1500: "2 days 4 h"}  # fmt: skip
    assert {seconds: duration(seconds) for seconds in said} == said

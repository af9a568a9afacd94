"""How long a job will still take."""

import pytest

from knobs_core.base import Progress
from knobs_ui.progress import StageWords, share_done, time_left
from knobs_ui.server import SET_UP


def test_shares_of_the_stages_of_the_set_up_are_a_whole():
    assert sum(words.share for words in SET_UP.values()) == pytest.approx(1)


def test_what_is_done_counts_stages_by_their_share_of_the_time():
    words = {"a": StageWords("", 0.2), "b": StageWords("", 0.8)}
    assert share_done({}, words) == 0
    assert share_done({"a": Progress("a", 1, 4)}, words) == pytest.approx(0.05)
    assert share_done({"a": Progress("a", 1, 4), "b": Progress("b", 1, 2)}, words) == pytest.approx(0.6)  # a has ended
    assert share_done({"?": Progress("?", 1, 2), "a": Progress("a", 1, 1)}, words) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (200, "About 3 minutes left"),
        (41, "About 40 seconds left"),
        (8, "About 10 seconds left"),
        (-3, "A few seconds left"),
    ],
)
def test_the_rest_in_words(seconds, words):
    assert time_left(seconds) == words

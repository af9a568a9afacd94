"""The receipt of a score: bars that start where the last one ends, and texts that cannot be markup."""

import re
from dataclasses import replace

import numpy as np
import pytest

from knobs_core.steering.attribution import Attribution, DialPart
from knobs_core.steering.dials import Dial
from knobs_ui.cards.charts import receipt
from knobs_ui.html import MINUS


def test_bars_start_where_the_last_ends_and_come_to_the_score(planted_bundle):
    """-1 and +4, a dial of +3 whose rest takes 1, a bias of +0.5: from -1 over 3, 6, 5 to 5.5; -1 to 6 is the width."""
    dials = (DialPart(Dial({0: 1.0}, 0.4, "noir"), 3.0, -1.0),)
    html = receipt(planted_bundle, Attribution(5.5, {4: 4.0, 2: -1.0}, dials, 0.5, 0.0))
    bars = [tuple(map(float, bar)) for bar in re.findall(r"margin-left: ([\d.]+)%; width: ([\d.]+)%", html)]
    ends = [(0, 4), (3, 4), (3, 6), (5, 6), (5, 5.5), (5.5, 5.5), (0, 5.5)]
    expected = [(low / 6 * 100, (high - low) / 6 * 100) for low, high in ends]
    np.testing.assert_allclose(bars, expected, atol=0.01)
    less = f"{MINUS}1.00"
    assert re.findall(r"<b>([^<]+)</b>", html) == ["+4.00", less, "+3.00", less, "+0.50", "0.00", "+5.50"]
    assert re.findall(r'<li class="(\w+)">', html) == ["up", "down", "up", "down", "up", "down", "sum"]
    assert "the rest of noir" in html


def test_many_neurons_are_summed_up_and_names_are_escaped(planted_bundle):
    neurons = {j: 1.0 / (j + 1) for j in range(12)}
    found = Attribution(sum(neurons.values()), neurons, (), 0.0, 0.0)
    bundle = replace(planted_bundle, labels=[replace(planted_bundle.labels[0], label="<b>x</b>")] * 12)
    html = receipt(bundle, found)
    assert "4 other neurons" in html
    assert "<b>x" not in html
    last = sum(list(neurons.values())[8:])
    assert f"+{last:.2f}" in html
    assert float(re.findall(r"<b>([^<]+)</b>", html)[-1]) == pytest.approx(found.score, abs=0.005)

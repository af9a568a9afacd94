"""People of the data set under a line that describes their taste."""

import pytest

from knobs_ui.people import lines, people, unlike


def test_everybody_has_a_line_that_names_themes_and_likes_of_theirs(demo_bundle):
    data, tags = demo_bundle.interactions, demo_bundle.interactions.tags
    assert list(people(demo_bundle)) == data.user_ids.tolist()
    for user_id in ("15", "30", "60"):
        one = people(demo_bundle)[user_id]
        likes = set(data.matrix[data.row_of[user_id]].indices.tolist())
        themes = [theme.key for theme in demo_bundle.person(user_id).themes(100) if theme.carried]
        assert list(one.themes) == themes[: len(one.themes)]
        assert set(one.items) <= likes
        assert one.n_likes == len(likes)
        for item in one.items:
            assert set(tags.loc[tags["item"] == item, "tag"]) & set(one.themes)
            assert data.main_title(item) in one.line


def test_those_on_the_wall_share_no_theme_and_no_title(demo_bundle):
    found = unlike(demo_bundle)
    assert len(found) == 6
    for part in ("themes", "items"):
        held = [one for somebody in found for one in getattr(somebody, part)]
        assert len(held) == len(set(held)) == 12


def test_of_a_large_data_set_some_have_a_line(planted_bundle, monkeypatch):
    monkeypatch.setattr(lines, "N_LINES", 10)
    found = people.__wrapped__(planted_bundle)
    assert len(found) == 10
    assert list(found)[-1] == planted_bundle.interactions.user_ids[-1]
    assert all(one.line for one in found.values())


@pytest.mark.parametrize("n", [0, 3])
def test_as_many_as_are_asked_for(demo_bundle, n):
    assert len(unlike(demo_bundle, n)) == n

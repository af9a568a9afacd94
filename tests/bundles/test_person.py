"""Somebody in front of a bundle: the same list as by the plain path and on the command line, and why it is so."""

import dataclasses
import itertools
import json

import numpy as np
import pytest

from knobs_core.base.errors import ConfigError, DataError, UnknownNameError
from knobs_core.base.ranking import ranking
from knobs_core.cli import main
from knobs_core.steering.breakpoints import breakpoints
from knobs_core.steering.counterfactual import counterfactual
from knobs_core.steering.dials import Dial
from tests.plain import recommend

TURNED = {"Concept 3": 0.4, "#5": -0.5, "concept 7": 0.1}


@pytest.fixture(scope="module")
def person(planted_bundle):
    return planted_bundle.person(user="u7")


def history_of(bundle, user):
    return bundle.interactions.matrix[bundle.interactions.user_ids.tolist().index(user)]


@pytest.mark.parametrize("dials", [{}, TURNED, {"concept 1": 1.0, "#2": -1.0}])
@pytest.mark.parametrize("operator", ["spread", "blend", "paper", "paper-code"])
def test_a_list_is_that_of_the_plain_path_and_of_the_command_line(
    planted_bundle, planted_path, capsys, dials, operator
):
    fresh = dataclasses.replace(planted_bundle)  # its engine keeps nothing yet, as that of the command line
    found = fresh.person(user="u7").recommend(dials, n=12, operator=operator)
    by_hand = [planted_bundle.knobs.find(name).dial(amount) for name, amount in dials.items()]
    plain = recommend(planted_bundle.nested, history_of(planted_bundle, "u7"), by_hand, operator, n=12)
    assert found.recommendation.items.tolist() == plain.items.tolist()
    assert found.recommendation.before.tolist() == plain.before.tolist()
    assert [row["unsteered_rank"] for row in found.rows] == plain.unsteered_rank.tolist()
    np.testing.assert_allclose([row["score"] for row in found.rows], plain.scores, rtol=1e-4, atol=1e-4)
    words = [word for name, amount in dials.items() for word in ("--dial", f"{name}={amount}")]
    main(["recommend", str(planted_path), "--user", "u7", "--n", "12", "--operator", operator, *words, "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["items"] == found.rows
    assert (document["entered"], document["left"]) == (found.entered, found.left)


def test_a_list_says_what_it_is(planted_bundle, person):
    data, found = planted_bundle.interactions, person.recommend(TURNED, n=15)
    assert [dial.name for dial in found.dials] == list(TURNED)
    assert [dial.key for dial in found.dials] == ["concept 3", "#5", "concept 7"]
    assert found.table.columns.tolist() == ["rank", "item_id", "title", "score", "rank_before", "dealt_by"]
    assert found.table["rank"].tolist() == list(range(1, 16))
    columns = [data.column_of[item] for item in found.table["item_id"]]
    assert found.table["title"].tolist() == data.items["title"].iloc[columns].tolist()
    rest = person.recommend(n=15)
    assert set(found.entered) == set(found.table["item_id"]) - set(rest.table["item_id"])
    assert set(found.left) == set(rest.table["item_id"]) - set(found.table["item_id"])
    assert found.kept == 1 - len(found.left) / 15
    assert rest.kept == 1
    assert found.table["title"][0] in repr(found)
    assert found.table["title"][0] in found._repr_html_()


def test_of_a_group_and_of_likes_alone(planted_bundle):
    nested, matrix = planted_bundle.nested, planted_bundle.interactions.matrix
    alone = planted_bundle.person(items=["i3", "i60", "i3"])
    assert sorted(alone.history.indices) == sorted(planted_bundle.interactions.column_of[i] for i in ("i3", "i60"))
    assert alone.recommend(TURNED).recommendation.items.tolist() == (
        recommend(nested, alone.history, planted_bundle.knobs.dials(TURNED)).items.tolist()
    )
    group = planted_bundle.person(users=["u7", "u9"])
    y = nested.encode(group.history).y.numpy()
    mean = (y / np.linalg.norm(y, axis=1, keepdims=True)).mean(0)
    np.testing.assert_allclose(group.taste.base, mean @ nested.cfae.item_vectors.numpy().T, atol=1e-5)
    seen = {*history_of(planted_bundle, "u7").indices, *history_of(planted_bundle, "u9").indices}
    assert not seen & set(group.recommend(n=matrix.shape[1]).recommendation.items.tolist())


def test_what_was_seen_elsewhere_is_not_recommended(planted_bundle, person):
    first = person.recommend(n=3).table["item_id"].tolist()
    other = planted_bundle.person(user="u7", seen=first)
    assert other.recommend(n=5).table["item_id"].tolist() == person.recommend(n=8).table["item_id"].tolist()[3:]


def test_a_list_may_be_compared_with_another_than_that_at_rest(person):
    pinned = person.knobs.dials({"concept 2": 0.5, "concept 4": 0.3})
    found = person.recommend(TURNED, reference=person.reference(pinned))
    plain = recommend(person.engine.nested, person.history, pinned)
    assert found.recommendation.before.tolist() == plain.items.tolist()


def test_of_several_dials_each_row_says_which_one_brings_it(planted_bundle, person):
    found = person.recommend({"concept 1": 0.9, "concept 2": 0.6, "concept 3": -0.4})
    assert {row["dealt_by"] for row in found.rows} == {"concept 1", "concept 2"}
    assert found.rows[0]["dealt_by"] == "concept 1"
    for row in found.rows[::3]:
        assert found.explain(row["item_id"]).attribution.dealt_by.name == row["dealt_by"]
    for alone in ({"concept 1": 0.9}, {"concept 3": -0.4}, {}):
        assert {row["dealt_by"] for row in person.recommend(alone).rows} == {None}
    mixed = person.recommend({"concept 1": 0.5, "concept 2": 0.4}, operator="blend")
    assert {row["dealt_by"] for row in mixed.rows} == {None}


@pytest.mark.parametrize("dials", [{}, TURNED, {"concept 1": 0.9, "concept 2": 0.6}])
def test_an_explanation_adds_up_to_the_score_of_the_list(planted_bundle, person, dials):
    found = person.recommend(dials)
    for row in found.rows[::4]:
        why = found.explain(row["item_id"])
        assert (why.item_id, why.title) == (row["item_id"], row["title"])
        assert why.score == pytest.approx(row["score"], rel=1e-5)
        assert why.table["part"].sum() == pytest.approx(why.score, rel=1e-4, abs=1e-4)
        kinds = why.table.groupby("kind", sort=False)["name"].apply(list).to_dict()
        several = sum(amount > 0 for amount in dials.values()) > 1
        hand = [name for name, amount in dials.items() if amount < 0 or name == row["dealt_by"] or not several]
        assert sorted(kinds.get("dial", [])) == sorted(hand)
        rests = [f"the rest of {name}" for name in hand if not name.startswith("#")]
        assert sorted(kinds.get("rest", [])) == sorted(rests)
        assert set(kinds.get("neuron", [])) <= {planted_bundle.labels[j].label for j in np.flatnonzero(person.taste.z)}
        assert (len(kinds["remainder"]), len(kinds["bias"])) == (1, 1)


def test_a_score_is_only_taken_apart_where_dials_take_turns(person):
    found = person.recommend(TURNED, operator="paper")
    with pytest.raises(ConfigError, match="dials of the operator spread to take a score apart"):
        found.explain(found.rows[0]["item_id"])


@pytest.mark.parametrize("who", [{"user": "u7"}, {"users": ["u7", "u9"]}])
def test_every_row_names_the_like_that_speaks_most_for_it(planted_bundle, who):
    """By hand: the recommender's score of the item, once for each like alone; a group's by how loud each member is."""
    person = planted_bundle.person(**who)
    nested, data = planted_bundle.nested, planted_bundle.interactions
    vectors = nested.cfae.item_vectors.numpy()
    loud = 1 / np.linalg.norm(nested.encode(person.history).y.numpy(), axis=1)
    columns = person.because()
    assert not columns.flags.writeable
    for row in person.recommend(TURNED).rows:
        column = data.column_of[row["item_id"]]
        says = (loud @ person.history.toarray()) * (vectors @ vectors[column])
        says[np.setdiff1d(np.arange(data.n_items), person.history.indices)] = -np.inf
        assert columns[column] == says.argmax()
        assert row["because"] == data.items["title"].iat[says.argmax()]


@pytest.mark.parametrize(("knob", "others"), [("concept 4", {}), ("#5", {"concept 2": 0.3}), ("Concept 3", TURNED)])
def test_between_two_breakpoints_the_list_is_the_one_they_say(planted_bundle, person, knob, others):
    """By brute force: the plain path at an amount between any two of them, on either side of 0."""
    table = person.breakpoints(knob, others, n=10)
    assert table.columns.tolist() == ["amount", "item_id", "title", "change"]
    moving, data = planted_bundle.knobs.find(knob), planted_bundle.interactions
    rest = [dial for dial in planted_bundle.knobs.dials(others) if dial.key != moving.key]
    plainly = lambda amount: set(  # noqa: E731
        recommend(planted_bundle.nested, person.history, [*rest, moving.dial(amount)], n=10).items.tolist()
    )
    looked_at = 0
    for end in (-1.0, 1.0):
        side = table[table["amount"] * end > 0]
        side = side.iloc[np.argsort(side["amount"].abs(), kind="stable")]
        inside = plainly(0.0)
        edges = [0.0, *side["amount"].abs(), 1.0]
        for (near, far), change in itertools.zip_longest(itertools.pairwise(edges), side.itertuples()):
            if far - near > 1e-4:
                assert inside == plainly(np.sign(end) * (near + far) / 2)
                looked_at += 1
            if change is not None:
                inside = inside ^ {data.column_of[change.item_id]}
                assert (data.column_of[change.item_id] in inside) == (change.change == "enters")
    assert looked_at > 5
    raw = breakpoints(person.engine, person.taste, rest, moving.dial(1.0), 10)
    assert [one.amount for one in raw] == table["amount"].tolist()


def test_the_smallest_turn_really_brings_the_item_in(planted_bundle, person):
    order, data = ranking(person.taste.base, person.taste.seen), planted_bundle.interactions
    answered = 0
    for place in (14, 30, 60):
        item = data.item_ids[order[place]]
        answer = person.counterfactual(item, n=10)
        if answer is None:
            continue
        answered += 1
        dials = [Dial(dial.recipe, dial.amount) for dial in answer.dials]
        items = recommend(planted_bundle.nested, person.history, dials, n=10).items.tolist()
        assert items.index(order[place]) + 1 == answer.rank
        assert answer.table["key"].tolist() == [dial.key for dial in answer.dials]
        assert set(answer.table["knob"]) <= {knob.name for knob in planted_bundle.knobs.values()}
        assert answer.table["rank"].tolist() == [answer.rank] * len(dials)
        again = person.recommend({dial.key: dial.amount for dial in answer.dials}, n=10)
        assert again.table["item_id"].tolist()[answer.rank - 1] == item
    assert answered
    there = person.counterfactual(data.item_ids[order[4]])
    assert (there.dials, there.rank, len(there.table)) == ((), 5, 0)
    assert person.counterfactual(data.item_ids[order[60]], max_dials=0) is None
    with pytest.raises(DataError, match="not liked yet"):
        person.counterfactual(data.item_ids[person.taste.seen[0]])


def test_from_a_board_the_smallest_turn_is_set_beside_what_stands(planted_bundle, person):
    board = {"Concept 6": 0.6, "concept 8": 0.4, "#9": -0.3}
    item = person.recommend(board, n=40).rows[30]["item_id"]
    answer = person.counterfactual(item, dials=board)
    keys = {name: planted_bundle.knobs.find(name).key for name in board}
    amounts = {keys[name]: amount for name, amount in board.items()}
    amounts |= {dial.key: dial.amount for dial in answer.dials}
    assert person.recommend(amounts, n=10).rows[answer.rank - 1]["item_id"] == item
    with pytest.raises(UnknownNameError, match="'konzept'"):
        person.counterfactual(item, dials={"konzept": 0.1})


def test_knobs_with_a_name_come_first_among_turns_about_as_large(planted_bundle, person):
    """As if all neurons had lost their names: then concepts alone are named."""
    labels = [dataclasses.replace(label, tags=(), former="") for label in planted_bundle.labels]
    nameless = dataclasses.replace(planted_bundle, labels=labels).person("u7")
    tried, found = [knob.dial(1.0) for knob in nameless.knobs.values()], []
    for column in ranking(person.taste.base, person.taste.seen)[10:40:3].tolist():
        least = counterfactual(person.engine, person.taste, column, tried)
        concepts = counterfactual(person.engine, person.taste, column, [d for d in tried if d.key[0] != "#"])
        named = nameless.counterfactual(person.data.item_ids[column])
        near = concepts is not None and concepts.total <= least.total + 0.05 + 1e-9
        assert named.found == (concepts if near else least)
        found.append(near and concepts != least)
    assert any(found)


@pytest.mark.parametrize("neurons", [False, True])
def test_a_profile_names_the_themes_and_the_titles_behind_them(planted_bundle, person, neurons):
    table, data = person.profile(2, neurons), planted_bundle.interactions
    themes = person.themes(2, neurons)
    assert {theme.kind for theme in themes} == {"neuron" if neurons else "concept"}
    assert table["theme"].tolist() == [theme.name for theme in themes]
    assert table["strength"].tolist() == sorted((theme.strength for theme in themes), reverse=True)
    assert table["error"].tolist() == [theme.error for theme in themes]
    for titles, theme in zip(table["because"], themes, strict=True):
        assert titles == data.items["title"].iloc[list(theme.because)].tolist()
        assert set(theme.because) <= set(person.history.indices)


def test_a_like_that_a_group_shares_speaks_once(planted_bundle):
    for users in (["u1", "u2", "u3", "u4"], ["u7", "u8"]):
        for theme in planted_bundle.person(users=users).themes():
            assert len(set(theme.because)) == len(theme.because)


def test_active_neurons_are_those_of_the_code(person):
    active = person.neurons()
    assert [one.label.neuron for one in active] == sorted(
        np.flatnonzero(person.taste.z).tolist(), key=lambda j: -person.taste.z[j]
    )
    assert sum(one.share for one in active) == pytest.approx(1)
    assert all(one.level == min(one.activation / one.label.reach, 1) for one in active)


@pytest.mark.parametrize("who", [{}, {"user": "u1", "items": ["i1"]}, {"items": ["i1"], "users": ["u1", "u2"]}])
def test_somebody_is_named_in_exactly_one_way(planted_bundle, who):
    with pytest.raises(ConfigError, match="one of user, items and users"):
        planted_bundle.person(**who)


def test_names_that_are_not_here_are_refused(planted_bundle, person):
    for ask, says in (
        (lambda: planted_bundle.person(user="u 1"), "'u1'"),
        (lambda: planted_bundle.person(items=["i1", "zzz"]), "'zzz'"),
        (lambda: planted_bundle.person(user="u1", seen=["nothing"]), "'nothing'"),
        (lambda: person.recommend({"konzept 1": 0.3}), "did you mean 'concept 1'"),
        (lambda: person.recommend().explain("i 5"), "'i5'"),
        (lambda: person.counterfactual("zzz"), "'zzz'"),
        (lambda: person.breakpoints("#9999"), "'#9999'"),
    ):
        with pytest.raises(UnknownNameError, match=says):
            ask()
    for users in (["u1"], ["u1", "u2", "u3", "u4", "u5"]):
        with pytest.raises(DataError, match="two to 4 users"):
            planted_bundle.person(users=users)


def test_a_newcomer_has_lists_without_reasons(planted_bundle):
    newcomer = planted_bundle.newcomer
    rows = newcomer.recommend({"concept 3": 0.3}, 5).rows
    assert [row["because"] for row in rows] == [None] * 5
    assert len(newcomer.recommend(n=10_000).rows) == planted_bundle.interactions.n_items  # they have seen nothing
    assert newcomer.recommend({"concept 3": 0.3}).explain(rows[0]["item_id"]).score == pytest.approx(
        rows[0]["score"], abs=1e-5
    )

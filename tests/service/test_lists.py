"""Lists over HTTP are the package's own, whoever asks and however; and they can be made again."""

import numpy as np
import pytest
import requests

from knobs_core.lists import ListRecipe, Rules, Stamp, arm_of, list_for, list_id, replay
from knobs_core.service import Client, ReaderList
from knobs_core.service.offer import Offer
from tests.plain import recommend
from tests.service.conftest import HOUSE

NOIR = "/api/v1/recipes/noir/lists"


def ids(document):
    return [row["item_id"] for row in document["rows"]]


def test_every_reader_gets_the_packages_own_list_with_and_without_the_recipe(on_air, planted_bundle):
    address, _, recipe = on_air
    data, rules = planted_bundle.interactions, Rules(planted_bundle, recipe, HOUSE)
    bare = Rules(planted_bundle, ListRecipe(slug="noir", length=12), HOUSE)
    readers, arms = data.user_ids.tolist(), set()

    def every(rules):
        bodies = [{"readers": readers[at : at + 100], "rules": rules} for at in range(0, len(readers), 100)]
        return [one for body in bodies for one in requests.post(address + NOIR, json=body, timeout=60).json()["lists"]]

    for reader, told, off in zip(readers, every(True), every(False), strict=True):
        person, arm = planted_bundle.person(reader), arm_of(recipe, reader)
        arms.add(arm and arm.name)
        made = list_for(person, rules, rules.dials(arm.dials if arm else recipe.dials))
        assert ids(told) == [data.item_ids[row.column] for row in made]
        assert [row["reason"] for row in told["rows"]] == [row.reason for row in made]
        assert [row["score"] for row in told["rows"]] == [row.score for row in made]
        assert told["list_id"] == list_id(planted_bundle, recipe, HOUSE, reader)
        assert (told["arm"], told["fallback"], told["version"]) == (arm.name if arm else "", False, 1)
        assert ids(off) == [data.item_ids[row.column] for row in list_for(person, bare, [])]
        assert off["list_id"] != told["list_id"]
        if reader.endswith("7"):
            assert requests.get(f"{address}{NOIR}/{reader}", timeout=30).json() == told
            assert requests.get(f"{address}{NOIR}/{reader}?rules=off", timeout=30).json() == off
    assert arms == {None, "quiet"}


def test_without_rules_of_a_house_a_readers_own_list_is_that_of_the_engine(studio, planted_bundle):
    """Against a plain rewrite of the engine: steer, decode, sort all, deal one by one."""
    address, data = studio[0], planted_bundle.interactions
    for row in range(0, 60, 7):
        reader = data.user_ids[row]
        for dials in ({}, {"concept 3": 0.4}, {"concept 3": 0.4, "concept 7": 0.6, "concept 1": -0.5}):
            body = {"reader": reader, "dials": dials, "n": 15}
            told = requests.post(f"{address}/api/v1/lists", json=body, timeout=30).json()
            turned = planted_bundle.knobs.dials(dials)
            expected = recommend(planted_bundle.nested, data.matrix[row], turned, n=15)
            assert ids(told) == data.item_ids[expected.items].tolist()
            query = {"reader": reader, "dial": [f"{name}={amount}" for name, amount in dials.items()], "n": 15}
            assert requests.get(f"{address}/api/v1/lists", params=query, timeout=30).json() == told


def test_a_newcomer_gets_the_recipe_on_the_mean_taste(on_air, studio, planted_bundle):
    """By hand: the mean of all users' embeddings at unit length, through the item vectors, sorted."""
    data, nested = planted_bundle.interactions, planted_bundle.nested
    embeddings = nested.embeddings(data.matrix).double().numpy()
    mean = (embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)).mean(0)
    best = np.argsort(-(nested.cfae.item_vectors.double().numpy() @ mean), kind="stable")
    told = requests.post(f"{studio[0]}/api/v1/lists", json={"reader": "a stranger", "n": 30}, timeout=30).json()
    assert told["fallback"]
    assert ids(told) == data.item_ids[best[:30]].tolist()
    address, _, recipe = on_air
    rules, quiet = Rules(planted_bundle, recipe, HOUSE), set()
    for number in range(12):
        told = requests.get(f"{address}{NOIR}/stranger-{number}", timeout=30).json()
        arm = arm_of(recipe, f"stranger-{number}")
        quiet.add(told["arm"])
        made = list_for(planted_bundle.newcomer, rules, rules.dials(arm.dials if arm else recipe.dials))
        assert (told["fallback"], told["reader"]) == (True, f"stranger-{number}")
        assert ids(told) == [data.item_ids[row.column] for row in made]
    assert quiet == {"", "quiet"}


def test_somebody_who_is_not_in_the_data_says_what_they_like(on_air, planted_bundle):
    address, _, recipe = on_air
    rules = Rules(planted_bundle, recipe, HOUSE)
    made = list_for(planted_bundle.person(items=["i1", "i4"]), rules, rules.dials(recipe.dials))
    found = [
        requests.post(f"{address}{NOIR}", json={"items": items}, timeout=30).json()["lists"][0]
        for items in (["i1", "i4"], ["i4", "I1", "i4"])
    ]
    assert found[0] == found[1]
    assert ids(found[0]) == [planted_bundle.interactions.item_ids[row.column] for row in made]
    assert (found[0]["reader"], found[0]["arm"], found[0]["fallback"]) == (None, "", False)
    steered = requests.get(f"{address}/api/v1/lists", params={"item": ["i1", "i4"], "n": 4}, timeout=30).json()
    assert len(steered["rows"]) == 4


def test_several_readers_at_once(on_air):
    address, *_ = on_air
    readers = ["u3", "nobody", "u1", "u3"]
    told = requests.post(f"{address}{NOIR}", json={"readers": readers, "n": 5}, timeout=30).json()["lists"]
    alone = [requests.get(f"{address}{NOIR}/{one}", params={"n": 5}, timeout=30).json() for one in readers]
    assert told == alone


def test_fewer_rows_are_the_first_of_the_same_list(on_air):
    address, *_ = on_air
    whole, few = (
        requests.get(f"{address}{NOIR}/u3", params={"n": n} if n else {}, timeout=30).json() for n in (None, 4)
    )
    assert few["rows"] == whole["rows"][:4]
    assert (few["list_id"], few["stamp"]) == (whole["list_id"], whole["stamp"])
    assert requests.get(f"{address}{NOIR}/u3", params={"n": 200}, timeout=30).json()["rows"] == whole["rows"]
    refused = requests.get(f"{address}{NOIR}/u3", params={"n": 201}, timeout=30)
    assert (refused.status_code, "at most 200 rows" in refused.json()["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{NOIR}/u3", None),
        (f"{NOIR}/u3?n=3", None),
        (f"{NOIR}/u3?rules=off", None),
        (f"{NOIR}/stranger-1", None),
        (f"{NOIR}/stranger-2", None),
        (NOIR, {"items": ["i1", "i4"]}),
        ("/api/v1/lists?reader=u3&dial=concept 3=0.3", None),
        ("/api/v1/lists?reader=stranger&dial=concept 3=0.3&n=7", None),
        ("/api/v1/lists", {"items": ["i1", "i4"], "dials": {"#5": -0.4, "concept 3": 0.2}, "operator": "paper"}),
    ],
)
def test_the_stamp_of_an_answer_makes_the_same_list_again(on_air, planted_bundle, path, body):
    address, *_ = on_air
    told = requests.post(address + path, json=body, timeout=30) if body else requests.get(address + path, timeout=30)
    document = told.json()["lists"][0] if path == NOIR else told.json()
    stamp = Stamp.model_validate(document)  # the answer as it came, as knobs replay reads it
    assert [*stamp.list][: len(document["rows"])] == ids(document)
    assert replay(planted_bundle, stamp) == (True, "")
    assert "i2" not in stamp.list  # which the house bans
    assert not replay(planted_bundle, stamp.model_copy(update={"list": stamp.list[::-1]})).same


def test_what_a_program_has_already_is_not_made_again(on_air, monkeypatch):
    address, *_ = on_air
    url = f"{address}{NOIR}/u7"
    first = requests.get(url, timeout=30)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, max-age=60"

    def broken(*_):
        raise AssertionError("somebody steered")

    monkeypatch.setattr(Offer, "rows", broken)
    for told in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = requests.get(url, headers={"If-None-Match": told}, timeout=30)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["Cache-Control"] == "private, max-age=60"
    monkeypatch.undo()
    others = ("?n=3", "?rules=off", "?format=csv", "?format=feed")
    tags = [requests.get(url + other, headers={"If-None-Match": tag}, timeout=30) for other in others]
    assert [one.status_code for one in tags] == [200] * 4
    assert len({tag, *(one.headers["ETag"] for one in tags)}) == 5
    assert requests.get(f"{url}/feed.json", timeout=30).headers["ETag"] == tags[3].headers["ETag"]


def test_an_answer_is_what_the_models_say(on_air):
    address, *_ = on_air
    told = requests.get(f"{address}{NOIR}/u3", timeout=30)
    assert ReaderList.model_validate_json(told.content).model_dump(mode="json") == told.json()
    assert told.json()["rows"][2] | {"score": 0} == {
        "rank": 3, "item_id": "i5", "title": "Item 5", "score": 0, "reason": "pin", "note": "=Start with this one.",
        "why": "",
    }  # fmt: skip


def test_rows_say_why_they_are_there_where_that_is_asked_for(on_air, planted_bundle):
    address, *_ = on_air
    person, dials = planted_bundle.person(user="u3"), {"concept 3": 0.3}
    expected = person.recommend(dials, 20).notes()
    asked = {"reader": "u3", "dial": "concept 3=0.3", "n": 20}
    plain = requests.get(f"{address}/api/v1/lists", params=asked, timeout=30).json()
    noted = requests.get(f"{address}/api/v1/lists", params={**asked, "notes": "true"}, timeout=30).json()
    assert {row["why"] for row in plain["rows"]} == {""}
    assert [{**row, "why": ""} for row in noted["rows"]] == plain["rows"]
    ours = dict(zip(person.recommend(dials, 20).table["item_id"], expected, strict=True))
    assert all(row["why"] == ours[row["item_id"]] for row in noted["rows"] if row["item_id"] in ours)
    with Client(address) as client:
        steered = client.steer("u3", {"concept 3": 0.3}, n=20, notes=True)
        assert [row.why for row in steered.rows] == [row["why"] for row in noted["rows"]]
        by_recipe = client.list("noir", "u3", notes=True)
        assert by_recipe.rows[2].why == "Put here by an editor."
        assert all(row.why for row in by_recipe.rows)
        assert client.lists("noir", ["u3"], notes=True)[0] == by_recipe
        assert {row.why for row in client.list("noir", "u3").rows} == {""}
    tags = {
        requests.get(f"{address}{NOIR}/u3", params=params, timeout=30).headers["ETag"]
        for params in ({}, {"notes": "true"})
    }
    assert len(tags) == 2

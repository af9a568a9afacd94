"""A list as a feed and as a table, and what browsers and spreadsheets are kept from doing with either."""

import csv
import io
import re

import requests

from knobs_core.base import armed

NOIR = "/api/v1/recipes/noir/lists"


def ask(address, path, **more):
    return requests.get(address + path, timeout=30, **more)


def test_a_feed_says_the_same_as_the_list(on_air):
    """Against what JSON Feed 1.1 asks for."""
    address, *_ = on_air
    told, plain = ask(address, f"{NOIR}/u3/feed.json"), ask(address, f"{NOIR}/u3").json()
    assert told.headers["Content-Type"] == "application/feed+json"
    feed = told.json()
    assert feed == ask(address, f"{NOIR}/u3?format=feed").json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["title"], feed["description"]) == (plain["headline"], "Long nights.")
    assert [item["id"] for item in feed["items"]] == [row["item_id"] for row in plain["rows"]]
    assert all(isinstance(item["id"], str) and item["content_text"] for item in feed["items"])
    assert feed["items"][2]["content_text"] == "=Start with this one."
    assert feed["items"][2]["_knobs"] == {"rank": 3, "score": None, "reason": "pin"}
    assert feed["_knobs"] == {name: plain[name] for name in plain if name not in ("rows", "headline")}


def test_a_table_holds_the_list_and_no_formula(on_air):
    address, *_ = on_air
    told, plain = ask(address, f"{NOIR}/u3?format=csv"), ask(address, f"{NOIR}/u3").json()
    assert told.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert told.headers["Content-Disposition"] == 'attachment; filename="noir.csv"'
    rows = list(csv.DictReader(io.StringIO(told.content.decode())))
    assert [row["item_id"] for row in rows] == [row["item_id"] for row in plain["rows"]]
    assert rows[2]["note"] == "'=Start with this one."
    assert armed(rows[2]["note"]) == plain["rows"][2]["note"]
    assert (rows[2]["score"], rows[2]["list_id"]) == ("", plain["list_id"])
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_nothing_of_a_recipe_gets_into_a_header(on_air):
    """The headline of the recipe holds a line break and a header."""
    address, *_ = on_air
    for path in (f"{NOIR}/u3", f"{NOIR}/u3?format=csv", f"{NOIR}/u3/feed.json", "/api/v1/recipes/noir"):
        told = ask(address, path)
        assert "X-Evil" not in told.headers
        assert "Evil" not in str(told.headers)


def test_every_answer_binds_the_browser(on_air):
    address, *_ = on_air
    for path in (f"{NOIR}/u3", "/api/v1/recipes/none", "/docs", "/openapi.json", "/nowhere", "/api/v1/health"):
        headers = ask(address, path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers
        assert "server" not in headers


def test_the_page_about_the_addresses_loads_nothing(on_air):
    address, *_ = on_air
    page = ask(address, "/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert re.findall(r"(?:src|href)=\"?([^\"> ]+)", page.text) == ["/openapi.json"]
    assert "<script" not in page.text
    assert "//" not in page.text
    for path in ("/redoc", "/docs/oauth2-redirect", "/api/v1/openapi.json"):
        assert ask(address, path).status_code == 404


def test_the_description_for_programs_names_every_address_and_the_key(on_air):
    address, *_ = on_air
    schema = ask(address, "/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert {(path, method) for path, methods in schema["paths"].items() for method in methods} == {
        ("/api/v1/health", "get"),
        ("/api/v1/recipes", "get"),
        ("/api/v1/recipes/{slug}", "get"),
        ("/api/v1/recipes/{slug}/lists/{reader}", "get"),
        ("/api/v1/recipes/{slug}/lists/{reader}/feed.json", "get"),
        ("/api/v1/recipes/{slug}/lists", "post"),
        ("/api/v1/lists", "get"),
        ("/api/v1/lists", "post"),
        ("/api/v1/search", "get"),
        ("/api/v1/knobs/{key}", "get"),
        ("/api/v1/explain", "get"),
        ("/api/v1/words", "get"),
    }
    assert schema["components"]["securitySchemes"]["key"] == {"type": "http", "scheme": "bearer"}
    one = schema["paths"]["/api/v1/recipes/{slug}/lists/{reader}"]["get"]
    assert one["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/ReaderList")
    assert "application/problem+json" in one["responses"]["410"]["content"]
    assert all(method["description"] for methods in schema["paths"].values() for method in methods.values())


def test_what_there_is_to_turn_and_to_watch_is_found(on_air, planted_bundle):
    address, *_ = on_air
    found = ask(address, "/api/v1/search?q=concept 1&n=3").json()
    assert [knob["key"] for knob in found["knobs"]] == planted_bundle.knobs.search("concept 1", False)["key"].tolist()[
        :3
    ]
    found = ask(address, "/api/v1/search?q=ITEM 12").json()
    assert {"item_id": "i12", "title": "Item 12", "detail": ""} in found["items"]
    told = ask(address, "/api/v1/knobs/Concept%203").json()
    assert told == ask(address, "/api/v1/knobs/concept 3").json()
    assert told["key"] == "concept 3"
    assert sum(told["neurons"].values()) == 1 or abs(sum(told["neurons"].values()) - 1) < 1e-6
    assert ask(address, "/api/v1/knobs/%235").json()["kind"] == "neuron"
    for key in ("none at all", "%2399999", "%3D1:2,x"):
        told = ask(address, f"/api/v1/knobs/{key}")
        assert (told.status_code, told.json()["title"]) == (404, "Not Found")


def test_a_receipt_adds_up_and_is_the_packages_own(on_air, planted_bundle):
    address, *_ = on_air
    dials = {"concept 3": 0.3, "#5": -0.2}
    person = planted_bundle.person("u3")
    item = person.recommend(dials).rows[4]["item_id"]
    query = {"reader": "u3", "item": item, "dial": [f"{name}={amount}" for name, amount in dials.items()]}
    told = ask(address, "/api/v1/explain", params=query).json()
    expected = person.recommend(dials).explain(item)
    assert told["score"] == expected.score
    assert told["parts"] == expected.table.to_dict("records")
    assert abs(sum(part["part"] for part in told["parts"]) - told["score"]) < 1e-4
    by_title = ask(address, "/api/v1/explain", params={**query, "item": told["title"]}).json()
    assert by_title == told
    assert ask(address, "/api/v1/explain", params={**query, "reader": "stranger"}).json()["fallback"]
    refused = ask(address, "/api/v1/explain", params={**query, "item": "no such item at all"})
    assert (refused.status_code, "one title" in refused.json()["detail"]) == (422, True)

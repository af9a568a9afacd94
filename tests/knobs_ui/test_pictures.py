"""Pictures are asked for only where the owner of the server says so."""

import pytest

from knobs_ui import pictures, settings

LISTED = ("image.tmdb.org", "*.example.org", "127.0.0.1")


def test_nobody_is_asked_by_default(monkeypatch):
    monkeypatch.delenv("KNOBS_IMAGE_HOSTS", raising=False)
    assert settings.image_hosts() == ()
    assert pictures.address_of("https://image.tmdb.org/a.jpg", settings.image_hosts()) == ""
    monkeypatch.setenv("KNOBS_IMAGE_HOSTS", " image.tmdb.org,*.Example.org ,127.0.0.1 ")
    assert settings.image_hosts() == LISTED


@pytest.mark.parametrize(
    "address",
    [
        "https://image.tmdb.org/t/p/w300/a.jpg?x=1&y=2",
        "HTTPS://IMAGE.TMDB.ORG/a.jpg",
        "https://a.b.example.org:8443/a.png",
        "http://127.0.0.1:9977/a.png",
        "https://image.tmdb.org",
    ],
)
def test_listed_hosts(address):
    assert pictures.address_of(address, LISTED) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a.jpg",
        "http://image.tmdb.org/a.jpg",
        "//image.tmdb.org/a.jpg",
        "https://example.org/a.jpg",
        "https://evilexample.org/a.jpg",
        "https://image.tmdb.org.evil.example/a.jpg",
        "https://image.tmdb.org@evil.example/a.jpg",
        "https://evil.example\\@image.tmdb.org/a.jpg",
        "https://evil.example/\\image.tmdb.org",
        "https://image.tmdb.org/a b.jpg",
        "https://image.tmdb.org/\na.jpg",
        "https://user:pass@image.tmdb.org/a.jpg",
        "https://\u0456mage.tmdb.org/a.jpg",
        "javascript:alert(1)//image.tmdb.org/",
        "data:image/svg+xml,<svg onload=alert(1)>",
        "https://image.tmdb.org/" + 3_000 * "a",
    ],
)
def test_all_others_are_drawn(address):
    assert pictures.address_of(address, LISTED) == ""

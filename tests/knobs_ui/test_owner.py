"""Who is taken for the owner of a server, and who may start work on it."""

import pytest

from knobs_core.base import ConfigError
from knobs_ui import settings
from knobs_ui.owner import at_this_machine, is_loopback

HERE = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "knobs.localhost"])
def test_the_owner_sits_at_this_machine(address, host):
    assert at_this_machine(address, {"Host": host})
    assert at_this_machine(address, {"host": host, "origin": f"http://{host}"})


@pytest.mark.parametrize(
    "address", ["192.0.2.7", "10.0.0.1", "::ffff:10.0.0.1", "fd00::2", "", "localhost.evil.example"]
)
def test_nobody_else_does(address):
    assert not at_this_machine(address, HERE)


@pytest.mark.parametrize(
    "said",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"x-forwarded-for": ""},
        {"X-FORWARDED-PROTO": "https"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"CF-Connecting-IP": "127.0.0.1"},
        {"Host": "knobs.example.org"},
        {"Host": "127.0.0.1.example.org"},
        {"Host": ""},
        {"Host": "localhost@evil.example"},
        {"Origin": "https://knobs.example.org"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
def test_nor_whoever_comes_through_a_proxy_or_by_another_name(said):
    assert not at_this_machine("127.0.0.1", HERE | said)


def test_a_request_that_names_no_host_is_nobodys():
    assert not at_this_machine("127.0.0.1", {})


@pytest.mark.parametrize("address", ["", "0.0.0.0", "::", "192.168.1.7", "example.org"])
def test_servers_that_others_reach(address):
    assert not is_loopback(address)


@pytest.mark.parametrize(
    ("name", "told", "read"),
    [
        ("KNOBS_JOBS", "yes", settings.jobs),
        ("KNOBS_JOBS", " 1", settings.jobs),
        ("KNOBS_MAX_SESSIONS", "0", settings.most_sessions),
        ("KNOBS_MAX_SESSIONS", "-3", settings.most_sessions),
        ("KNOBS_MAX_SESSIONS", "1e3", settings.most_sessions),
        ("KNOBS_IMAGE_HOSTS", "covers.example.org; script-src *", settings.image_hosts),
        ("KNOBS_IMAGE_HOSTS", "*", settings.image_hosts),
        ("KNOBS_IMAGE_HOSTS", "data:", settings.image_hosts),
    ],
)
def test_a_setting_that_is_none_is_refused(monkeypatch, name, told, read):
    monkeypatch.setenv(name, told)
    with pytest.raises(ConfigError, match=name):
        read()


def test_settings_that_are_not_set(monkeypatch):
    for name in ("KNOBS_JOBS", "KNOBS_MAX_SESSIONS", "KNOBS_IMAGE_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    assert (settings.jobs(), settings.most_sessions(), settings.image_hosts()) == ("", 200, ())
    monkeypatch.setenv("KNOBS_IMAGE_HOSTS", "Covers.example.org, *.example.com")
    assert settings.image_hosts() == ("covers.example.org", "*.example.com")

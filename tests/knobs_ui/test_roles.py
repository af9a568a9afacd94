"""Who somebody is by what their provider says, and settings that say who may do what."""

import time

import pytest

from knobs_core.base import ConfigError, KnobsError
from knobs_ui import gate, provider, roles, settings
from knobs_ui.roles import Role

NAMES = ("KNOBS_READERS", "KNOBS_EDITORS", "KNOBS_CHIEFS", "KNOBS_SIGN_IN", "KNOBS_GROUPS_CLAIM")
AUTH = {
    "redirect_uri": "https://knobs.example.org/oauth2callback",
    "cookie_secret": "x" * 32,
    "client_id": "knobs",
    "client_secret": "y",
    "server_metadata_url": "https://id.example.org/.well-known/openid-configuration",
}


@pytest.fixture(autouse=True)
def lists(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KNOBS_EDITORS", "Eva@example.org, group:desk")
    monkeypatch.setenv("KNOBS_CHIEFS", "boss@example.org,group:Chief Editors")


def claims(**more):
    now = int(time.time())
    base = {"is_logged_in": True, "iss": "https://id.example.org", "sub": "17", "iat": now, "exp": now + 86_400}
    return {**base, "nonce": "n", **more}


def mail(address, verified=True, **more):
    return claims(email=address, email_verified=verified, **more)


@pytest.mark.parametrize(
    ("said", "role", "name"),
    [
        (mail("eva@example.org"), Role.EDITOR, "eva@example.org"),
        (mail("EVA@EXAMPLE.ORG", "true"), Role.EDITOR, "eva@example.org"),
        (mail("boss@example.org"), Role.CHIEF, "boss@example.org"),
        (mail("rita@example.org", groups=["desk"]), Role.EDITOR, "rita@example.org"),
        (mail("eva@example.org", groups=["Chief Editors", "desk"]), Role.CHIEF, "eva@example.org"),
        (claims(groups="desk"), Role.EDITOR, "17"),
        (claims(name="Rita\n R.", groups=["Desk", "group:desk", 7, None]), Role.READER, "Rita R. (17)"),
        (claims(groups={"desk": True}), Role.READER, "17"),
        (claims(sub="a" * 300), Role.READER, "a" * 200),
        # What people write themselves is no address, and not written down as one.
        (mail("eva@example.org", False, name="eva@example.org"), Role.READER, "17"),
        (mail("eva@example.org", 1), Role.READER, "17"),
        (mail("eva@example.org", "yes"), Role.READER, "17"),
        (mail("eva@example.org", None), Role.READER, "17"),
        (mail(["eva@example.org"]), Role.READER, "17"),
        (mail("group:desk"), Role.READER, "17"),
        (mail("eva@example.org "), Role.READER, "17"),
        (mail("\u212ava@example.org".replace("\u212a", "\uff45")), Role.READER, "17"),  # full-width e
        (claims(preferred_username="eva@example.org", name="Eva"), Role.READER, "Eva (17)"),
    ],
)
def test_a_role_is_what_the_provider_vouches_for(said, role, name):
    who = roles.known(said)
    assert (who.role, who.name, who.open) == (role, name, False)


@pytest.mark.parametrize(
    "said",
    [
        {},
        claims() | {"is_logged_in": "true"},
        claims() | {"is_logged_in": False},
        claims() | {"sub": ""},
        claims() | {"sub": 17},
        *(mail("boss@example.org") | {"exp": until} for until in (0, time.time() - 1, float("nan"), True, "9e9", None)),
    ],
)
def test_without_the_providers_word_somebody_is_a_stranger(said):
    who = roles.known(said)
    assert (who.role, who.name) == (Role.STRANGER, "")


def test_what_is_amiss_is_said():
    assert roles.known(claims() | {"exp": 1}).note == roles.EXPIRED
    assert roles.known(mail("eva@example.org", False)).note == roles.UNVERIFIED
    assert roles.known(mail("rita@example.org")).note == ""
    assert roles.known(mail("new@example.org", False, groups=["Chief Editors"])).note == ""


def test_a_sign_in_ends_and_the_next_one_counts():
    first, second = mail("eva@example.org", nonce="first"), mail("eva@example.org", nonce="second")
    roles.end(first)
    assert roles.known(first) == roles.Somebody("", Role.STRANGER, note=roles.ENDED)
    assert roles.known(second).role == Role.EDITOR
    for nonsense in ({}, {"exp": "x"}, {"exp": None}, mail("eva@example.org", exp=1)):
        roles.end(nonsense)
    assert len(roles._ended) == 1  # what has expired is not kept
    roles._ended.clear()


def test_readers_that_are_listed_are_all_that_read(monkeypatch):
    assert roles.may_read({})
    monkeypatch.setenv("KNOBS_READERS", "rita@example.org")
    assert roles.known(mail("rita@example.org")).role == Role.READER
    assert roles.known(mail("eva@example.org")).role == Role.EDITOR  # whoever edits reads
    other = roles.known(mail("other@example.org"))
    assert (other.role, other.note) == (Role.STRANGER, roles.NOT_LISTED)
    assert [roles.may_read(one) for one in (mail("rita@example.org"), mail("other@example.org"), {})] == [1, 0, 0]


def test_everybody_signs_in_where_that_is_required(monkeypatch):
    monkeypatch.setenv("KNOBS_SIGN_IN", "required")
    assert roles.may_read(mail("other@example.org"))
    assert not roles.may_read({})
    assert not roles.may_read(mail("boss@example.org") | {"exp": 1})


def test_groups_have_the_name_that_the_provider_gives_them(monkeypatch):
    monkeypatch.setenv("KNOBS_GROUPS_CLAIM", "https://example.org/roles")
    assert roles.known(claims(groups=["desk"])).role == Role.READER
    assert roles.known(claims(**{"https://example.org/roles": ["desk"]})).role == Role.EDITOR


def test_without_lists_it_is_the_owner_at_this_machine_who_is_chief(monkeypatch):
    """Here is no browser, so nobody is the owner; ``test_sign_in.py`` has one."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    who = roles.somebody()
    assert who == roles.Somebody("", Role.READER, open=True, note=roles.ELSEWHERE)
    assert roles.require(Role.READER) == who
    with pytest.raises(roles.ForbiddenError, match=r"expected an editor, found .* a reader; signing in is off here"):
        roles.require(Role.EDITOR)
    assert issubclass(roles.ForbiddenError, KnobsError)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("KNOBS_EDITORS", "eva"),
        ("KNOBS_EDITORS", "eva@example.org boss@example.org"),
        ("KNOBS_CHIEFS", "*@example.org"),
        ("KNOBS_CHIEFS", "@example.org"),
        ("KNOBS_CHIEFS", "group:"),
        ("KNOBS_READERS", "évà@example.org"),
        ("KNOBS_READERS", "a" * 200 + "@example.org"),
        ("KNOBS_SIGN_IN", "yes"),
        ("KNOBS_GROUPS_CLAIM", "two words"),
        ("KNOBS_GROUPS_CLAIM", "name"),
        ("KNOBS_GROUPS_CLAIM", "email"),
    ],
)
def test_a_setting_that_is_none_ends_the_server_in_one_line(monkeypatch, capsys, name, told):
    monkeypatch.setenv(name, told)
    with pytest.raises(SystemExit):
        gate.layers()
    said = capsys.readouterr().err
    assert name in said
    assert said.count("\n") == 1


def test_lists_are_apart_by_commas(monkeypatch):
    monkeypatch.setenv("KNOBS_READERS", " Rita@example.org ,, group: Night Desk ,a+b@x.example")
    assert settings.listed("KNOBS_READERS") == {"rita@example.org", "group:Night Desk", "a+b@x.example"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cookie_secret": "x" * 31}, "cookie_secret"),
        ({"cookie_secret": None}, "cookie_secret"),
        ({"redirect_uri": "http://knobs.example.org/oauth2callback"}, "redirect_uri"),
        ({"redirect_uri": "https://knobs.example.org/"}, "redirect_uri"),
        ({"redirect_uri": "/oauth2callback"}, "redirect_uri"),
        ({"client_secret": ""}, "no client_secret"),
        ({"client_id": None, "client_secret": None, "server_metadata_url": None}, "no client_id"),
        ({"our_own": dict.fromkeys(provider.NEEDED, "z")}, "'our_own'"),
        ({"okta": {"client_id": "z"}}, "'okta'"),
    ],
)
def test_a_provider_with_something_missing_is_refused(changed, said):
    provider.check(AUTH)
    provider.check(AUTH | {"redirect_uri": "http://localhost:8501/oauth2callback"})
    with pytest.raises(ConfigError, match=said):
        provider.check({name: value for name, value in (AUTH | changed).items() if value is not None})


def test_a_provider_and_lists_go_together(monkeypatch):
    with pytest.raises(ConfigError, match=r"expected \[auth\]"):
        provider.check({})
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    provider.check({})
    with pytest.raises(ConfigError, match="expected somebody in KNOBS_CHIEFS"):
        provider.check(AUTH)


def test_several_providers_have_names():
    own = {name: AUTH[name] for name in provider.NEEDED}
    shared = {name: AUTH[name] for name in ("redirect_uri", "cookie_secret")}
    assert [*provider.providers(AUTH | {"client_kwargs": {"prompt": "login"}})] == ["default"]
    assert [*provider.providers({**shared, "okta": own, "google": own})] == ["okta", "google"]
    assert [*provider.providers({**AUTH, "okta": own})] == ["default", "okta"]

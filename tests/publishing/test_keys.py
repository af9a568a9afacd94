"""Keys of programs: shown once, kept as a digest, taken back by name."""

import dataclasses
import hashlib
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from knobs_core.base import ConfigError, UnknownNameError
from knobs_core.publishing import Keys, key_of


@pytest.fixture
def keys(store):
    return Keys(store.database)


def test_a_key_is_known_by_its_digest_alone(keys):
    secret, other = keys.create("site"), keys.create("mail.2")
    assert secret != other
    assert len(secret.removeprefix("knobs_")) == 43  # 256 bits in base 64
    assert [key.name for key in keys.all()] == ["mail.2", "site"]
    assert key_of(keys.all(), secret).name == "site"
    assert key_of(keys.all(), secret[:-1]) is None
    assert key_of(keys.all(), "") is None
    with keys.database.engine.connect() as connection:
        rows = str(connection.execute(sa.text("SELECT * FROM keys")).all())
    assert secret not in rows
    assert secret.removeprefix("knobs_") not in rows
    assert hashlib.sha256(secret.encode()).hexdigest() in rows
    assert "digest" not in repr(keys.all())


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 81, "a\nb", "../x"])
def test_a_name_that_is_none(keys, name):
    with pytest.raises(ConfigError, match="a name of letters"):
        keys.create(name)


def test_a_scope_that_is_none(keys):
    with pytest.raises(ConfigError, match="a scope: read"):
        keys.create("site", "write")
    assert keys.all() == []


def test_a_name_is_used_once(keys):
    keys.create("site")
    with pytest.raises(ConfigError, match="no key had yet"):
        keys.create("site")
    keys.revoke("site")
    with pytest.raises(ConfigError, match="no key had yet"):
        keys.create("site")


def test_a_key_that_is_revoked_opens_nothing(keys):
    secret = keys.create("site")
    revoked = keys.revoke("site")
    assert revoked.revoked <= datetime.now(UTC)
    assert key_of(keys.all(), secret) is None
    assert key_of([dataclasses.replace(revoked, revoked=None)], secret)  # it is that which closes it
    for name in ("site", "sits"):
        with pytest.raises(UnknownNameError, match="there are none"):
            keys.revoke(name)
    keys.create("mail")
    with pytest.raises(UnknownNameError, match="mail"):
        keys.revoke("mali")


def test_uses_are_counted(keys):
    keys.create("site")
    keys.create("mail")
    moment = datetime(2026, 12, 24, 18, tzinfo=UTC)
    keys.count({"site": 3, "gone": 1}, moment)
    keys.count({"site": 2}, moment)
    mail, site = keys.all()
    assert (site.calls, site.used, mail.calls, mail.used) == (5, moment, 0, None)

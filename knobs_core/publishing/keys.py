"""Keys by which programs fetch lists: shown once, kept as a digest, taken back by name.

A key is 256 random bits, and what is kept of it is their SHA-256. A slow hash such as scrypt is for passwords, which
people think of and others can guess: it makes each of some billion guesses dear. Of 2^256 keys nobody guesses one at
any price, and a slow hash would make every call dear instead.
"""

import dataclasses
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from knobs_core.base import ConfigError, UnknownNameError, nearest, quoted
from knobs_core.publishing.database import Database
from knobs_core.publishing.tables import KeyRow

BYTES = 32  # of a key that are random
SCOPES = ("read",)
NAME = re.compile(r"[\w.-]{1,80}", re.ASCII)
PREFIX = "knobs_"  # by which somebody who finds a key in a file knows what it is


@dataclasses.dataclass(frozen=True)
class Key:
    """What is known of a key. scope: what it opens; times are in UTC; used, calls: about a minute behind."""

    name: str
    digest: str = dataclasses.field(repr=False)
    scope: str
    made: datetime
    revoked: datetime | None = None
    used: datetime | None = None
    calls: int = 0


class Keys:
    """The keys of a house.

    Every method raises StorageError where the database cannot be reached or written, and then nothing was changed.
    """

    def __init__(self, database: Database):
        self.database = database

    def create(self, name: str, scope: str = "read") -> str:
        """Make a key and return it; it can never be read again.

        Raises:
            ConfigError: a name or a scope that is none, or a name that is taken, also by a key that was revoked.
        """
        if not NAME.fullmatch(name):
            raise ConfigError("a name of letters, digits, '.', '-' and '_', 80 at most", quoted(name), "name it so")
        if scope not in SCOPES:
            raise ConfigError(f"a scope: {', '.join(SCOPES)}", quoted(scope), "choose one")
        secret = PREFIX + secrets.token_urlsafe(BYTES)
        row = KeyRow(name=name, digest=digest_of(secret), scope=scope, made=datetime.now(UTC), calls=0)
        try:
            with self.database.writing() as session:
                session.add(row)
        except IntegrityError:
            raise ConfigError("a name that no key had yet", quoted(name), "choose another one") from None
        return secret

    def all(self) -> list[Key]:
        """All keys by name, those that were revoked too."""
        with self.database.reading() as session:
            return keys_in(session.scalars(select(KeyRow)))

    def revoke(self, name: str) -> Key:
        """Take a key back; servers learn of it within seconds. It stays in the list, and its name stays taken.

        Raises:
            UnknownNameError: there is no such key, or it was revoked before.
        """
        with self.database.writing() as session:
            row = session.get(KeyRow, name, with_for_update=True)
            if row is None or row.revoked:
                valid = session.scalars(select(KeyRow.name).where(KeyRow.revoked.is_(None)).order_by(KeyRow.name))
                raise UnknownNameError("the name of a key that is valid", quoted(name), nearest(name, valid))
            row.revoked = datetime.now(UTC)
            session.flush()
            [key] = keys_in([row])
        return key

    def count(self, calls: Mapping[str, int], at: datetime) -> None:
        """Add to how often keys were used, {name: times}. at: the moment of the last of these calls, about."""
        with self.database.writing() as session:
            for row in session.scalars(select(KeyRow).where(KeyRow.name.in_(calls)).with_for_update()):
                row.calls, row.used = row.calls + calls[row.name], at


def digest_of(secret: str) -> str:
    """What is kept of a key: SHA-256 in hexadecimal digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def key_of(keys: Iterable[Key], secret: str) -> Key | None:
    """The valid key that somebody shows, if it is one. It takes equally long whichever it is, and whether it is one."""
    shown, found = digest_of(secret), None
    for key in keys:
        if hmac.compare_digest(key.digest, shown) and key.revoked is None:
            found = key
    return found


def keys_in(rows: Iterable[KeyRow]) -> list[Key]:
    """Keys of rows, by name."""
    found = [Key(row.name, row.digest, row.scope, row.made, row.revoked, row.used, row.calls) for row in rows]
    return sorted(found, key=lambda key: key.name)

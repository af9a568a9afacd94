"""The tables of recipes, keys, timings and studies. A version is written once and never changed; a row of ``recipes``
says which two count. An answer is written once as well."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Integer, MetaData, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no time zones, so they are put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )


class RecipeRow(Table):
    """draft: the newest version; live: the one that readers get; revision: counts the changes of this row, so that of
    two people who change it at once the second one learns of the first."""

    __tablename__ = "recipes"
    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    draft: Mapped[int]
    live: Mapped[int | None]
    archived: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(Integer)
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012


class VersionRow(Table):
    """One version of a recipe. Two people who save at once ask for the same number, and one of them gets it."""

    __tablename__ = "versions"
    slug: Mapped[str] = mapped_column(String(80), ForeignKey("recipes.slug"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)


class HouseRow(Table):
    """One version of the house rules; the newest one holds."""

    __tablename__ = "house_rules"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)


class ActRow(Table):
    """What somebody did. was, now: the live version before and after."""

    __tablename__ = "acts"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(String(200))
    what: Mapped[str] = mapped_column(String(40))
    slug: Mapped[str] = mapped_column(String(80), index=True)
    was: Mapped[int | None]
    now: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")


class KeyRow(Table):
    """A key by which a program may fetch lists. digest: SHA-256 of it in hexadecimal digits; the key itself is nowhere.
    used, calls: when it was used last and how often, a minute or so behind."""

    __tablename__ = "keys"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(20))
    made: Mapped[datetime] = mapped_column(Moment)
    revoked: Mapped[datetime | None] = mapped_column(Moment)
    used: Mapped[datetime | None] = mapped_column(Moment)
    calls: Mapped[int] = mapped_column(BigInteger, default=0)


class TimingRow(Table):
    """How many lists of a recipe took how long in an hour. step: of time; see timings.py."""

    __tablename__ = "timings"
    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    hour: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lists: Mapped[int] = mapped_column(BigInteger)


class StudyRow(Table):
    """A study as it was when the first people were let in. digest: SHA-256 of its document."""

    __tablename__ = "studies"
    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Moment)


class ParticipantRow(Table):
    """Somebody who may take part in a study. id: says nothing of them; digest: of their code, as of a key."""

    __tablename__ = "participants"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), ForeignKey("studies.slug"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    consented: Mapped[datetime | None] = mapped_column(Moment)
    finished: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn: Mapped[datetime | None] = mapped_column(Moment)


class AnswerRow(Table):
    """What a participant answered at a step, from 0."""

    __tablename__ = "answers"
    participant: Mapped[str] = mapped_column(String(32), ForeignKey("participants.id"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Moment)

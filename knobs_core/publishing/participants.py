"""Who takes part in studies and what they answer: a code each, consent first, every answer once, and a way out.

A study is registered before anybody is let in. From the first consent on it stays as it was: answers to two versions of
a question are not answers to one. What a study asks is not known here; documents come and go as they are.

A code is 256 random bits like a key (``keys.py``), of which the digest alone is kept. Nothing says who has which code.
"""

import dataclasses
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from knobs_core.base import ConfigError, UnknownNameError
from knobs_core.publishing.database import Database
from knobs_core.publishing.keys import BYTES, digest_of
from knobs_core.publishing.tables import AnswerRow, ParticipantRow, StudyRow


@dataclasses.dataclass(frozen=True)
class Registered:
    """A study as it counts. digest: SHA-256 of its document; at: since when, in UTC."""

    slug: str
    digest: str
    document: dict[str, Any]
    at: datetime


@dataclasses.dataclass(frozen=True)
class Participant:
    """Somebody who may take part. id: random, and all that is known of them; times are in UTC."""

    id: str
    slug: str
    consented: datetime | None = None
    finished: datetime | None = None
    withdrawn: datetime | None = None


@dataclasses.dataclass(frozen=True)
class Answered:
    """What was answered at a step, from 0; at: when, in UTC."""

    step: int
    document: dict[str, Any]
    at: datetime


class Participants:
    """The people of all studies, and their answers.

    Every method raises StorageError where the database cannot be reached or written, and then nothing was changed.
    """

    def __init__(self, database: Database):
        self.database = database

    def register(self, slug: str, document: Mapping[str, Any]) -> Registered:
        """Let a study count from now on; one that counts already stays as it is.

        Raises:
            ConfigError: somebody has consented to another document under this name.
        """
        digest, now = _digest(document), datetime.now(UTC)
        with self.database.writing() as session:
            row = session.get(StudyRow, slug, with_for_update=True)
            if row is None:
                row = StudyRow(slug=slug, digest=digest, document=dict(document), at=now)
                session.add(row)
            elif row.digest != digest:
                if began := _began(session, slug):
                    found = f"another one, after {began:,} {'person' if began == 1 else 'people'} consented to it"
                    expected = f"the study {slug} as it was registered on {row.at:%Y-%m-%d %H:%M} UTC"
                    raise ConfigError(expected, found, "bring the file back to what it was, or give the new one an id")
                row.digest, row.document, row.at = digest, dict(document), now
            session.flush()
            return _registered(row)

    def registered(self, slug: str) -> Registered | None:
        """The study that counts under a name; None where nobody was let in yet."""
        with self.database.reading() as session:
            row = session.get(StudyRow, slug)
            return None if row is None else _registered(row)

    def invite(self, slug: str, n: int = 1) -> list[str]:
        """Make n codes for a study that is registered; they can never be read again.

        Raises:
            UnknownNameError: no such study.
        """
        codes = [secrets.token_urlsafe(BYTES) for _ in range(n)]
        with self.database.writing() as session:
            if session.get(StudyRow, slug) is None:
                raise UnknownNameError("a study that is registered", f"'{slug}'", "register it first")
            session.add_all(ParticipantRow(id=secrets.token_hex(16), slug=slug, digest=digest_of(one)) for one in codes)
        return codes

    def find(self, slug: str, code: str) -> Participant:
        """The participant of a study who has a code.

        Raises:
            UnknownNameError: nobody has.
        """
        found = select(ParticipantRow).where(ParticipantRow.digest == digest_of(code), ParticipantRow.slug == slug)
        with self.database.reading() as session:
            row = session.scalars(found).first()
            if row is None:
                raise UnknownNameError(
                    "the code of an invitation", "one that nobody has", "open the whole link of yours once more"
                )
            return _participant(row)

    def all(self, slug: str) -> list[Participant]:
        """Everybody of a study, those who consented first before others."""
        order = (ParticipantRow.consented.is_(None), ParticipantRow.consented, ParticipantRow.id)
        with self.database.reading() as session:
            rows = session.scalars(select(ParticipantRow).where(ParticipantRow.slug == slug).order_by(*order))
            return [_participant(row) for row in rows]

    def consent(self, id: str) -> Participant:
        """Note that somebody takes part; before this nothing of theirs is kept. Once more changes nothing.

        Raises:
            ConfigError: they have withdrawn.
        """
        with self.database.writing() as session:
            row = _taking_part(session, id)
            row.consented = row.consented or datetime.now(UTC)
            return _participant(row)

    def answer(self, id: str, step: int, document: Mapping[str, Any], last: bool = False) -> bool:
        """Keep an answer to the next step. One that was given to an earlier step stays as it is.

        Args:
            last: whether the study ends with it.

        Returns:
            Whether it was kept; False where this step was answered before.

        Raises:
            ConfigError: somebody who has not consented, has withdrawn or has finished, or a step that is not next.
        """
        with self.database.writing() as session:
            row = _taking_part(session, id)
            if row.consented is None:
                raise ConfigError("consent before the first answer", "none", "begin on the study's first page")
            given = session.scalar(select(func.count()).where(AnswerRow.participant == id)) or 0
            if step < given:
                return False
            if row.finished or step > given:
                raise ConfigError(f"an answer to step {given + 1}", f"one to step {step + 1}", "reload the page")
            now = datetime.now(UTC)
            session.add(AnswerRow(participant=id, step=step, document=dict(document), at=now))
            row.finished = now if last else None
            return True

    def answers(self, id: str) -> list[Answered]:
        """All that somebody has answered, in order."""
        found = select(AnswerRow).where(AnswerRow.participant == id).order_by(AnswerRow.step)
        with self.database.reading() as session:
            return [Answered(row.step, row.document, row.at) for row in session.scalars(found)]

    def withdraw(self, id: str) -> Participant:
        """Delete all that is kept of somebody; their code opens nothing any more. Once more changes nothing."""
        with self.database.writing() as session:
            row = _row(session, id)
            session.execute(delete(AnswerRow).where(AnswerRow.participant == id))
            row.consented = row.finished = None
            row.withdrawn = row.withdrawn or datetime.now(UTC)
            return _participant(row)

    def delete(self, slug: str) -> None:
        """Delete a study as it was registered, its codes and all that is kept of its people.

        Raises:
            UnknownNameError: no such study.
        """
        with self.database.writing() as session:
            row = session.get(StudyRow, slug, with_for_update=True)
            if row is None:
                raise UnknownNameError("a study that is registered", f"'{slug}'", "it may be deleted already")
            people = select(ParticipantRow.id).where(ParticipantRow.slug == slug)
            session.execute(people.with_for_update())  # whoever is answering is waited for
            session.execute(delete(AnswerRow).where(AnswerRow.participant.in_(people)))
            session.execute(delete(ParticipantRow).where(ParticipantRow.slug == slug))
            session.delete(row)


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _began(session: Session, slug: str) -> int:
    """How many people have consented to a study. Of those who withdrew nothing is kept that could be mixed up."""
    began = ParticipantRow.consented.is_not(None)
    return session.scalar(select(func.count()).where(ParticipantRow.slug == slug, began)) or 0


def _row(session: Session, id: str) -> ParticipantRow:
    """The row of somebody; whoever wants to change it waits for others who do."""
    row = session.get(ParticipantRow, id, with_for_update=True)
    if row is None:
        raise UnknownNameError("a participant", "one whose study was deleted", "ask for another invitation")
    return row


def _taking_part(session: Session, id: str) -> ParticipantRow:
    """The row of somebody who has not withdrawn."""
    row = _row(session, id)
    if row.withdrawn:
        raise ConfigError("a participant", "one who has withdrawn", "ask for another invitation")
    return row


def _participant(row: ParticipantRow) -> Participant:
    return Participant(row.id, row.slug, row.consented, row.finished, row.withdrawn)


def _registered(row: StudyRow) -> Registered:
    return Registered(row.slug, row.digest, row.document, row.at)

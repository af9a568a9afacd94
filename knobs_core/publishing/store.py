"""Recipes kept in versions. Saving makes a new draft; what readers get changes by publishing alone.

Nothing is ever overwritten: a version is written once, an editor who saves upon an older one gets the changes of both
merged or is told what clashes, and what is live is one number that is compared and swapped.
"""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from knobs_core.base import BundleError, ConfigError, KnobsError, UnknownNameError
from knobs_core.lists import HouseRules, ListRecipe, recipe_of
from knobs_core.publishing.changes import merge
from knobs_core.publishing.database import Database
from knobs_core.publishing.tables import ActRow, HouseRow, RecipeRow, VersionRow

TRIES = 3  # of a change, as two may begin one recipe at once
Answer = TypeVar("Answer")


class OvertakenError(KnobsError):
    """Somebody else was faster, and what both changed cannot be put together. Nothing was saved.

    theirs: the version that stands now; fields: what both of you changed.
    """

    def __init__(self, expected: str, theirs: "Version", fields: tuple[str, ...], remedy: str):
        said = f"version {theirs.number}, saved by {theirs.by} at {theirs.at:%Y-%m-%d %H:%M} UTC"
        super().__init__(expected, f"{said}; both of you changed {', '.join(fields)}" if fields else said, remedy)
        self.theirs, self.fields = theirs, fields


@dataclasses.dataclass(frozen=True)
class Version:
    """One version of a recipe. by: who saved it; at: when, in UTC."""

    slug: str
    number: int
    recipe: ListRecipe
    by: str
    at: datetime


@dataclasses.dataclass(frozen=True)
class HouseVersion:
    """One version of the house rules; 0 where none was saved yet."""

    number: int
    rules: HouseRules
    by: str = ""
    at: datetime | None = None


@dataclasses.dataclass(frozen=True)
class Saved:
    """What saving made. merged: the fields in which somebody else's changes came in."""

    version: Version
    merged: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Entry:
    """A recipe among others. draft, live: numbers of versions; state: of the live one, in time."""

    slug: str
    headline: str
    draft: int
    live: int | None
    state: Literal["draft", "upcoming", "on air", "expired", "archived"]
    by: str
    at: datetime


@dataclasses.dataclass(frozen=True)
class Act:
    """What somebody did with a recipe. was, now: the live version before and after."""

    at: datetime
    by: str
    what: str
    slug: str
    was: int | None
    now: int | None
    note: str


class Store:
    """All recipes of a house.

    Args:
        database: by default the one that DATABASE_URL names, see ``Database``.

    Every method raises StorageError where the database cannot be reached or written, and then nothing was changed.
    """

    def __init__(self, database: Database | None = None):
        self.database = database or Database()

    def entries(self, archived: bool = False) -> list[Entry]:
        """All recipes by slug; with or without those that were archived."""
        now = datetime.now(UTC)
        with self.database.reading() as session:
            rows = session.scalars(select(RecipeRow).order_by(RecipeRow.slug)).all()
            return [_entry(session, row, now) for row in rows if archived or not row.archived]

    def version(self, slug: str, number: int | None = None) -> Version:
        """A version, by default the newest, which is the draft. Raises: UnknownNameError: there is none."""
        with self.database.reading() as session:
            return _version(session, slug, _row(session, slug).draft if number is None else number)

    def live(self, slug: str) -> Version | None:
        """The version that was published last; None where there is none. ``recipe.state()`` says whether it is on air.

        Raises:
            UnknownNameError: no such recipe.
        """
        with self.database.reading() as session:
            row = _row(session, slug)
            return None if row.live is None else _version(session, slug, row.live)

    def history(self, slug: str) -> list[Version]:
        """All versions, the newest first. Raises: UnknownNameError: no such recipe."""
        with self.database.reading() as session:
            _row(session, slug)
            found = select(VersionRow).where(VersionRow.slug == slug).order_by(VersionRow.number.desc())
            return [version_of(row) for row in session.scalars(found)]

    def acts(self, slug: str | None = None) -> list[Act]:
        """Who did what, the newest first, with one recipe or all."""
        found = select(ActRow).order_by(ActRow.id.desc())
        with self.database.reading() as session:
            rows = session.scalars(found if slug is None else found.where(ActRow.slug == slug))
            return [Act(row.at, row.by, row.what, row.slug, row.was, row.now, row.note) for row in rows]

    def save(self, recipe: ListRecipe, by: str, base: int = 0) -> Saved:
        """Save a recipe as its new draft.

        Args:
            by: who saves it.
            base: number of the version that the editor started from; 0 for a new recipe.

        Raises:
            OvertakenError: somebody else saved meanwhile and both changed the same, or the slug is taken.
            UnknownNameError: there is no version ``base``.
        """

        def attempt(session: Session) -> Saved:
            row = session.get(RecipeRow, recipe.slug, with_for_update=True)
            if row is None:
                if base:
                    raise _unknown(recipe.slug)
                session.add(RecipeRow(slug=recipe.slug, draft=1, live=None, archived=False))
                session.flush()
                return Saved(_write(session, recipe, 1, by))
            newest = _version(session, recipe.slug, row.draft)
            if recipe == newest.recipe:
                return Saved(newest)
            if base == 0:
                raise OvertakenError(f"a name that is free: {recipe.slug}", newest, (), "choose another one")
            mine, taken = recipe, tuple[str, ...]()
            if base != row.draft:
                merged = merge(_version(session, recipe.slug, base).recipe, newest.recipe, recipe)
                if merged.recipe is None:
                    expected = f"version {base} of {recipe.slug} as the newest"
                    raise OvertakenError(expected, newest, merged.clashes, "take theirs or yours, then save again")
                mine, taken = merged.recipe, merged.taken
                if mine == newest.recipe:
                    return Saved(newest, taken)
            row.draft += 1
            session.flush()
            return Saved(_write(session, mine, row.draft, by), taken)

        return self._change(attempt)

    def publish(self, slug: str, number: int, by: str, note: str, was: int | None, bundle: str | None = None) -> Act:
        """Put a version on air, whichever it is; what happened before stays in the history.

        Args:
            note: why; it is not left empty.
            was: the version that was live when the decision was made, None for none.
            bundle: id of the one that readers get their lists from; where it is not given, nothing is asked of it.

        Raises:
            OvertakenError: another one is live by now. UnknownNameError: no such version.
            ConfigError: no note, an archived recipe, or one whose time is over.
            BundleError: a version that was made with another bundle, until it is carried over, see ``health.py``.
        """
        if not note.strip():
            raise ConfigError("a note that says why", "none", "write a sentence")

        def attempt(session: Session) -> Act:
            row, version = _row(session, slug, change=True), _version(session, slug, number)
            if row.archived:
                raise ConfigError(f"a recipe that is not archived: {slug}", "one that is", "take it out of the archive")
            if version.recipe.state() == "expired":
                expected = f"a version of {slug} whose time is not over"
                raise ConfigError(expected, f"{version.recipe.times}", "change its valid_to and save it")
            if bundle is not None and version.recipe.bundle not in ("", bundle):
                expected = f"a version of {slug} made for bundle {bundle}"
                found = f"version {number}, made for {version.recipe.bundle}"
                raise BundleError(expected, found, "carry the recipe over, see knobs recipes health")
            _still(session, row, was)
            return _act(session, row, by, "published", number, note.strip())

        return self._change(attempt)

    def withdraw(self, slug: str, by: str, note: str, was: int | None) -> Act:
        """Take a recipe off the air; see ``publish``."""

        def attempt(session: Session) -> Act:
            row = _row(session, slug, change=True)
            _still(session, row, was)
            return _act(session, row, by, "withdrawn", None, note.strip())

        return self._change(attempt)

    def archive(self, slug: str, by: str, archived: bool = True) -> Act:
        """Put a recipe into the archive, which takes it off the air, or back out of it. Raises: UnknownNameError."""

        def attempt(session: Session) -> Act:
            row = _row(session, slug, change=True)
            row.archived = archived
            what = "archived" if archived else "taken out of the archive"
            return _act(session, row, by, what, None if archived else row.live, "")

        return self._change(attempt)

    def house(self) -> HouseVersion:
        """The rules that hold over every recipe."""
        with self.database.reading() as session:
            return newest_house(session)

    def save_house(self, rules: HouseRules, by: str, base: int) -> HouseVersion:
        """Change the house rules. base: number of the version that was looked at.

        Raises:
            ConfigError: somebody else changed them meanwhile.
        """

        def attempt(session: Session) -> HouseVersion:
            newest = session.scalar(select(func.max(HouseRow.number))) or 0
            if newest != base:
                raise ConfigError(f"house rules of version {base}", f"version {newest}", "look at them again")
            row = HouseRow(number=base + 1, document=rules.model_dump(mode="json"), by=by, at=datetime.now(UTC))
            session.add(row)
            _record(session, "", by, "changed the house rules", None, None, "")
            session.flush()
            return _house(row)

        return self._change(attempt)

    def _change(self, attempt: Callable[[Session], Answer]) -> Answer:
        """Do something in one transaction, and again where somebody else did something between."""
        for _ in range(TRIES - 1):
            try:
                with self.database.writing() as session:
                    return attempt(session)
            except (IntegrityError, StaleDataError):
                continue
        with self.database.writing() as session:
            return attempt(session)


def _unknown(slug: str) -> UnknownNameError:
    return UnknownNameError("a recipe", f"'{slug}', which there is none of", "see which there are")


def _row(session: Session, slug: str, change: bool = False) -> RecipeRow:
    """The row of a recipe; whoever wants to change it waits for others who do."""
    row = session.get(RecipeRow, slug, with_for_update=change)
    if row is None:
        raise _unknown(slug)
    return row


def _version(session: Session, slug: str, number: int) -> Version:
    row = session.get(VersionRow, (slug, number))
    if row is None:
        raise UnknownNameError(f"a version of {slug}", str(number), "see its history")
    return version_of(row)


def version_of(row: VersionRow) -> Version:
    """The version that a row holds. Raises: ConfigError: it holds none that this version of Knobs understands."""
    return Version(row.slug, row.number, recipe_of(row.document), row.by, row.at)


def newest_house(session: Session) -> HouseVersion:
    """The house rules that hold."""
    row = session.scalars(select(HouseRow).order_by(HouseRow.number.desc()).limit(1)).first()
    return HouseVersion(0, HouseRules()) if row is None else _house(row)


def _house(row: HouseRow) -> HouseVersion:
    return HouseVersion(row.number, HouseRules.model_validate(row.document), row.by, row.at)


def _write(session: Session, recipe: ListRecipe, number: int, by: str) -> Version:
    document: dict[str, Any] = recipe.model_dump(mode="json", exclude_defaults=True)
    row = VersionRow(slug=recipe.slug, number=number, document=document, by=by, at=datetime.now(UTC))
    session.add(row)
    session.flush()
    return version_of(row)


def _still(session: Session, row: RecipeRow, was: int | None) -> None:
    """Refuse where another version is live than the one somebody decided upon."""
    if row.live == was:
        return
    expected = f"version {was} of {row.slug} on air" if was else f"nothing of {row.slug} on air"
    if row.live is None:
        raise ConfigError(expected, "none", "look at it again")
    raise OvertakenError(expected, _version(session, row.slug, row.live), (), "look at it again")


def _act(session: Session, row: RecipeRow, by: str, what: str, now: int | None, note: str) -> Act:
    """Change what is live, and write down who did so."""
    was, row.live = row.live, now
    session.flush()
    return _record(session, row.slug, by, what, was, now, note)


def _record(session: Session, slug: str, by: str, what: str, was: int | None, now: int | None, note: str) -> Act:
    act = Act(datetime.now(UTC), by, what, slug, was, now, note)
    session.add(ActRow(**dataclasses.asdict(act)))
    return act


def _entry(session: Session, row: RecipeRow, now: datetime) -> Entry:
    draft = _version(session, row.slug, row.draft)
    live = None if row.live is None else _version(session, row.slug, row.live)
    state = "archived" if row.archived else "draft" if live is None else live.recipe.state(now)
    return Entry(row.slug, draft.recipe.headline, row.draft, row.live, state, draft.by, draft.at)

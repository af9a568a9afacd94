"""What readers may get at this moment: the versions that are live, the rules of the house, and the keys that are valid.

It is one look at the database, cheap enough to be taken every second: versions never change, so that only those are
read which were not live at the look before.
"""

import dataclasses
from collections.abc import Mapping

from sqlalchemy import select

from knobs_core.base import KnobsError
from knobs_core.publishing.database import Database
from knobs_core.publishing.keys import Key, keys_in
from knobs_core.publishing.store import HouseVersion, Version, newest_house, version_of
from knobs_core.publishing.tables import ActRow, KeyRow, RecipeRow, VersionRow


@dataclasses.dataclass(frozen=True)
class Live:
    """One look.

    versions: {slug: the version that was published last}, whether its time has come or not
    withdrawn: slugs of recipes that were published once and are not any more; of drafts nothing is said
    broken: {slug: why its version cannot be read}
    keys: those that were not revoked
    """

    versions: Mapping[str, Version]
    withdrawn: frozenset[str]
    broken: Mapping[str, str]
    house: HouseVersion
    keys: tuple[Key, ...]

    @classmethod
    def look(cls, database: Database, before: "Live | None" = None) -> "Live":
        """Look at a database. before: the last look at it.

        Raises:
            StorageError: it cannot be read. ConfigError: it holds house rules that are none.
        """
        known = before.versions if before else {}
        versions, broken = dict[str, Version](), dict[str, str]()
        with database.reading() as session:
            numbers = {row.slug: row.live for row in session.execute(select(RecipeRow.slug, RecipeRow.live))}
            off = [slug for slug, number in numbers.items() if number is None]
            acts = select(ActRow.slug).where(ActRow.slug.in_(off), ActRow.now.is_not(None)).distinct()
            withdrawn = frozenset(session.scalars(acts)) if off else frozenset()
            for slug, number in numbers.items():
                if number is None:
                    continue
                if slug in known and known[slug].number == number:
                    versions[slug] = known[slug]
                    continue
                try:
                    versions[slug] = version_of(session.get_one(VersionRow, (slug, number)))
                except KnobsError as error:
                    broken[slug] = str(error)
            keys = keys_in(session.scalars(select(KeyRow).where(KeyRow.revoked.is_(None))))
            return cls(versions, withdrawn, broken, newest_house(session), tuple(keys))

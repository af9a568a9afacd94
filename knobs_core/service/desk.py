"""What is asked of a server of lists, answered without a word about HTTP.

A reader who is not in the data gets a newcomer's list: the recipe on the mean taste of all users of the data, who has
seen nothing (``Bundle.newcomer``), and the answer says so. Arms hold for such readers as for others.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from knobs_core.base import ConfigError, UnknownNameError, nearest, quoted
from knobs_core.bundles import Bundle, Person
from knobs_core.lists import Row, left_out_by, reader_notes, stamp_of, steered_list
from knobs_core.service import answers
from knobs_core.service.asked import MOST_DIALS
from knobs_core.service.lookup import receipt
from knobs_core.service.offer import Offer
from knobs_core.service.problems import Problem
from knobs_core.service.settings import Settings
from knobs_core.service.watch import Watch
from knobs_core.steering import OPERATORS, SPREAD, Dial

KEPT = 128  # people whose tastes are kept
LISTED = 20  # rows of a list by dials where nothing is said


class Who(NamedTuple):
    """Whose list it is. reader: their id, as the data has it; items: what they like instead, in the order of the data;
    fallback: whether they get a newcomer's list."""

    reader: str | None = None
    items: tuple[str, ...] = ()
    fallback: bool = False

    @property
    def named(self) -> str:
        """What names them in the id of a list."""
        return json.dumps(["items", *self.items]) if self.reader is None else self.reader

    @property
    def stamped(self) -> dict[str, object]:
        """Who they are to a stamp."""
        return {"user": self.reader, "items": self.items, "newcomer": self.fallback}


class Desk:
    """Answers for one bundle.

    Args:
        bundle: that is served; watch: knows what is live; settings: of the owner.
    """

    def __init__(self, bundle: Bundle, watch: Watch, settings: Settings):
        self.bundle, self.watch, self.settings = bundle, watch, settings
        self._began = time.monotonic()
        self._known = lru_cache(maxsize=KEPT)(lambda reader, items: bundle.person(reader, items or None))
        self._left_out = lru_cache(maxsize=2)(lambda house: left_out_by(bundle, house))

    def offer(self, slug: str) -> Offer:
        """The recipe that is on air under a name.

        Raises:
            Problem: 404 there is none or its time has not come, 410 its time is over or it was taken off the air, 503
                the database cannot be read and so nobody knows.
        """
        live, named = self.watch.live, quoted(slug)
        if slug in live.broken:
            raise Problem(500, f"{named} cannot be read by this server: {live.broken[slug]}")
        if slug in live.withdrawn:
            raise Problem(410, f"{named} was taken off the air.")
        if slug not in live.versions:
            if self.watch.stale:
                raise Problem(
                    503, f"The database of recipes is down, and {named} was not on air.", {"Retry-After": "5"}
                )
            raise Problem(404, f"There is no recipe {named} on air.")
        offer = self.watch.offers[slug]
        state = offer.recipe.state()
        if state == "upcoming":
            raise Problem(404, f"{named} is not on air yet.")
        if state == "expired":
            raise Problem(410, f"The time of {named} is over ({offer.recipe.times}).")
        return offer

    def recipes(self) -> answers.Recipes:
        """All that are on air."""
        offers = sorted(self.watch.offers.items())
        return answers.Recipes(recipes=[_entry(one) for _, one in offers if one.recipe.state() == "on air"])

    def recipe(self, slug: str) -> answers.RecipeDetail:
        """One that is on air, with its notes."""
        offer = self.offer(slug)
        return answers.RecipeDetail(**_entry(offer).model_dump(), notes=offer.recipe.notes)

    def who(self, reader: str) -> Who:
        """Whose list a reader gets.

        Raises:
            Problem: 404 they are not in the data, and the owner wants no list for them.
        """
        data = self.bundle.interactions
        row = data.row(reader)
        if row is not None:
            return Who(str(data.user_ids[row]))
        if self.settings.unknown == "404":
            raise Problem(404, f"There is no reader {quoted(reader)} among the {data.n_users:,} of the data.")
        return Who(reader, fallback=True)

    def somebody(self, items: Sequence[str]) -> Who:
        """Somebody who likes some items, in whatever order.

        Raises:
            UnknownNameError: an id that no item has.
        """
        data, columns = self.bundle.interactions, list[int]()
        for item in items:
            column = data.column(item)
            if column is None:
                raise UnknownNameError(
                    f"ids among the {data.n_items:,} items", quoted(item), nearest(item, data.item_ids)
                )
            columns.append(column)
        return Who(items=tuple(map(str, data.item_ids[sorted(set(columns))])))

    def rows(self, n: int | None, otherwise: int) -> int:
        """How many rows are wanted.

        Raises:
            Problem: 422 more than the owner allows.
        """
        if n is not None and n > self.settings.max_n:
            raise Problem(422, f"A list here has at most {self.settings.max_n} rows, and {n} were asked for.")
        return min(n or otherwise, self.settings.max_n)

    def by_recipe(
        self, offer: Offer, who: Who, n: int | None = None, rules: bool = True, notes: bool = False
    ) -> answers.ReaderList:
        """A reader's list by a recipe, or the first n rows of it; rules: whether the recipe holds; notes: whether
        rows say why they are there.

        Raises:
            Problem: the recipe does not fit the bundle, or n is too many.
        """
        made_by = offer if rules else offer.plain
        n, arm = self.rows(n, offer.recipe.length), made_by.arm(who.reader)
        person = self._person(who)
        made = made_by.rows(person, arm)
        stamp = made_by.stamp(self._ids(made), **who.stamped)
        return answers.ReaderList(
            list_id=made_by.ids(who.named),
            slug=offer.recipe.slug,
            headline=offer.recipe.headline,
            version=offer.version.number,
            rules=rules,
            bundle=self.bundle.id,
            reader=who.reader,
            arm=arm.name if arm else "",
            fallback=who.fallback,
            rows=self._listed(made[:n], offer.recipe.notes, made_by.notes(person, arm, made[:n]) if notes else ()),
            stamp=stamp.model_dump(mode="json", exclude_defaults=True),
        )

    def by_dials(
        self, who: Who, dials: Sequence[Dial], n: int | None, operator: str, notes: bool = False
    ) -> answers.ReaderList:
        """A list by dials alone, under the rules of the house; notes: whether rows say why they are there.

        Raises:
            ConfigError: no such operator, too many dials, or one knob twice. DataError: nothing is left to list.
        """
        if operator not in (SPREAD, *OPERATORS):
            raise ConfigError(f"an operator: {', '.join((SPREAD, *OPERATORS))}", quoted(operator), "choose one")
        amounts = _amounts(dials)
        n, house = self.rows(n, LISTED), self.watch.live.house.rules
        person = self._person(who)
        made = steered_list(person, dials, n, operator, self._left_out(house))
        stamp = stamp_of(
            self.bundle, self._ids(made), dials=amounts, operator=operator, n=n, house=house, **who.stamped
        )
        document = stamp.model_dump(mode="json", exclude_defaults=True)
        return answers.ReaderList(
            list_id=hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16],
            slug="",
            headline="",
            version=None,
            rules=False,
            bundle=self.bundle.id,
            reader=who.reader,
            arm="",
            fallback=who.fallback,
            rows=self._listed(made, {}, reader_notes(person, dials, made, operator) if notes else ()),
            stamp=document,
        )

    def explain(self, who: Who, item: str, dials: Sequence[Dial]) -> answers.Receipt:
        """Why an item, by its id or its title, has its score with some dials turned; see ``receipt``."""
        _amounts(dials)
        return receipt(self._person(who), item, dials, who.reader, who.fallback)

    def health(self) -> answers.Health:
        """How the server is."""
        return answers.Health(
            bundle=self.bundle.id,
            database=not self.watch.stale,
            looked=round(self.watch.age, 1),
            recipes=len(self.recipes().recipes),
            uptime=round(time.monotonic() - self._began, 1),
        )

    def _person(self, who: Who) -> Person:
        return self.bundle.newcomer if who.fallback else self._known(who.reader, who.items)

    def _ids(self, made: Sequence[Row]) -> list[str]:
        return [str(self.bundle.interactions.item_ids[row.column]) for row in made]

    def _listed(self, made: Sequence[Row], notes: Mapping[str, str], whys: Sequence[str]) -> list[answers.ListRow]:
        titles = self.bundle.interactions.items["title"]
        listed = enumerate(zip(self._ids(made), made, strict=True), start=1)
        return [
            answers.ListRow(
                rank=rank,
                item_id=item,
                title=str(titles.iat[row.column]),
                score=row.score,
                reason=row.reason,
                note=notes.get(item, ""),
                why=whys[rank - 1] if whys else "",
            )
            for rank, (item, row) in listed
        ]


def _entry(offer: Offer) -> answers.RecipeEntry:
    recipe = offer.recipe
    return answers.RecipeEntry(
        slug=recipe.slug,
        headline=recipe.headline,
        about=recipe.about,
        version=offer.version.number,
        length=recipe.length,
        times=recipe.times,
        valid_from=recipe.valid_from,
        valid_to=recipe.valid_to,
    )


def _amounts(dials: Sequence[Dial]) -> dict[str, float]:
    """{key: amount} of some dials."""
    if len(dials) > MOST_DIALS:
        raise ConfigError(f"at most {MOST_DIALS} dials", f"{len(dials)}", "turn fewer")
    amounts = {dial.key: dial.amount for dial in dials}
    if len(amounts) < len(dials):
        raise ConfigError("every knob once", "one that is turned twice", "give one amount for it")
    return amounts

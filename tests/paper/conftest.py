"""A whole report on planted data, made once for all workers of a run."""

import pytest

from tests.paper.page import HOSTILE


@pytest.fixture(scope="session")
def source(once):
    """Planted data; one title is an attack."""

    def write(folder):
        from knobs_core.data.planted import planted

        folder.mkdir()
        made = planted()
        made.interactions.to_csv(folder / "interactions.csv", index=False)
        items = made.items.copy()
        popular = made.interactions["item_id"].value_counts().index[0]
        items.loc[items["item_id"] == popular, "title"] = HOSTILE
        items.to_csv(folder / "items.csv", index=False)
        made.tags.to_csv(folder / "tags.csv", index=False)

    return once("planted-with-an-attack", write)


@pytest.fixture(scope="session")
def folder(source, once):
    """A whole report on the planted data."""
    from knobs_core import paper
    from tests.paper.plans import TINY

    return once("report", lambda out: paper.run(str(source), out, quick=True, seed=3, device="cpu", plan=TINY))

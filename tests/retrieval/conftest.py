"""Bundles of decoders that are linear and that are not."""

import pytest


@pytest.fixture(scope="session")
def multvae(once):
    """A small bundle whose decoder is not linear, but whose last layer is."""
    from knobs_core import bundles
    from tests.small import FEW_STEPS, small

    def make(folder):
        bundles.save(bundles.train(small(60, 40), "multvae", overrides=FEW_STEPS, device="cpu"), folder / "b")

    return bundles.load(once("small-multvae", make) / "b")


@pytest.fixture(scope="session")
def dlae(once):
    """A small bundle whose item vectors have lengths of their own."""
    from knobs_core import bundles
    from tests.small import FEW_STEPS, small

    def make(folder):
        few = FEW_STEPS | {"cfae": {"dim": 12}}
        bundles.save(bundles.train(small(60, 40), "dlae", overrides=few, device="cpu"), folder / "b")

    return bundles.load(once("small-dlae", make) / "b")

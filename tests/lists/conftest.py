"""A bundle whose items have genres and years besides their tags."""

import dataclasses

import numpy as np
import pytest


@pytest.fixture(scope="session")
def library(planted_bundle):
    """The planted bundle; item i is of 1950 + i, every third one a drama, every fifth a comedy."""
    data = planted_bundle.interactions
    number = np.arange(data.n_items)
    genres = [
        "|".join(name for name, every in (("Drama", 3), ("Comedy", 5)) if i % every == 0) for i in number.tolist()
    ]
    items = data.items.assign(year=(1950 + number % 70), genres=genres).astype(data.items.dtypes.to_dict())
    return dataclasses.replace(planted_bundle, interactions=dataclasses.replace(data, items=items))


@pytest.fixture(scope="session")
def reader(library):
    """The id of somebody with likes."""
    return str(library.interactions.user_ids[0])

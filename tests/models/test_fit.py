"""The training loop: early stopping, falling step sizes, and Adam's memory."""

import pytest
import torch

from knobs_core.models.cfae.bags import to_bags
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.fit import Adam, fit
from tests.models.made_up import N_ITEMS, generator, likes


def test_fit_lets_the_step_size_fall_and_counts_anew_what_was_changed_between_epochs():
    losses = iter([1.0, 3.0, 2.0, 2.5])
    config = ELSAConfig(dim=4, lr=0.1, epochs=4, patience=2)
    model, rates = ELSA(N_ITEMS, config, generator()), []

    def between(epoch, optimizer):
        rates.append(optimizer.lr)
        return epoch == 1  # what is best afterwards wins, although it is worse than the first

    log = fit(
        model, config, lambda: [to_bags(likes())], lambda: next(losses), lambda *a: None, decay=0.5, between=between
    )
    assert log == {"epochs": 4, "best_epoch": 3, "validation_loss": 2.0}
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.05])


def test_fit_stops_early_and_keeps_the_best_weights():
    losses = iter([3.0, 2.0, 2.5, 2.4, 2.3])
    model = ELSA(N_ITEMS, ELSAConfig(dim=4, epochs=50, patience=2), generator())
    seen, weights = [], []

    def validate():
        weights.append(model.item_vectors.clone())
        return next(losses)

    log = fit(
        model, ELSAConfig(dim=4, epochs=50, patience=2), lambda: [to_bags(likes())], validate, lambda *a: seen.append(a)
    )
    assert log == {"epochs": 4, "best_epoch": 2, "validation_loss": 2.0}
    assert torch.equal(model.item_vectors, weights[1])
    assert [done for done, _, _ in seen] == [1, 2, 3, 4]


def test_what_is_woken_is_new_to_adam_and_the_others_are_not():
    """When gradients turn round, what came before holds the others back, and no longer what was forgotten."""
    w = torch.nn.Parameter(torch.ones(3, 4))
    turned = torch.nn.Parameter(torch.ones(4, 3).T)  # stored transposed, as the encoder is
    optimizer = Adam([w, turned], 0.1)
    for gradient in (1.0, 1.0, 1.0, -1.0):
        w.grad, turned.grad = torch.full((3, 4), gradient), torch.full((4, 3), gradient).T
        optimizer.step()
        if gradient > 0:
            optimizer.forget(w, 0, torch.tensor([1]))
            optimizer.forget(turned, 1, torch.tensor([2]))
    for part, other in ((w[1], w[0]), (turned[:, 2], turned[:, 0])):
        assert (part > other).all()
        assert (part == part[0]).all()

"""What the browser must come to as well: written by the Python engine, read by the tests of the front end.

    python tests/front_end/golden.py        writes assets/tests/golden/*.json anew

The blend, its candidates and the rankings are the engine's own on a small random model; the camera is written out here
once more, as affine maps. Models are in double precision and scores that decide a list lie far apart or are equal, so
that neither rounding nor the machine changes a list.
"""

import json
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import first_n
from knobs_core.models import CFAES, SAES, Nested
from knobs_core.steering import Dial, Engine, candidates

FOLDER = Path(__file__).parents[2] / "assets" / "tests" / "golden"
N_ITEMS, N_TWINS, DIM, N_NEURONS, N = 60, 10, 8, 16, 10
DIGITS = 7
APART = 2e-5  # two scores that are not equal differ by more, where that decides a list


def documents() -> dict[str, dict]:
    """Every golden file by name; the same on every machine, up to the last digits of scores."""
    makers = {"blend": _blend, "candidates": _candidates, "ranking": _ranking, "state": _state, "camera": _camera}
    return {name: make() for name, make in makers.items()}


def text(document: dict) -> str:
    """A document as JSON, each part and each of its cases on a line of its own."""
    lines = []
    for name, part in document.items():
        if isinstance(part, list) and part and isinstance(part[0], dict):
            cases = ",\n".join(f"    {json.dumps(case, ensure_ascii=False)}" for case in part)
            lines.append(f"  {json.dumps(name)}: [\n{cases}\n  ]")
        else:
            lines.append(f"  {json.dumps(name)}: {json.dumps(part, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _engine() -> Engine:
    """A random model of a few items, of which the last have the vectors of the first: their scores are always equal."""
    generator = torch.Generator().manual_seed(7)
    (elsa, elsa_config), (topk, topk_config) = CFAES["elsa"], SAES["topk"]
    cfae = elsa(N_ITEMS, elsa_config(dim=DIM), generator).double()
    sae = topk(DIM, topk_config(width_ratio=N_NEURONS / DIM, k=6), generator).double()
    with torch.no_grad():
        cfae.item_vectors[-N_TWINS:] = cfae.item_vectors[:N_TWINS]
        sae.b_dec.copy_(0.3 * torch.randn(DIM, generator=generator, dtype=torch.double))
    return Engine(Nested(cfae, sae))


def _taste(engine: Engine):
    history = sp.csr_matrix((np.ones(5, np.float32), ([0] * 5, [12, 17, 23, 31, 36])), shape=(1, N_ITEMS))
    return engine.taste(history, also_seen=[2, 44])


def _rounded(values) -> list:
    return np.asarray(values, np.float64).round(DIGITS).tolist()


def _first(scores: torch.Tensor, seen: np.ndarray, n: int) -> list[int]:
    """The first n unseen items; refuses scores that are neither equal nor apart."""
    values = scores.numpy().round(DIGITS)
    values[seen] = -np.inf
    falls = -np.diff(values[first_n(values, n + 1)])
    if ((falls > 0) & (falls < APART)).any():
        raise ValueError(f"scores that are equal or {APART} apart expected, found {falls}; take another seed")
    return first_n(values, n).tolist()


def _dials(dials: list[Dial]) -> list[dict]:
    return [{"amount": dial.amount, "recipe": [[j, weight] for j, weight in dial.recipe.items()]} for dial in dials]


def _person(taste) -> dict:
    return {"std": round(taste.std, DIGITS), "mass": round(taste.mass, DIGITS)}


def _cases(lit: list[int], silent: list[int]) -> dict[str, list[Dial]]:
    """Settings of the dials by name. lit, silent: neurons that the person lights and does not, strongest first."""
    a, b, c = lit[:3]
    several, other = {a: 0.5, b: 0.3, silent[0]: 0.2}, {b: 0.25, c: 0.6, silent[1]: 0.15}
    cases = {
        "at rest": [Dial({a: 1.0}, 0.0), Dial(several, 0.0)],
        "one boost": [Dial({silent[0]: 1.0}, 0.35)],
        "a boost of everything": [Dial({silent[0]: 1.0}, 1.0)],
        "one repelled": [Dial({a: 1.0}, -0.6)],
        "one repelled as far as it goes": [Dial({a: 1.0}, -1.0)],
        "one repelled that is not lit": [Dial({silent[0]: 1.0}, -0.8)],
        "a recipe boosted": [Dial(several, 0.4)],
        "a recipe repelled": [Dial(several, -0.7)],
        "one boosted, one repelled": [Dial({silent[1]: 1.0}, 0.5), Dial({a: 1.0}, -0.9)],
        "one neuron boosted and repelled": [Dial({a: 1.0}, 0.3), Dial(several, -0.5)],
        "one neuron repelled by three dials": [Dial({b: 1.0}, -0.5), Dial(several, -0.6), Dial(other, -0.4)],
        "boosts that add up to 1": [Dial({silent[0]: 1.0}, 0.25), Dial({silent[1]: 1.0}, 0.75)],
        "boosts that add up to more than 1": [Dial({silent[0]: 1.0}, 0.8), Dial(several, 0.7), Dial(other, 0.4)],
        "the same and one repelled": [Dial({silent[0]: 1.0}, 0.9), Dial(several, 0.6), Dial({c: 1.0}, -0.5)],
        "everything at once": [Dial({j: 1.0}, round(0.25 * j - 1, 2)) for j in range(8)],
    }
    rng = np.random.default_rng(3)
    for number in range(5):
        dials = []
        for _ in range(4):
            neurons = rng.choice(N_NEURONS, rng.integers(1, 5), replace=False)
            weights = rng.integers(1, 9, len(neurons))
            recipe = {int(j): float(w / weights.sum()) for j, w in zip(neurons, weights, strict=True)}
            dials.append(Dial(recipe, round(float(rng.uniform(-1, 1)), 2)))
        cases[f"random {number}"] = dials
    return cases


def _blend() -> dict:
    """A whole catalogue in the browser: scores and lists for settings of the dials."""
    engine = _engine()
    taste = _taste(engine)
    order = np.argsort(-taste.z, kind="stable")
    lit, silent = order[taste.z[order] > 0].tolist(), order[taste.z[order] == 0].tolist()
    cases = []
    for name, dials in _cases(lit, silent).items():
        scores, turn = engine.scores(taste, dials), engine.coefficients(taste, dials)
        coefficients = [{str(j): round(v, DIGITS) for j, v in sorted(part.items())} for part in turn[1:]]
        cases.append(
            {
                "name": name,
                "dials": _dials(dials),
                "a": round(turn.total, DIGITS),
                "repelled": coefficients[0],
                "boosted": coefficients[1],
                "scores": _rounded(scores),
                "best": _first(scores, taste.seen, N),
            }
        )
    return {
        "person": {**_person(taste), "base": _rounded(taste.base), "floor": _rounded(taste.floor)},
        "seen": taste.seen.tolist(),
        "vectors": [_rounded(vector) for vector in engine.neuron_vectors(range(N_NEURONS))],
        "cases": cases,
    }


def _candidates() -> dict:
    """Candidates in the browser: which settings they answer for, and the whole catalogue's list for each.

    certain is worked out from what the engine promises: one dial has moved, and all boosts together stay within 1.
    missing: items of the list that are not among the candidates, in settings they do not answer for.
    """
    engine = _engine()
    taste = _taste(engine)
    recipes, amounts = [{3: 1.0}, {6: 0.5, 14: 0.3, 8: 0.2}, {9: 0.7, 0: 0.3}], [0.35, -0.4, 0.0]
    now = [Dial(recipe, amount, key=str(i)) for i, (recipe, amount) in enumerate(zip(recipes, amounts, strict=True))]
    columns = candidates(engine, taste, now, now, N)
    neurons = sorted({j for recipe in recipes for j in recipe})
    rows = torch.vstack([taste.base, taste.floor, engine.neuron_vectors(neurons)])[:, columns]
    one_moved = [
        [*amounts[:i], amount, *amounts[i + 1 :]]
        for i, ways in enumerate([(-1.0, -0.2, 0.0, 0.6, 1.0), (-1.0, 0.1, 0.5, 0.65), (-0.9, 0.3, 0.65)])
        for amount in ways
    ]
    beyond = [[0.35, 0.66, 0.0], [0.35, 1.0, 0.0], [0.35, -0.4, 1.0], [0.35, 0.9, 0.9], [-1.0, 0.8, 0.0]]
    beyond += [[1.0, -1.0, 0.0], [0.0, 0.0, 0.0], [-1.0, -1.0, -1.0], [-0.8, 0.9, 0.1], [0.0, -0.4, 1.0]]
    turns = []
    for turned in [amounts, *one_moved, *beyond]:
        moved = sum(new != old for new, old in zip(turned, amounts, strict=True))
        certain = moved <= 1 and sum(max(amount, 0.0) for amount in turned) <= 1
        dials = [Dial(recipe, amount) for recipe, amount in zip(recipes, turned, strict=True)]
        best = _first(engine.scores(taste, dials), taste.seen, N)
        missing = sorted(set(best) - set(columns.tolist()))
        if certain and missing:
            raise ValueError(f"candidates that hold every list they answer for expected, {missing} missing at {turned}")
        turns.append({"amounts": turned, "certain": certain, "missing": missing, "best": best})
    return {
        "person": _person(taste),
        "now": _dials(now),
        "columns": columns.tolist(),
        "neurons": neurons,
        "rows": [_rounded(row) for row in rows],
        "turns": turns,
    }


def _ranking() -> dict:
    """Rankings with many ties: scores are quarters, so that float32 holds them exactly."""
    rng, cases = np.random.default_rng(5), []
    shapes = [(40, 10, 6), (200, 20, 30), (300, 20, 3), (50, 50, 8), (6, 10, 3), (30, 1, 4), (25, 10, 1)]
    for n_items, n, values in shapes:
        scores = rng.integers(-values, values, n_items) / 4
        cases.append({"scores": scores.tolist(), "n": n, "best": first_n(scores, n).tolist()})
    return {"cases": cases}


def _state() -> dict:
    """Amounts as a hand leaves them and as the server keeps them."""
    hands = [0.0, 0.004, -0.004, 0.006, -0.006, 0.333, -0.667, 0.0149, 0.996, 0.994, -0.9951, 1.0, -1.0, 1.2, -3.5, 7.0]
    hands += np.random.default_rng(11).uniform(-1.3, 1.3, 60).round(4).tolist()
    kept = [Dial({0: 1.0}, round(float(np.clip(amount, -1, 1)), 2)).amount for amount in hands]
    return {"amounts": [{"hand": hand, "kept": amount} for hand, amount in zip(hands, kept, strict=True)]}


FILL, ZOOMS, SPAN = 0.94, (0.5, 120.0), (-1.0, 2.0)


def _camera() -> dict:
    """A camera that is moved about. Here it is the affine map from the map to the screen, as a matrix (3, 3)."""
    sizes = {"wide": (720, 512), "tall": (333, 800)}
    return {name: _steps(size, seed) for seed, (name, size) in enumerate(sizes.items())} | {"sizes": sizes}


def _steps(size: tuple[int, int], seed: int) -> list[dict]:
    rng, unit = np.random.default_rng(seed), FILL * min(size)
    middle = np.array(size) / 2
    affine = _looking(np.array([0.5, 0.5]), 1.0, unit, middle)
    zooms = [1.5, 1 / 1.5, 3.0, 1.3, 40.0, 100.0, 0.02, 0.001, 2.0]
    moves = [("zoom", [factor, *rng.uniform(0, size).round(1).tolist()]) for factor in zooms]
    moves += [("pan", rng.uniform(-90, 90, 2).round(1).tolist()) for _ in range(4)]
    moves += [("pan", [90_000.0, -90_000.0]), ("zoom", [1.7]), ("fly", [0.3, 0.8, 5.0]), ("zoom", [2.5])]
    moves += [("fly", [0.6, 0.1, 2.0]), ("home", []), ("pan", [-60.0, 0.0]), ("pan", [-90_000.0, 90_000.0])]
    moves += [("zoom", [1.2, 0.0, 0.0]), ("home", [])]
    found = []
    for name, how in moves:
        _, zoom = _view(affine, unit, middle)
        if name == "zoom":
            about = np.array(how[1:] or middle)
            factor = np.clip(zoom * how[0], *ZOOMS) / zoom
            affine = _moved(about) @ np.diag([factor, factor, 1.0]) @ _moved(-about) @ affine
        elif name == "pan":
            wanted = np.linalg.inv(affine) @ [*(middle + how), 1.0]  # what the pan brings into the middle
            affine = _looking(np.clip(wanted[:2], *SPAN), zoom, unit, middle)
        elif name == "fly":
            affine = _looking(np.array(how[:2]), max(how[2], zoom), unit, middle)
        else:
            affine = _looking(np.array([0.5, 0.5]), 1.0, unit, middle)
        place, zoom = _view(affine, unit, middle)
        points = rng.uniform(-0.2, 1.2, (2, 2)).round(3)
        found.append(
            {
                "do": name,
                "how": how,
                "view": {"x": _digits(place[0]), "y": _digits(place[1]), "zoom": _digits(zoom)},
                "scale": _digits(affine[0, 0]),
                "places": points.tolist(),
                "screen": [[_digits(value) for value in (affine @ [*point, 1.0])[:2]] for point in points],
            }
        )
    return found


def _digits(value: float) -> float:
    return round(float(value), 6)


def _moved(by: np.ndarray) -> np.ndarray:
    return np.array([[1.0, 0.0, by[0]], [0.0, 1.0, by[1]], [0.0, 0.0, 1.0]])


def _looking(at: np.ndarray, zoom: float, unit: float, middle: np.ndarray) -> np.ndarray:
    """The affine map with a place in the middle of the screen."""
    return _moved(middle) @ np.diag([zoom * unit, zoom * unit, 1.0]) @ _moved(-at)


def _view(affine: np.ndarray, unit: float, middle: np.ndarray) -> tuple[np.ndarray, float]:
    """What lies in the middle of the screen, and the zoom."""
    return (np.linalg.inv(affine) @ [*middle, 1.0])[:2], float(affine[0, 0] / unit)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, document in documents().items():
        (FOLDER / f"{name}.json").write_text(text(document), encoding="utf-8")


if __name__ == "__main__":
    main()

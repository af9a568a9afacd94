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

from knobs_core.base import first_n, searchable
from knobs_core.maps import Network
from knobs_core.models import CFAES, SAES, Nested
from knobs_core.steering import Dial, Engine, candidates, depths, directions, effects_of, sigmas, steered_embedding
from knobs_core.steering.detents import clicks

FOLDER = Path(__file__).parents[2] / "assets" / "tests" / "golden"
N_ITEMS, N_TWINS, DIM, N_NEURONS, N, HIDDEN = 60, 10, 8, 16, 10, 6
DIGITS = 7
APART = 2e-5  # two scores that are not equal differ by more, where that decides a list


def documents() -> dict[str, dict]:
    """Every golden file by name; the same on every machine, up to the last digits of scores."""
    makers = {
        "blend": _blend,
        "candidates": _candidates,
        "ranking": _ranking,
        "state": _state,
        "camera": _camera,
        "place": _place,
        "spellings": _spellings,
    }
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


def _apart(scores: np.ndarray, seen: np.ndarray, n: int) -> None:
    """Refuses scores that are neither equal nor apart among the first n."""
    values = scores.round(DIGITS)
    values[seen] = -np.inf
    falls = -np.diff(values[first_n(values, n + 1)])
    if ((falls > 0) & (falls < APART)).any():
        raise ValueError(f"scores that are equal or {APART} apart expected, found {falls}; take another seed")


def _list(engine: Engine, taste, dials: list[Dial]) -> list[int]:
    for scores in engine.hand_scores(taste, dials)[1]:
        _apart(scores.numpy().copy(), taste.seen, N)
    return engine.recommend(taste, dials, N).items.tolist()


def _dials(engine: Engine, dials: list[Dial]) -> list[dict]:
    deep = depths(engine.dial_vectors(dials))[:, 0].tolist() if dials else []
    return [
        {"key": dial.key, "amount": dial.amount, "depth": round(depth, DIGITS)}
        for dial, depth in zip(dials, deep, strict=True)
    ]


def _reach(taste) -> dict[str, float]:
    return {way: round(value, DIGITS) for way, value in taste.reach._asdict().items()}


RECIPES = {
    "#3": {3: 1.0},
    "#7": {7: 1.0},
    "#9": {9: 1.0},
    "#12": {12: 1.0},
    "noir": {6: 0.5, 14: 0.3, 8: 0.2},
    "crime": {9: 0.25, 0: 0.6, 2: 0.15},
}


def _dial(key: str, amount: float) -> Dial:
    rest = np.cos(np.arange(DIM)) / 5 if key == "crime" else None
    return Dial(RECIPES[key], amount, key=key, rest=rest)


def _cases() -> dict[str, list[Dial]]:
    """Settings of the dials by name."""
    told = {
        "at rest": {"#3": 0.0, "noir": 0.0},
        "one up": {"#3": 0.35},
        "one up as far as it goes": {"#3": 1.0},
        "one down": {"#7": -0.6},
        "one down as far as it goes": {"#7": -1.0},
        "a recipe up": {"noir": 0.4},
        "a recipe with a rest up": {"crime": 0.55},
        "a recipe with a rest down": {"crime": -0.7},
        "one up, one down": {"#9": 0.5, "#7": -0.9},
        "three down": {"#3": -0.5, "noir": -0.6, "crime": -0.4},
        "two take turns": {"#3": 0.3, "noir": 0.6},
        "two at one amount take turns, by key": {"noir": 0.4, "#12": 0.4},
        "three take turns, beyond 1 together": {"noir": 0.8, "#9": 0.7, "crime": 0.4},
        "two take turns, one is down": {"noir": 0.9, "#9": 0.6, "#3": -0.5},
        "two that hold the same titles": {"#9": 0.05, "#7": 0.06},
        "everything at once": {"#3": -0.75, "#7": -0.5, "#9": 0.25, "#12": 0.5, "noir": 0.75, "crime": 1.0},
    }
    rng = np.random.default_rng(3)
    for number in range(5):
        chosen = rng.choice(list(RECIPES), 4, replace=False)
        told[f"random {number}"] = {str(key): round(float(rng.uniform(-1, 1)), 2) for key in chosen}
    return {name: [_dial(*pair) for pair in amounts.items()] for name, amounts in told.items()}


def _blend() -> dict:
    """A whole catalogue in the browser: scores of each hand, lists, and who deals what, for settings of the dials."""
    engine = _engine()
    taste = _taste(engine)
    cases = []
    for name, dials in _cases().items():
        held, scores = engine.hand_scores(taste, dials)
        best = _list(engine, taste, dials)
        hands = engine.recommend(taste, dials, N).hands
        keys = [hand.more.key if hand.more else "" for hand in held]
        cases.append(
            {
                "name": name,
                "dials": _dials(engine, dials),
                "hands": [{"key": key, "scores": _rounded(one)} for key, one in zip(keys, scores, strict=True)],
                "best": best,
                "by": [keys[hand] if len(keys) > 1 else "" for hand in hands],
            }
        )
    dials = [_dial(key, 1.0) for key in RECIPES]
    return {
        "person": {**_reach(taste), "base": _rounded(taste.base)},
        "seen": taste.seen.tolist(),
        "vectors": {dial.key: _rounded(row) for dial, row in zip(dials, engine.dial_vectors(dials), strict=True)},
        "cases": cases,
    }


def _candidates() -> dict:
    """Candidates in the browser: which settings they answer for, and the whole catalogue's list for each.

    certain is worked out from what the engine promises: one dial has moved. missing: items of the list that are not
    among the candidates, in settings they do not answer for.
    """
    engine = _engine()
    taste = _taste(engine)
    keys, amounts = ["#3", "noir", "crime"], [0.35, -0.4, 0.0]
    now = [_dial(*pair) for pair in zip(keys, amounts, strict=True)]
    columns = candidates(engine, taste, now, now, N)
    rows = torch.vstack([taste.base, engine.dial_vectors(now)])[:, columns]
    one_moved = [
        [*amounts[:i], amount, *amounts[i + 1 :]]
        for i, ways in enumerate([(-1.0, -0.2, 0.0, 0.6, 1.0), (-1.0, 0.1, 0.5, 0.65), (-0.9, 0.3, 0.65, 1.0)])
        for amount in ways
    ]
    beyond = [[0.9, 0.66, 0.0], [0.0, 1.0, 0.0], [-1.0, -0.4, 1.0], [0.35, 0.9, 0.9], [-1.0, 0.8, 0.0]]
    beyond += [
        [-1.0, 0.0, 1.0],
        [-0.5, 1.0, 1.0],
        [1.0, -1.0, 0.0],
        [0.0, 0.0, 0.0],
        [-1.0, -1.0, -1.0],
        [-0.8, 0.9, 0.1],
        [0.0, -0.4, 1.0],
    ]
    turns = []
    for turned in [amounts, *one_moved, *beyond]:
        moved = sum(new != old for new, old in zip(turned, amounts, strict=True))
        certain = moved <= 1
        best = _list(engine, taste, [_dial(*pair) for pair in zip(keys, turned, strict=True)])
        missing = sorted(set(best) - set(columns.tolist()))
        if certain and missing:
            raise ValueError(f"candidates that hold every list they answer for expected, {missing} missing at {turned}")
        turns.append({"amounts": turned, "certain": certain, "missing": missing, "best": best})
    return {
        "person": _reach(taste),
        "now": _dials(engine, now),
        "columns": columns.tolist(),
        "rows": [_rounded(row) for row in rows],
        "turns": turns,
    }


def _place() -> dict:
    """Where somebody stands on the map with their dials turned: a random network on the engine's own embeddings."""
    engine, rng = _engine(), np.random.default_rng(9)
    taste = _taste(engine)
    shapes = [(HIDDEN, DIM), (HIDDEN,), (HIDDEN, HIDDEN), (HIDDEN,), (2, HIDDEN), (2,)]
    network = Network(*(rng.normal(0, 0.4, shape).round(DIGITS).astype(np.float32) for shape in shapes))
    dials = [_dial(key, 1.0) for key in RECIPES]
    towards = directions(engine.nested, dials)
    steps = towards / sigmas(effects_of(engine.nested.cfae, towards))
    deep = depths(engine.dial_vectors(dials))[:, 0].tolist()
    weights = np.concatenate([layer.ravel() for layer in network.arrays().values()])
    cases = []
    for name, turned in _cases().items():
        y = steered_embedding(engine.nested, taste.encoded.y, taste.reach, turned)
        amounts = [{"key": dial.key, "amount": dial.amount} for dial in turned]
        cases.append({"name": name, "dials": amounts, "y": _rounded(y[0]), "place": _rounded(network.place(y)[0])})
    return {
        "person": {**_reach(taste), "y": _rounded(taste.encoded.y[0])},
        "network": {
            "hidden": HIDDEN,
            "weights": _rounded(weights),
        },
        "knobs": {
            dial.key: {"step": _rounded(step), "depth": round(depth, DIGITS)}
            for dial, step, depth in zip(dials, steps, deep, strict=True)
        },
        "cases": cases,
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
    hands += np.random.default_rng(11).uniform(-1.3, 1.3, 60).round(6).tolist()
    kept = [Dial({0: 1.0}, round(float(np.clip(amount, -1, 1)), 4)).amount for amount in hands]
    return {
        "amounts": [{"hand": hand, "kept": amount} for hand, amount in zip(hands, kept, strict=True)],
        "scales": [_scale(seed) for seed in range(4)],
    }


def _scale(seed: int) -> dict:
    """A dial's scale, and amounts at positions on it: between two clicks on the line between their amounts."""
    rng = np.random.default_rng(seed)
    up, down = (clicks(np.sort(rng.random(n))) for n in rng.integers(0, 40, 2))
    stops = np.array([*(-amount for amount in reversed(down)), 0.0, *up])
    places = np.arange(-len(down), len(up) + 1)
    asked = np.concatenate([places, rng.uniform(-len(down) - 3, len(up) + 3, 12).round(3)])
    return {
        "up": up,
        "down": [-amount for amount in down],
        "at": [
            {"position": float(position), "amount": round(float(np.interp(position, places, stops)), 9)}
            for position in asked
        ],
    }


FILL, ZOOMS, SPAN = 0.9, (0.5, 120.0), (-1.0, 2.0)


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


def _spellings() -> dict:
    """What names are searched by."""
    names = [
        "Am\u00e9lie", "Ame\u0301lie", "BJ\u00d6RK", "Sigur R\u00f3s", "  L\u2019\u00c9CUME  des\u2014jours! ",
        "The Matrix", "An", "the", "Fast & Furious", "Schindler's List", "Stra\u00dfe", "\u00c6on Fl\u00f8x",
        "\u0141\u00f3d\u017a", "\u0130stanbul", "D\u0131\u015f", "\u00fe\u00f3r\u00f0ur",
        "\uff21\uff4d\uff45lie", "\u96e8\u306e\u6b4c", "\u0928\u092e\u0938\u094d\u0924\u0947",
        "\u0645\u0631\u062d\u0628\u0627", "(500) Days", "???", "film\u00a0noir", "\u01c5ungla", "Pok\u00e9mon \u00b2",
    ]  # fmt: skip
    return {"searched": [{"name": name, "by": searchable(name)} for name in names]}


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

"""What a tour shows at each of its steps, as choices.

    scene(n) = step n (... step 2 (step 1 (opening)))

so a step shows the same whichever way one comes to it: forwards, backwards, or after somebody has turned knobs.
"""

import dataclasses

from knobs_core.base import ConfigError
from knobs_core.bundles import Bundle
from knobs_core.data import find_item
from knobs_ui.stage.tour import Step, Tour, placed
from knobs_ui.state import Choice, Dials, person_of

ROWS = 7  # that a stage shows, as in assets/stage/board.css


def scene(bundle: Bundle, tour: Tour, n: int, opening: Choice) -> Choice:
    """The choice at step n, from 1; 0 is the opening itself.

    Raises:
        KnobsError: a step that names what this bundle does not have; says which.
    """
    steps = list(enumerate(tour.step[:n], start=1))
    begins = max((index for index, (_, step) in enumerate(steps) if _names_somebody(step)), default=0)
    choice = opening
    for number, step in steps[begins:]:  # what comes before somebody is named leaves no trace
        with placed(f"{tour.name}, step {number}"):
            choice = _after(bundle, choice, step)
    return choice


def focus_of(bundle: Bundle, tour: Tour, n: int) -> str:
    """Name of the knob under the spotlight at step n, "" for none."""
    step = tour.step[n - 1] if n else None
    if not step or not step.focus:
        return ""
    with placed(f"{tour.name}, step {n}"):
        return bundle.knobs.find(step.focus).title


def _names_somebody(step: Step) -> bool:
    return bool(step.user or step.users or step.items)


def _after(bundle: Bundle, choice: Choice, step: Step) -> Choice:
    """The choice after one step."""
    if _names_somebody(step):
        users = step.users or ((step.user,) if step.user else ())
        choice = Choice(user_ids=users, item_ids=tuple(item_id(bundle, item) for item in step.items or ()))
        person_of(bundle, choice)  # raises where somebody is not in the data
    if step.ask:
        choice = dataclasses.replace(choice, dials=_smallest_turn(bundle, choice, step.ask))
    if step.dials or step.replace:
        told = {bundle.knobs.find(name).key: amount for name, amount in step.dials.items()}
        kept = {} if step.replace else dict(choice.dials)
        choice = dataclasses.replace(choice, dials=tuple((kept | told).items()))
    return choice


def _smallest_turn(bundle: Bundle, choice: Choice, title: str) -> Dials:
    found = person_of(bundle, choice).counterfactual(item_id(bundle, title), ROWS)
    if found is None:
        raise ConfigError(f"a title that some turn brings into the first {ROWS}", f"'{title}'", "ask for another one")
    return tuple((dial.key, dial.amount) for dial in found.dials)


def item_id(bundle: Bundle, name: str) -> str:
    """The id of an item by its id, its title, or its title with its year.

    Raises:
        UnknownNameError: no such item, or several of that title.
    """
    return find_item(bundle.interactions, name)

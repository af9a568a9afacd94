"""The study that counts: the one that was registered before its first answer, whatever became of the file since.

Studies are compared by what they say and not by their digests, so that one goes on under a later version of Knobs.
"""

from pydantic import ValidationError

from knobs_core.base import ConfigError
from knobs_core.lists import fault
from knobs_core.publishing import Participants, Registered
from knobs_core.studies.study import Study


def register(store: Participants, study: Study) -> Registered:
    """Let a study count from now on; one that counts already stays as it is.

    Raises:
        ConfigError: somebody has consented to another one under this name.
    """
    found = store.registered(study.id)
    return found if found and _read(found) == study else store.register(study.id, study.document)


def registered(store: Participants, study: Study) -> Registered:
    """The study as it counts.

    Raises:
        ConfigError: nobody was let in yet, or another one counts.
    """
    found = store.registered(study.id)
    if found is None:
        raise ConfigError(f"a study {study.id} with people", "nobody", "let them in by knobs study invite")
    if _read(found) != study:
        expected = f"the study {study.id} as it was registered on {found.at:%Y-%m-%d %H:%M} UTC"
        raise ConfigError(expected, "another one in this file", "bring the file back to what it was")
    return found


def _read(found: Registered) -> Study:
    try:
        return Study.model_validate(found.document)
    except ValidationError as error:
        remedy = "use the version of Knobs that registered it"
        raise ConfigError(f"a study registered as {found.slug}", fault(error), remedy) from None

"""Everything that can be wrong, as an answer: a problem in JSON (RFC 9457), whose detail is one sentence."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from knobs_core.base import KnobsError, StorageError, shown
from knobs_core.service.answers import ProblemDocument

LONGEST = 500  # characters of a sentence
MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """Why a request gets no list.

    Args:
        status: HTTP's code; detail: one sentence; headers: to answer with.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None):
        super().__init__(detail)
        self.status, self.detail, self.headers = status, shown(detail, LONGEST), dict(headers or {})

    def response(self) -> Response:
        """The problem as an answer, which is not to be kept."""
        document = ProblemDocument(title=HTTPStatus(self.status).phrase, status=self.status, detail=self.detail)
        return Response(
            document.model_dump_json(), self.status, {"Cache-Control": "no-store", **self.headers}, MEDIA_TYPE
        )


def problem_of(error: KnobsError) -> Problem:
    """What one of our errors is to whoever asked: their mistake, or a database that is down."""
    return Problem(503 if isinstance(error, StorageError) else 422, str(error))

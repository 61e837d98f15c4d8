"""A thin client of a Lathe service: begin a study, ask for architectures, tell their figures.

Needs nothing but Python itself. Requests that fail on their way are sent again: asking and telling
are safe to repeat.
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence, Union

__all__ = ["Lathe", "LatheError", "Study", "Suggestion"]

#: A value, or a value with the ends of its interval.
FigureLike = Union[float, Mapping[str, float]]

_PATIENCE_SECONDS = 60.0


class LatheError(Exception):
    """What the service refused, in its own words."""

    def __init__(self, status: int, message: str, errors: Mapping[str, str]):
        super().__init__(message)
        self.status = status
        self.errors = dict(errors)


@dataclass(frozen=True)
class Suggestion:
    """An architecture to evaluate: choices by gene name, as texts."""

    id: str
    number: int
    architecture: Mapping[str, str]
    lease_until: str


class Lathe:
    """A service.

    :param url: for example ``http://127.0.0.1:8080``; ``LATHE_URL`` by default
    :param key: an API key; ``LATHE_KEY``, or the file that ``LATHE_KEY_FILE`` names, by default
    """

    def __init__(self, url: Optional[str] = None, key: Optional[str] = None):
        self.url = (url or os.environ.get("LATHE_URL") or "http://127.0.0.1:8080").rstrip("/")
        if key is None:
            key = os.environ.get("LATHE_KEY")
        if key is None and os.environ.get("LATHE_KEY_FILE"):
            key = Path(os.environ["LATHE_KEY_FILE"]).read_text(encoding="utf-8").strip()
        self._key = key

    def begin(
        self,
        space: Union[str, Mapping[str, Any]],
        objectives: Sequence[Mapping[str, Any]],
        constraints: Sequence[Mapping[str, Any]] = (),
        method: Union[str, Mapping[str, Any], None] = None,
        name: Optional[str] = None,
        seed: int = 1,
        lease_seconds: Optional[int] = None,
    ) -> "Study":
        """Begins a study.

        :param space: ``{"genes": [{"name": ..., "choices": [...]}]}``, ``{"table": NAME}`` or a name
        :param objectives: for example ``[{"maximize": "accuracy"}, {"minimize": "latency@desk"}]``
        """
        request: dict[str, Any] = {"space": space, "objectives": list(objectives), "seed": seed}
        if constraints:
            request["constraints"] = list(constraints)
        if method is not None:
            request["method"] = method
        if name is not None:
            request["name"] = name
        if lease_seconds is not None:
            request["settings"] = {"leaseSeconds": lease_seconds}
        answer = self.send("POST", "studies", request, {"Idempotency-Key": uuid.uuid4().hex})
        return Study(self, answer["id"])

    def study(self, study_id: Union[str, int]) -> "Study":
        """A study that was begun before, perhaps by another process."""
        return Study(self, str(study_id))

    def send(
        self, method: str, path: str, body: Any = None, headers: Optional[Mapping[str, str]] = None
    ) -> Any:
        """Sends a request below ``/api/v1`` and gives the JSON of the answer."""
        data = None if body is None else json.dumps(body).encode("utf-8")
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data=data, method=method)
        request.add_header("Accept", "application/json")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if self._key:
            request.add_header("Authorization", f"Bearer {self._key}")
        for header, value in (headers or {}).items():
            request.add_header(header, value)
        give_up = time.monotonic() + _PATIENCE_SECONDS
        pause = 0.2
        while True:
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    text = response.read().decode("utf-8")
                    return json.loads(text) if text else None
            except urllib.error.HTTPError as error:
                if error.code in (502, 503, 504) and time.monotonic() < give_up:
                    pass
                else:
                    raise _refusal(error) from None
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if time.monotonic() > give_up:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, 5.0)


class Study:
    """A study: who holds it may ask and tell, also from many processes at once."""

    def __init__(self, lathe: Lathe, study_id: str):
        self._lathe = lathe
        self.id = study_id

    def ask(self, client: str, count: int = 1) -> list[Suggestion]:
        """Architectures to evaluate. A client that asks again first gets what it did not tell.

        An empty list means that the space has no more, or that others hold the rest of it.
        """
        answer = self._lathe.send(
            "POST", f"studies/{self.id}/suggestions", {"client": client, "count": count}
        )
        return [
            Suggestion(one["id"], one["number"], one["architecture"], one["leaseUntil"])
            for one in answer
        ]

    def tell(self, suggestion: Suggestion, figures: Mapping[str, FigureLike]) -> Any:
        """Tells the figures of a suggestion by metric, for example ``{"accuracy": 0.9}``."""
        return self._result({"suggestion": suggestion.id, "figures": dict(figures)})

    def fail(self, suggestion: Suggestion, reason: str) -> Any:
        """Tells that a suggestion could not be evaluated; it is not asked for again."""
        return self._result({"suggestion": suggestion.id, "failure": reason})

    def know(self, architecture: Mapping[str, Any], figures: Mapping[str, FigureLike]) -> Any:
        """Tells figures of an architecture that was not asked for: a warm start."""
        labels = {gene: str(choice) for gene, choice in architecture.items()}
        return self._result({"architecture": labels, "figures": dict(figures)})

    def front(self) -> list[Any]:
        """The candidates that no other is better than, so far."""
        answer = self._lathe.send(
            "GET", f"searches/{self.id}/candidates?nonDominated=true&size=1000"
        )
        return list(answer["items"])

    def hypervolume(self) -> list[list[float]]:
        """Pairs of the number of evaluations and the hypervolume after it."""
        return list(self._lathe.send("GET", f"searches/{self.id}/hypervolume"))

    def finish(self) -> Any:
        """Ends the study; its front is what was told."""
        return self._lathe.send("POST", f"studies/{self.id}/finish", {})

    def _result(self, result: Mapping[str, Any]) -> Any:
        return self._lathe.send("POST", f"studies/{self.id}/results", result)


def _refusal(error: urllib.error.HTTPError) -> LatheError:
    text = error.read().decode("utf-8", "replace")
    try:
        problem = json.loads(text)
    except ValueError:
        problem = {}
    return LatheError(error.code, problem.get("detail") or text, problem.get("errors") or {})

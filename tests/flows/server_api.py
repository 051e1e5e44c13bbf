"""What a server recorded, asked over its own interface as the UI does."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

Answer = TypeVar("Answer")
Deploy = Callable[[Path, Mapping[str, str]], None]
"""Deploys what a file states, for runs with an environment."""
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True)
class ServerApi:
    client: httpx.Client

    @classmethod
    @contextmanager
    def of(cls, url: str) -> Iterator[Self]:
        with httpx.Client(base_url=url, trust_env=False, timeout=120) as client:
            yield cls(client)

    def get(self, path: str) -> Any:
        return self._answer("GET", path, None)

    def post(self, path: str, **body: Any) -> Any:
        return self._answer("POST", path, body)

    def delete(self, path: str) -> None:
        self._answer("DELETE", path, None)

    def _answer(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        """Asked again while the server's database is busy: nothing was done then, as Prefect's own client has it."""
        answer = until(
            lambda: self.client.request(method, path, json=body),
            lambda answer: answer.status_code != httpx.codes.SERVICE_UNAVAILABLE,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def newest_run(self, flow: str) -> dict[str, Any]:
        """The last one that began; those that a schedule has planned lie ahead of it."""
        wanted, begun = {"name": {"any_": [flow]}}, {"state": {"type": {"not_any_": ["SCHEDULED"]}}}
        found = self.post("/flow_runs/filter", flows=wanted, flow_runs=begun, sort="START_TIME_DESC", limit=1)
        return found[0]  # type: ignore[no-any-return]

    def tasks_of(self, run: str, expected: int) -> dict[str, str]:
        """Name and state of the task runs of a flow run; they are recorded a moment after they happened."""

        def recorded() -> dict[str, str]:
            found = self.post("/task_runs/filter", flow_runs={"id": {"any_": [run]}})
            return {task["name"]: task["state_name"] for task in found}

        return until(
            recorded, lambda tasks: len(tasks) == expected and set(tasks.values()) <= {"Completed", "Failed"}
        )

    def artifacts_of(self, run: str) -> dict[str, dict[str, Any]]:
        found = self.post("/artifacts/filter", flow_runs={"id": {"any_": [run]}})
        return {artifact["key"]: artifact for artifact in found}

    def deployment(self, name: str) -> dict[str, Any]:
        (found,) = self.post("/deployments/filter", deployments={"name": {"any_": [name]}})
        return found  # type: ignore[no-any-return]

    def delete_deployments(self) -> None:
        for each in self.post("/deployments/filter", limit=200):
            self.delete(f"/deployments/{each['id']}")

    def suspended(self, run: str, key: str, but: str = "") -> dict[str, Any]:
        """The run once it is suspended under a key that begins so, and its form, if there is one, is stored."""

        def is_there(found: dict[str, Any]) -> bool:
            assert found["state_type"] not in ENDED, found["state"]
            details = found["state"]["state_details"]
            said, keys = str(details.get("pause_key")), details.get("run_input_keyset")
            if found["state_type"] != "PAUSED" or not said.startswith(key) or said == but:
                return False
            return keys is None or bool(self.post(f"/flow_runs/{run}/input/filter", prefix=keys["schema"]))

        return until(lambda: self.get(f"/flow_runs/{run}"), is_there, patience_s=240)  # type: ignore[no-any-return]

    def state_when_ended(self, run: str) -> dict[str, Any]:
        return until(
            lambda: self.get(f"/flow_runs/{run}")["state"],  # type: ignore[no-any-return]
            lambda state: state["type"] in ENDED,
            patience_s=300,
        )


def until(ask: Callable[[], Answer], is_enough: Callable[[Answer], bool], patience_s: float = 120) -> Answer:
    """Ask until the answer will do; the last one where it never does."""
    deadline = time.monotonic() + patience_s
    while not is_enough(answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return answer

"""Real peers: find them, skip with a reason without them, and prove at the end that each was used."""

import os
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

LISTED = Path(__file__).with_name("peers.toml")
PROJECT = Path(__file__).parents[1]
RECORDINGS = Path(__file__).parents[2] / "shared" / "recordings"
NO_RECORDING = "recorded device answers are not here: "
USED_KEY, SKIPPED_KEY = "peers_used", "tests_skipped"


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer as ``peers.toml`` lists it."""

    name: str
    purpose: str
    debian: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    npm: tuple[str, ...] = ()
    python: tuple[str, ...] = ()

    def find(self) -> tuple[dict[str, Path], list[str]]:
        """Where its parts are, and what is missing."""
        found = {command: place for command in self.commands if (place := self._command(command))}
        found |= {file: place for file in self.files if (place := _newest(file))}
        found |= {module: place for module in self.python if (place := _module(module))}
        return found, [part for part in (*self.commands, *self.files, *self.python) if part not in found]

    def _command(self, command: str) -> Path | None:
        if on_path := shutil.which(command):
            return Path(on_path)
        places = (_newest(f"{folder}/{command}") for folder in self.folders)
        return next((place for place in places if place), None)


def _module(name: str) -> Path | None:
    """Where a Python package lies; it is not imported."""
    found = find_spec(name)
    return Path(found.origin) if found and found.origin else None


def _newest(pattern: str) -> Path | None:
    """The last match of a path with wildcards, version 15 behind version 9."""
    start = Path("/") if pattern.startswith("/") else PROJECT
    matches = start.glob(pattern.lstrip("/"))
    return max(matches, key=lambda match: (len(str(match)), str(match)), default=None)


@dataclass(slots=True)
class Ledger:
    """What this process used and skipped."""

    used: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)


LEDGER = Ledger()


def listed_peers() -> dict[str, Peer]:
    """The peers of ``peers.toml`` by name; an unknown key is an error of that file."""
    listed = tomllib.loads(LISTED.read_text(encoding="utf-8"))
    return {
        name: Peer(name, about.pop("for"), **{key: tuple(values) for key, values in about.items()})
        for name, about in listed.items()
    }


def peers_are_required() -> bool:
    return os.environ.get("REQUIRE_PEERS") == "1"


def require_peer(name: str) -> dict[str, Path]:
    """Where the commands and files of a peer are; skips the test without it, fails it with REQUIRE_PEERS=1."""
    peer = listed_peers()[name]
    found, missing = peer.find()
    if missing:
        reason = f"{name} is not installed: no {', '.join(missing)} ({'; '.join(_sources(peer))})"
        if peers_are_required():
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    LEDGER.used.add(name)
    return found


def _sources(peer: Peer) -> Iterator[str]:
    if peer.debian:
        yield f"Debian: {' '.join(peer.debian)}"
    if peer.npm:
        yield f"npm: {' '.join(peer.npm)}, by .ci/run"
    if peer.python:
        yield "Python: requirements.lock has it, by make .venv/.ready"


def require_recording(name: str) -> Path:
    """A recorded answer of a real device, kept beside the checkout; skips where it is not."""
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"{NO_RECORDING}{name}")
    return path


class PeerWatch:
    """With REQUIRE_PEERS=1 a whole run fails unless every listed peer was used and nothing was skipped."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.faults: list[str] = []

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        for marker in item.iter_markers("peer"):
            require_peer(*marker.args)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note_skip(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note_skip(report)

    def _note_skip(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            if NO_RECORDING not in reason:
                LEDGER.skipped.add(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker of pytest-xdist went down: take over what it noted."""
        output = getattr(node, "workeroutput", {})
        LEDGER.used.update(output.get(USED_KEY, ()))
        LEDGER.skipped.update(output.get(SKIPPED_KEY, ()))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[USED_KEY], output[SKIPPED_KEY] = sorted(LEDGER.used), sorted(LEDGER.skipped)
        elif peers_are_required() and _is_whole_run(self._config):
            self.faults = unproven(set(listed_peers()), LEDGER)
            if self.faults and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.faults:
            terminalreporter.section("REQUIRE_PEERS=1", red=True)
            for fault in self.faults:
                terminalreporter.line(fault)


def unproven(listed: set[str], ledger: Ledger) -> list[str]:
    """What a whole run with REQUIRE_PEERS=1 leaves unproven."""
    unused = [f"peer {name} is listed in peers.toml and no test used it" for name in sorted(listed - ledger.used)]
    return unused + [f"skipped, which may not be: {skipped}" for skipped in sorted(ledger.skipped)]


def _is_whole_run(config: pytest.Config) -> bool:
    from_settings = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    narrowed = config.option.keyword or config.option.markexpr or config.option.collectonly
    return from_settings and not narrowed

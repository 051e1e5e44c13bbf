"""`splice service` at the terminal: a wish is written down once, and what cannot be is one line."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from hub.sagas.desk import Desk
from storage.sagas import sagas
from tests.fakes.effects import HandClock, Stages
from tests.fakes.led_sagas import SERVICE, Orders, service_that_was_active
from tests.fakes.lines import NETWORK
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.told_network import ToldNetwork


@dataclass(frozen=True)
class Terminal:
    """Commands over a workspace in which one service works."""

    operator: LumenValley
    workspace: Path

    def said(self, *words: str) -> str:
        done = self._run(*words)
        assert done.exception is None, done.exception
        return " ".join(done.output.split())

    def refused(self, *words: str) -> str:
        error = self._run(*words).exception
        assert isinstance(error, ConfigurationError), error
        return str(error)

    def _run(self, *words: str):  # type: ignore[no-untyped-def]
        where = ["--operator", str(self.operator.folder), "--workspace", str(self.workspace)]
        environment = {**os.environ, **self.operator.environment}
        return CliRunner(env=environment).invoke(app, ["service", *words, *where])


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    network = ToldNetwork(tmp_path / "network.sqlite")
    with lumen_valley(tmp_path / "operator", subscribers=20, months=2) as operator:
        wish = Orders(operator).wish(subscription_id="S-1")
        with operator.hub(tmp_path / "work") as hub:
            service_that_was_active(Desk(hub, NETWORK, network.driver, HandClock(), Stages()), network, wish)
        yield Terminal(operator, tmp_path / "work")


def test_a_wish_is_written_down_once(terminal: Terminal) -> None:
    words = ("suspend", SERVICE, "--wish", "reminder-3", "--reason", "not paid", "--as", "finance")
    said = terminal.said(*words)
    assert said == "saga 2 (reminder-3/suspend/1): running at configure_aaa"
    assert terminal.said(*words) == said
    with terminal.operator.hub(terminal.workspace) as hub, hub.database.reading() as connection:
        assert [each.kind for each in sagas(connection)] == ["activate", "suspend"]


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("hold", SERVICE, "--wish", "winter"), "winter/hold/1"),
        (("change", SERVICE, "--to", "fiber-1000", "--order", "4711"), "SO-4711/change_tier/1"),
        (("add", SERVICE, "--product", "static-ip", "--order", "4711"), "SO-4711/add_part/1"),
        (("swap", SERVICE, "--serial", "CXNK00D4E5F6", "--job", "wo_1"), "WO-wo_1/swap_device/1"),
        (
            (
                "move",
                SERVICE,
                "--order",
                "4711",
                "--element",
                "olt-1",
                "--port",
                "1/1/2",
                "--onu",
                "3",
                "--username",
                "u",
            ),
            "SO-4711/move/1",
        ),
        (("cease", SERVICE, "--order", "4711", "--on", "2026-11-04"), "SO-4711/cease/1"),
        (("reapply", SERVICE), "S-7000001.1/reapply/1"),
        (("customize", SERVICE, "--set", "wifi_name=Home 5G", "--wish", "call-7"), "call-7/customize/1"),
    ],
)
def test_everything_that_can_be_asked_for(terminal: Terminal, words: tuple[str, ...], key: str) -> None:
    assert terminal.said(*words).startswith(f"saga 2 ({key}): running at ")


def test_what_cannot_be_is_said_in_one_line(terminal: Terminal) -> None:
    assert "brought nothing of that number to life" in terminal.refused("suspend", "4711")
    assert terminal.refused("suspend", SERVICE, "--mode", "loud") == (
        "--mode loud: one of walled, throttled, blocked is expected"
    )
    assert "not after a suspend" in terminal.refused("restore", SERVICE)
    assert "not after a hold" in terminal.refused("wake", SERVICE)
    assert "a day like" in terminal.refused("cease", SERVICE, "--order", "1", "--on", "tomorrow")
    assert "wifi_name, wifi_on may" in terminal.refused("customize", SERVICE, "--set", "dns=10.0.0.1")
    assert "on or off is expected" in terminal.refused("customize", SERVICE, "--set", "wifi_on=perhaps")
    assert "a setting like" in terminal.refused("customize", SERVICE, "--set", "wifi_name")
    assert "there is no saga 99" in terminal.refused("resume", "99", "--reason", "x")
    assert "only one that is held" in terminal.refused("cancel", "1", "--reason", "x")

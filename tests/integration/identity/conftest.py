"""A small hub on both databases, whose systems speak of customers and premises."""

from pathlib import Path

import pytest

from tests.fakes.command_line import CommandLine
from tests.fakes.identities import Believed
from tests.fakes.small_hub import SmallHub


@pytest.fixture
def believed(tmp_path: Path, database_address: str) -> Believed:
    return Believed(SmallHub(tmp_path, database="env:HUB_DATABASE", environment={"HUB_DATABASE": database_address}))


@pytest.fixture
def splice(believed: Believed) -> CommandLine:
    return CommandLine(believed.hub)

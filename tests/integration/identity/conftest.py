"""A small hub on both databases, whose systems speak of customers and premises."""

from pathlib import Path

import pytest

from tests.fakes.command_line import CommandLine
from tests.fakes.identities import Believed, believed_in


@pytest.fixture
def believed(tmp_path: Path, database_address: str) -> Believed:
    return believed_in(tmp_path, database_address)


@pytest.fixture
def splice(believed: Believed) -> CommandLine:
    return CommandLine(believed.hub)

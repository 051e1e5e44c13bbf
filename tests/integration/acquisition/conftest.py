"""A small hub on both databases, into which an operator that was bought is brought."""

from pathlib import Path

import pytest
from bought_customers import ANA, BOUGHT, add

from canonical_model.take_over import AccountCutOver
from tests.fakes.command_line import CommandLine
from tests.fakes.identities import Believed, believed_in
from tests.fakes.lumen_valley import change
from tests.fakes.small_operator import MARKET

ACQUISITIONS = f"""
acquisitions:
  {MARKET.id}:
    name: somebody
    systems: [billing]
    target: olt
    owner: kim
    approvers: [ann]
    deputies: [bob]
    waves: [W1, W2]
"""


@pytest.fixture
def believed(tmp_path: Path, database_address: str) -> Believed:
    found = believed_in(tmp_path, database_address)
    change(found.hub.folder / "operator.yaml", '"role": "network"', '"role": "billing"')
    (found.hub.folder / "acquisitions.yaml").write_text(ACQUISITIONS, encoding="utf-8")
    return found


@pytest.fixture
def splice(believed: Believed) -> CommandLine:
    return CommandLine(believed.hub)


@pytest.fixture
def ana(believed: Believed) -> tuple[str, str]:
    """Ana on an account that was bought, and on one of ours."""
    added = add(believed, AccountCutOver, "olt", BOUGHT, wave="W1", legacy_system="billing", target_system="olt")
    assert added.wave == "W1"
    return (
        believed.customer("fsm", "71", "Ana Reyes", **ANA),
        believed.customer("crm", "8", "Ana Reyes", **ANA),
    )

"""A market whose stages are only declared: it is judged and guarded, and nothing can be moved by us."""

from datetime import datetime

from handoffs.rollback import Deed
from handoffs.stages import Handoff
from hub.operator_folder.handoffs_file import HANDOFFS_FILE
from hub.operator_folder.load import Operator
from hub.takeover.gate import Sources
from hub.takeover.guard import Powers, declared_stages


def declared_powers(operator: Operator) -> Powers:
    """A guard that says what is to be done, for a person to do it."""
    return Powers(declared_stages(operator), _asks)


def declared_sources(operator: Operator) -> Sources:
    """A gate that knows no shadow."""
    return Sources(declared_stages(operator))


def _asks(market: str, handoff: Handoff, deed: Deed, why: str, now: datetime) -> str:
    del why, now
    what = "give it back" if deed == "roll_back" else "hold it"
    return f"{what}: change declared.{market}.{handoff} in {HANDOFFS_FILE}"

"""What an intent and its comparison stand on, as one short text: anything else is compared anew."""

from hashlib import blake2b

from handoffs.stages import Handoff
from hub.operator_folder.comparisons_folder import Comparisons
from hub.operator_folder.load import Operator
from hub.takeover.measuring.versions import versions_of


def compared_under(operator: Operator, market: str, handoff: Handoff, comparisons: Comparisons) -> str:
    """The versions by which gates count comparisons; others where a comparison is not the operator's.

    Raises:
        ConfigurationError: our own policy is wrong.
    """
    known = versions_of(operator, market, handoff).fingerprint
    pack = comparisons[handoff].pack.model_dump_json()
    if pack == operator.comparisons[handoff].pack.model_dump_json():
        return known
    return f"{known}-{blake2b(pack.encode(), digest_size=6).hexdigest()}"

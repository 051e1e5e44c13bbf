"""What an intent and its comparison stand on, as one short text: anything else is compared anew."""

from hashlib import blake2b

from handoffs.stages import Handoff
from hub.operator_folder.load import Operator
from hub.takeover.measuring.versions import versions_of
from hub.takeover.shadow.packs import Comparisons, shipped_comparisons


def compared_under(operator: Operator, market: str, handoff: Handoff, comparisons: Comparisons) -> str:
    """The versions by which gates count comparisons; others where a comparison is not the one that comes with Splice.

    Raises:
        ConfigurationError: our own policy is wrong.
    """
    known = versions_of(operator, market, handoff).fingerprint
    pack = comparisons[handoff].pack.model_dump_json()
    if pack == shipped_comparisons()[handoff].pack.model_dump_json():
        return known
    return f"{known}-{blake2b(pack.encode(), digest_size=6).hexdigest()}"

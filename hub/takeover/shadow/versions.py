"""What an intent and its comparison stand on, as one short text: anything else is compared anew."""

import hashlib

from handoffs.stages import Handoff
from hub.operator_folder.load import Operator
from hub.takeover.shadow.packs import Comparisons


def versions_of(operator: Operator, comparisons: Comparisons, handoff: Handoff) -> str:
    """Fingerprint of the mappings, rules, gates, catalogue and tables of an operator, and of a comparison."""
    digest = hashlib.sha256()
    for name, text in sorted(operator.sources.items()):
        digest.update(f"{name}\n{text}\n".encode())
    digest.update(operator.network.model_dump_json().encode())
    digest.update(comparisons[handoff].pack.model_dump_json().encode())
    return digest.hexdigest()[:16]

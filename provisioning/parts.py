"""What is sold beside the access of a service, as a saga knows it: each with the subscription that bills it; pure."""

from dataclasses import dataclass

from provisioning.facts import SagaFacts


@dataclass(frozen=True, slots=True)
class Part:
    """Something that is sold beside the access, and billed by a subscription of its own.

    Attributes:
        name: ``voice``, or ``extra_1`` and so on.
        offering_id: of the catalogue; None where it was not sold.
        subscription_id: of the billing system; None where the hub has not begun to bill it.
    """

    name: str
    offering_id: str | None
    subscription_id: str | None


def voice_of(facts: SagaFacts) -> Part:
    """The telephone, sold or not."""
    return Part("voice", facts.voice_offering_id, facts.voice_subscription_id)


def parts_of(facts: SagaFacts) -> list[Part]:
    """Everything that is sold beside the access of a service; the telephone last."""
    billed = dict(enumerate(facts.extra_subscription_ids))
    extras = enumerate(facts.extra_offering_ids)
    return [*(Part(f"extra_{place + 1}", each, billed.get(place)) for place, each in extras), voice_of(facts)]

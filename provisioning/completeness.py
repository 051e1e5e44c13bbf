"""Whether a technician would have everything that he needs: what is missing is told before he is sent; pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from provisioning.job_facts import JOB_FACTS, JobFact
from provisioning.saga import Person
from provisioning.work_order_context import WorkOrderContext

_KNOWN: dict[JobFact, Callable[[WorkOrderContext], object]] = {
    "address": lambda job: job.address,
    "contact": lambda job: job.contact_phone,
    "offering": lambda job: job.offering_id,
    "tier": lambda job: job.tier,
    "element": lambda job: job.line and job.line.element,
    "port": lambda job: job.line and job.line.port,
    "terminal": lambda job: job.line and job.line.terminal,
    "terminal_model": lambda job: job.terminal_model,
    "serial": lambda job: job.serial,
    "tests": lambda job: job.tests,
    "appointment": lambda job: job.scheduled_for,
    "location": lambda job: job.latitude is not None and job.longitude is not None,
    "inside_wiring": lambda job: job.inside_wiring,
    "consent": lambda job: job.consent,
}


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that is not known."""

    fact: JobFact

    @property
    def label(self) -> str:
        """What it is."""
        return JOB_FACTS[self.fact].label

    @property
    def person(self) -> Person:
        """Who finds it out."""
        return JOB_FACTS[self.fact].person


@dataclass(frozen=True, slots=True)
class CannotDispatch:
    """A job that nobody may be sent to, and what is missing; a hold for persons and no error."""

    order_number: str
    missing: tuple[Missing, ...]

    @property
    def said(self) -> str:
        """What is missing, in a sentence."""
        return "missing: " + "; ".join(f"{each.fact} ({each.label})" for each in self.missing)


def cannot_dispatch(job: WorkOrderContext, required: Iterable[JobFact]) -> CannotDispatch | None:
    """What keeps a technician from being sent; None where nothing does.

    Args:
        job: as he would be told of it.
        required: facts without which nobody is sent.
    """
    missing = tuple(Missing(fact) for fact in required if not _KNOWN[fact](job))
    return CannotDispatch(job.order_number, missing) if missing else None

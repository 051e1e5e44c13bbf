"""Remedies in the hands of persons: proposed, approved, withdrawn, and done where they are a person's task."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from canonical_model.errors import ConfigurationError
from canonical_model.money import Money
from canonical_model.yaml_source import nearest
from handoffs.commands import COMMANDS, FieldValue, as_json
from hub.cases.commands import COMMAND_OF, by_hand, command_of, given_by_the_case, takers_of
from hub.cases.held import HeldCase, held_case, reason_of
from hub.cases.tasks import task_of
from hub.decision import Decision
from hub.effects.enqueue import command_file
from hub.workplace import Hub
from reconciliation.remedies import MONEY_KINDS, remediable
from rules.remedy import RemedyKind
from rules.rule import Rule
from storage.remedies import Remedy


def propose(
    hub: Hub,
    name: str,
    decision: Decision,
    kind: RemedyKind,
    amount: str | None = None,
    given: Mapping[str, str] | None = None,
) -> Remedy:
    """Propose a remedy.

    A kind that mends the billing becomes a command where its fields are given, and a task for a person else.

    Args:
        hub: the operator's hub.
        name: of the case.
        decision: who proposes.
        kind: what is to be done.
        amount: in major units, where less than the whole is to be moved.
        given: fields of the command, as text.

    Raises:
        ConfigurationError: there is no such case, it is in no state for it, a remedy of the kind is under way, the
            money cannot be asked for any more, or a field is wrong.
    """
    with held_case(hub, name, decision) as held:
        held.must("remedy_proposed", "be remedied")
        if own := [each for each in held.worked.live if each.kind == kind]:
            raise ConfigurationError(
                f"case {held.finding.fingerprint}: remedy {own[0].number} is a {kind} already, and {own[0].state}"
            )
        fields = _fields(held, kind, given or {})
        remedy = Remedy(
            fingerprint=held.finding.fingerprint,
            number=len(held.worked.remedies) + 1,
            kind=kind,
            state="proposed",
            amount_minor=_amount(hub, held, kind, amount),
            of_minor=held.finding.exposure_minor,
            settled_minor=held.worked.case.settled_minor,
            proposed_by=decision.actor,
            proposed_at=decision.at,
            fields=as_json(fields),
            task=_task(hub, held, kind, bool(fields)),
        )
        held.worked.propose(remedy, decision.why)
        return remedy


def approve(hub: Hub, name: str, decision: Decision, number: int | None = None) -> Remedy:
    """Approve a remedy: a command may be sent then, a task may be done. Where no system takes it, it is a task.

    Raises:
        ConfigurationError: there is no such case or remedy, the person may not approve it, the finding is not what it
            was when it was proposed, or several systems take its command.
    """
    with held_case(hub, name, decision) as held:
        remedy = held.remedy(number, ("proposed",), "approved")
        held.must("remedy_approved", "have a remedy approved")
        amount = Money.from_minor(remedy.amount_minor, held.finding.currency)
        if why_not := hub.operator.remedies.why_not(
            decision.actor, held.finding.market, amount.amount, remedy.proposed_by
        ):
            raise ConfigurationError(f"case {held.finding.fingerprint}, remedy {remedy.number}: {why_not}")
        if why_not := outdated(hub, held, remedy):
            raise ConfigurationError(
                f"case {held.finding.fingerprint}, remedy {remedy.number}: {why_not}; withdraw it and propose anew"
            )
        task = remedy.task
        if not task and not takers_of(hub, remedy, held.finding.market):
            task = by_hand(remedy, held.finding)
        if not task:
            command_file(hub, command_of(remedy, held.finding, held.today))
        return held.worked.move(
            remedy,
            "approved",
            "remedy_approved",
            decision.why,
            approved_by=decision.actor,
            approved_at=decision.at,
            task=task,
        )


def withdraw(hub: Hub, name: str, decision: Decision, number: int | None = None) -> Remedy:
    """Take back a remedy that was not sent.

    Raises:
        ConfigurationError: there is no such case or remedy, or no reason.
    """
    with held_case(hub, name, decision) as held:
        remedy = held.remedy(number, ("proposed", "approved"), "withdrawn")
        moved = held.worked.move(remedy, "withdrawn", "remedy_withdrawn", reason_of(decision, "without a remedy"))
        held.worked.leave_remedy_if_over()
        return moved


def done(hub: Hub, name: str, decision: Decision, number: int | None = None) -> Remedy:
    """Say that a task was done; the next run sees what came of it.

    Raises:
        ConfigurationError: there is no such case, or no approved task of it, or no reason.
    """
    with held_case(hub, name, decision) as held:
        remedy = held.remedy(number, ("approved",), "done by a person")
        if not remedy.task:
            raise ConfigurationError(
                f"case {held.finding.fingerprint}: remedy {remedy.number} is no task: `splice cases send` sends it"
            )
        return held.worked.move(remedy, "done", "remedy_done", reason_of(decision, "said to be done"))


def outdated(hub: Hub, held: HeldCase, remedy: Remedy) -> str:
    """Why a remedy that moves money does not fit its finding any more; empty where it does."""
    if remedy.kind not in MONEY_KINDS:
        return ""
    if held.worked.case.last_minor != remedy.of_minor:
        now = Money.from_minor(held.worked.case.last_minor, held.finding.currency)
        return f"the finding is {now} now, and was {Money.from_minor(remedy.of_minor, held.finding.currency)}"
    may = remediable(held.finding, remedy.kind, held.today, hub.operator.catalogue.back_bill_months)
    if may.why_not:
        return may.why_not
    if may.amount_minor < remedy.amount_minor:
        return f"only {Money.from_minor(may.amount_minor, held.finding.currency)} of it can be billed today"
    return ""


def rule_of(hub: Hub, rule_id: str) -> Rule | None:
    """The rule of that id, as the operator's folder has it today."""
    return next((rule for rule in hub.operator.rulebook.rules if rule.id == rule_id), None)


def _amount(hub: Hub, held: HeldCase, kind: RemedyKind, amount: str | None) -> int:
    may = remediable(held.finding, kind, held.today, hub.operator.catalogue.back_bill_months)
    if may.why_not:
        raise ConfigurationError(f"case {held.finding.fingerprint}: no {kind}: {may.why_not}")
    if amount is None:
        return may.amount_minor
    currency, most = held.finding.currency, Money.from_minor(may.amount_minor, held.finding.currency)
    try:
        minor = Money(Decimal(amount), currency).to_minor()
    except (InvalidOperation, ValueError):
        raise ConfigurationError(f"--amount {amount}: an amount as in 20.00 is expected") from None
    if not 0 < minor <= may.amount_minor:
        raise ConfigurationError(f"--amount {amount}: above 0 and at most {most} is expected")
    return minor


def _task(hub: Hub, held: HeldCase, kind: RemedyKind, is_command: bool) -> str:
    if kind in ("backbill", "credit") or is_command:
        return ""
    rule = rule_of(hub, held.finding.rule_id)
    return task_of(kind, rule.remedy.name if rule else "see to it", held.finding.subject)


def _fields(held: HeldCase, kind: RemedyKind, given: Mapping[str, str]) -> dict[str, FieldValue]:
    """The fields of a command that a person gave, with those that the case knows; none where nothing was given."""
    if not given:
        return {}
    if kind in ("backbill", "credit", "task"):
        raise ConfigurationError(f"--set: a {kind} takes no fields")
    name = COMMAND_OF[kind]
    schema = COMMANDS[name]
    fields: dict[str, FieldValue] = dict(given_by_the_case(name, held.finding))
    for field, text in given.items():
        if field not in schema:
            raise ConfigurationError(f"--set {field}: {name} has no such field{nearest(field, schema)}")
        fields[field] = _value(field, text, schema[field].kind)
    if missing := [field for field, each in schema.items() if not each.nullable and fields.get(field) is None]:
        raise ConfigurationError(f"{name} needs {', '.join(missing)}: give each as --set FIELD=VALUE")
    return fields


def _value(field: str, text: str, kind: str) -> FieldValue:
    try:
        if kind == "date":
            return date.fromisoformat(text)
        return Decimal(text) if kind == "money" else text
    except (InvalidOperation, ValueError):
        raise ConfigurationError(f"--set {field}={text}: a {kind} is expected") from None

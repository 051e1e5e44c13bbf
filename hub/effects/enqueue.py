"""Plan a command for a system and write it into the journal, if the hub may act."""

from datetime import datetime

from canonical_model.errors import ConfigurationError, OnHold, UnsafeToContinue
from canonical_model.yaml_source import nearest
from connectors.commands import CommandFile, frozen, plan_write
from handoffs.commands import Command, as_json, problems_of
from hub.takeover.authority import MayAct
from hub.workplace import Hub
from storage.effects import Effect, PlannedEffect, journal


def enqueue(hub: Hub, command: Command, now: datetime, may_act: MayAct, system: str | None = None) -> Effect:
    """Journal a command; stating the same wish again gives back what is journaled and does nothing.

    What is sent later is what is computed here, whatever the operator's files say by then.

    Args:
        hub: the operator's hub.
        command: what shall happen.
        now: when this happens.
        may_act: who may act on it.
        system: where it shall happen; None where one system takes such commands for its market.

    Raises:
        ValueError: the command itself is wrong.
        UnsafeToContinue: the hub may not act, or the idempotency key stands for another wish.
        OnHold: it may not act now.
        ConfigurationError: no system, or several, take it, or its file cannot be computed.
        RetryableError: the database is out of reach.
    """
    planned = planned_effect(hub, command, may_act, system)
    with hub.database.journaling() as connection:
        return journal(connection, planned, now)


def planned_effect(hub: Hub, command: Command, may_act: MayAct, system: str | None = None) -> PlannedEffect:
    """A command in the words of its system, if the hub may act; for whoever journals it with something else.

    Raises:
        ValueError, UnsafeToContinue, ConfigurationError: as ``enqueue``.
    """
    if problems := problems_of(command):
        raise ValueError("; ".join(problems))
    file = command_file(hub, command, system)
    authority = may_act(command.market, command.handoff, command.acts_on)
    if authority.actor == "nobody":
        raise OnHold(f"{command.name} for {command.subject} waits: {authority.reason}")
    if authority.actor != "hub":
        raise UnsafeToContinue(
            f"{command.name} for {command.subject}: the hub does not own {command.handoff} in {command.market} "
            f"({authority.reason}); nothing was written down"
        )
    return PlannedEffect(
        authority=authority,
        idempotency_key=command.idempotency_key,
        market=command.market,
        handoff=command.handoff,
        command=command.name,
        subject=command.subject,
        system=file.system,
        fields=as_json(command.fields),
        write=frozen(plan_write(file, command, command.idempotency_key)),
        work=command.acts_on,
    )


def command_file(hub: Hub, command: Command, system: str | None = None) -> CommandFile:
    """How the system that a command is for takes it.

    Raises:
        ConfigurationError: there is no such market; no system, or several, take it.
    """
    operator = hub.operator
    if command.market not in operator.markets:
        raise ConfigurationError(
            f"there is no market {command.market!r}{nearest(command.market, list(operator.markets))}"
        )
    files = operator.commands.get(command.name, ())
    if system is None:
        here = [file for file in files if operator.file.systems[file.system].market in (None, command.market)]
    else:
        here = [file for file in files if file.system == system]
    if len(here) == 1:
        return here[0]
    takers = ", ".join(file.system for file in (here or files)) or "none"
    told = "several systems take it" if len(here) > 1 else "no system takes it" if system is None else f"not {system}"
    raise ConfigurationError(f"{command.name} in {command.market}: {told}; in commands/ there are: {takers}")

"""`splice service`: whether an address can be served, and orders that are made ready for a technician."""

import getpass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from canonical_model.identifiers import parse_number
from console.as_json import write_json
from console.opened_hub import opened
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.readiness.beginning import ReadyOutcome, begin_ready, make_ready
from hub.readiness.outcome import Readiness, Wishes
from hub.readiness.qualifying import qualify_address
from hub.takeover.authority import authority_of
from provisioning.addressing import told
from provisioning.qualification import ServiceQualification
from provisioning.unavailability import Unavailability
from provisioning.work_order_context import as_text

JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, in the words of TMF645.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("qualify")(qualify)
    app.command("ready")(ready)


def qualify(
    address: Annotated[str, typer.Argument(help="House number and street with the unit, or the id of a premise.")],
    market: Annotated[str, typer.Option("--market", "-m", help="Where.")],
    offering: Annotated[str | None, typer.Option(help="What is wanted. Default: whatever can be sold.")] = None,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Tell whether an address can be served: on which line, with what device, or why not."""
    with opened(operator, workspace) as hub:
        found = qualify_address(hub, market, address, datetime.now(UTC), offering)
    if as_json:
        write_json(qualification_facts(found))
        return
    _say(f"{found.result}" + ("" if found.premise is None else f": {told(found.premise)}"))
    for reason in found.reasons:
        _say(f"  {reason.code}: {reason.label} ({reason.person})")
    if found.premise is None or not found.rooms:
        return
    nearest = found.rooms[0].terminal
    replanned = ", in place of its own, which is full" if found.is_replanned else ""
    _say(f"  hub       {nearest.hub or 'not known'}")
    _say(f"  terminal  {nearest.terminal}{replanned}")
    _say(f"  line      {nearest.element} port {nearest.port}, {nearest.pon_mode or nearest.technology}")
    _say(f"  free      {found.free_capacity}, and {len(found.rooms) - 1} further terminals with room")
    _say(f"  offerings {', '.join(found.offerings) or 'none'}")
    _say(f"  device    {' or '.join(found.models) or 'any model'}, {len(found.devices)} in the store room")


def ready(
    order: Annotated[str | None, typer.Argument(help="The order. Default: every open one of a market.")] = None,
    market: Annotated[str | None, typer.Option("--market", "-m", help="Whose open orders.")] = None,
    consent: Annotated[str | None, typer.Option(help="Who agreed, where whoever owns the building has to.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Try an order again whose saga was undone.")] = False,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Make open orders ready: keep line and device, tell field service, begin; or say what is missing."""
    now = datetime.now(UTC)
    if (order is None) == (market is None):
        raise ConfigurationError("name an order, or a market by --market")
    with opened(operator, workspace) as hub:
        may_act = authority_of(hub, lambda: now)
        if market is not None:
            _show_all(begin_ready(hub, market, now, may_act), as_json=as_json)
            return
        found = make_ready(hub, _number(order or ""), now, may_act, Wishes(consent, getpass.getuser(), again))
    if as_json:
        write_json(readiness_facts(found))
        return
    _say(f"order {found.order_number} {found.state.replace('_', ' ')}: {found.said}")
    for reason in found.reasons:
        _say(f"  {reason.code}: {reason.label} ({reason.person})")
    for missing in () if found.missing is None else found.missing.missing:
        _say(f"  missing {missing.fact}: {missing.label} ({missing.person})")
    if found.context is not None:
        for line in as_text(found.context).splitlines():
            _say(f"  {line}")


def qualification_facts(found: ServiceQualification) -> dict[str, Any]:
    """A qualification as JSON holds it; the first words are those of TMF645."""
    line = found.rooms[0].terminal if found.rooms else None
    return {
        "qualificationResult": found.result,
        "eligibilityUnavailabilityReason": [_reason(each) for each in found.reasons],
        "alternateServiceProposal": list(found.alternatives),
        "expectedServiceAvailabilityDate": None if found.expected_on is None else found.expected_on.isoformat(),
        "premise": None if found.premise is None else found.premise.source_id,
        "address": None if found.premise is None else told(found.premise),
        "candidates": [{"premise": each.source_id, "address": told(each)} for each in found.candidates],
        "hub": line and line.hub,
        "terminal": line and line.terminal,
        "element": line and line.element,
        "port": line and line.port,
        "technology": found.technology,
        "pon_mode": line and line.pon_mode,
        "free_capacity": found.free_capacity,
        "is_replanned": found.is_replanned,
        "offerings": list(found.offerings),
        "device_models": list(found.models),
        "devices_in_stock": len(found.devices),
    }


def readiness_facts(found: Readiness) -> dict[str, Any]:
    """How an order stands, as JSON holds it."""
    return {
        "order": found.order_number,
        "state": found.state,
        "said": found.said,
        "reasons": [_reason(each) for each in found.reasons],
        "missing": [] if found.missing is None else [each.fact for each in found.missing.missing],
        "saga": None if found.saga is None else found.saga.key,
    }


def _reason(reason: Unavailability) -> dict[str, str]:
    return {"code": reason.code, "label": reason.label, "person": reason.person}


def _show_all(outcome: ReadyOutcome, *, as_json: bool) -> None:
    shown = [*outcome.begun, *outcome.awaiting, *outcome.told]
    if as_json:
        write_json(
            {
                "orders": [readiness_facts(each) for each in shown],
                "still_held": outcome.still_held,
                "not_ours": outcome.not_ours,
                "released": [{"order": each.line.order_number, "why": each.why} for each in outcome.released],
            }
        )
        return
    table = Table(title="Orders", title_justify="left")
    for heading in ("order", "state", "how it stands", "who is asked"):
        table.add_column(heading, overflow="fold")
    for each in shown:
        persons = ", ".join(dict.fromkeys(reason.person.replace("_", " ") for reason in each.reasons))
        cells = (each.order_number, each.state.replace("_", " "), each.said, persons)
        table.add_row(*(escape(printable(cell)) for cell in cells))
    if shown:
        screen.print(table)
    for line in outcome.released:
        _say(f"order {line.line.order_number}: {line.line.element} port {line.line.port} is free again, {line.why}")
    _say(
        f"{len(outcome.begun)} begun, {len(outcome.awaiting)} wait, {len(outcome.told)} held anew, "
        f"{len(outcome.still_held)} still held, {len(outcome.not_ours)} not ours"
    )


def _number(text: str) -> str:
    try:
        return parse_number(text.upper().removeprefix("SO-"))
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def _say(text: str) -> None:
    screen.print(printable(text), markup=False, highlight=False)

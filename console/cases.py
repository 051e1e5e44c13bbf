"""`splice cases`: findings as cases: which there are, and what stands behind one."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, get_args

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from canonical_model.money import Money, minor_digits
from canonical_model.yaml_source import nearest
from console import cases_bill_run, cases_decided, cases_remedied
from console.as_json import write_json
from console.given import given_minor
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, opened_archive, screen
from handoffs.stages import HANDOFFS
from hub.cases.shown import ShownCase, shown_case
from reconciliation.cases import IN_HAND, STATES, CaseState
from reconciliation.findings import period_text
from reconciliation.remedies import REMEDY_STATES
from storage.case_list import CaseFilter, ListedCase, listed_cases
from storage.remedies import Remedy

app = typer.Typer(
    no_args_is_help=True, help="Findings as cases: list, assign, decide, remedy, until the money is back."
)
cases_decided.add_to(app)
cases_remedied.add_to(app)
cases_bill_run.add_to(app)

NOBODY = "nobody"
CaseArgument = Annotated[str, typer.Argument(help="The case: the beginning of its name, as the list shows it.")]
_ALL_STATES: tuple[CaseState, ...] = get_args(CaseState)


@app.command("list")
def list_(
    market: Annotated[str | None, typer.Option("--market", "-m", help="Only of this market.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only of this rule.")] = None,
    states: Annotated[
        list[str] | None,
        typer.Option(
            "--state", "-s", help=f"Only these, or 'all': {', '.join(STATES)}. Default: those to be worked."
        ),
    ] = None,
    assignee: Annotated[str | None, typer.Option(help="Only of this person; 'nobody' for those of none.")] = None,
    handoff: Annotated[str | None, typer.Option(help=f"Only of this hand-off: {', '.join(HANDOFFS)}.")] = None,
    older_than: Annotated[
        int | None, typer.Option(min=0, help="Only those that were first found so many days ago or earlier.")
    ] = None,
    least: Annotated[str | None, typer.Option("--min", help="Only those of so much money or more (20.00).")] = None,
    most: Annotated[int, typer.Option("--limit", min=1, help="So many at most.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List cases, those with the most money first."""
    wanted = CaseFilter(
        market=market,
        rule_id=rule,
        states=_states(states),
        assignee="" if assignee == NOBODY else assignee,
        handoff=_handoff(handoff),
        found_before=None if older_than is None else datetime.now(UTC) - timedelta(days=older_than),
        least_minor=None if least is None else given_minor(least, "--min"),
    )
    with opened_archive(operator, workspace) as archive, archive.database.reading() as connection:
        found, number = listed_cases(connection, wanted, most)
    if as_json:
        write_json([facts_of(case) for case in found])
        return
    if not found:
        screen.print("no case is like this")
        return
    screen.print(_table(found, number))


@app.command()
def show(
    case: CaseArgument,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show one case: its money month by month, its proof, its remedies and its history."""
    with opened_archive(operator, workspace) as archive:
        shown = shown_case(archive, case)
    if as_json:
        write_json(_whole(shown))
        return
    for name, value in facts_of(shown.case).items():
        if value is not None:
            _say(f"{name.replace('_', ' '):<16} {value}")
    _say(f"{'':<16} {STATES[shown.case.state]}")
    currency = shown.case.currency
    for line in shown.finding.lines:
        expected, billed = _money(line.expected_minor, currency), _money(line.billed_minor, currency)
        owed = _money(line.exposure_minor, currency)
        _say(f"  {period_text(line.period)} {line.charge:<16} expected {expected}, billed {billed}: {owed}")
    for moment, minor in shown.amounts:
        _say(f"money from {moment:%Y-%m-%d %H:%M} on: {_money(minor, currency)}")
    for reference in shown.finding.evidence:
        _say(f"  proof: {reference}")
    for remedy in shown.remedies:
        _say(_remedy_text(remedy, currency))
    _say(f"`splice explain {shown.case.fingerprint}` shows the arithmetic")
    screen.print(_history(shown))


def facts_of(case: ListedCase) -> dict[str, Any]:
    """A case as JSON holds it; money as text of major units."""
    return {
        "case": case.fingerprint,
        "market": case.market,
        "rule": case.rule_id,
        "subject": case.subject if "/" in case.subject else f"{case.subject_kind}/{case.subject}",
        "direction": case.direction,
        "class": case.exposure_class,
        "state": case.state,
        "ended_by": case.ended_by,
        "assignee": case.assignee,
        "handoff": case.handoff,
        "dismissed_until": case.dismissed_until.isoformat() if case.dismissed_until else None,
        "first_seen": case.first_seen.isoformat(),
        "last_seen": case.last_seen.isoformat(),
        "money_then": _amount(case.then_minor, case.currency),
        "money_now": _amount(case.now_minor, case.currency),
        "money_last_seen": _amount(case.seen_minor, case.currency),
        "currency": case.currency,
        "explained_by": case.explained_by,
    }


def _whole(shown: ShownCase) -> dict[str, Any]:
    currency = shown.case.currency
    return facts_of(shown.case) | {
        "lines": [
            {
                "month": period_text(line.period),
                "charge": line.charge,
                "expected": _amount(line.expected_minor, currency),
                "billed": _amount(line.billed_minor, currency),
                "exposure": _amount(line.exposure_minor, currency),
            }
            for line in shown.finding.lines
        ],
        "evidence": list(shown.finding.evidence),
        "amounts": [{"as_of": at.isoformat(), "money": _amount(minor, currency)} for at, minor in shown.amounts],
        "remedies": [_remedy_facts(remedy, currency) for remedy in shown.remedies],
        "history": [
            {
                "at": event.at.isoformat(),
                "who": event.actor,
                "what": event.kind,
                "state": event.state,
                "why": event.why,
                "money": None if event.amount_minor is None else _amount(event.amount_minor, currency),
                "remedy": event.remedy,
            }
            for event in shown.events
        ],
    }


def _remedy_facts(remedy: Remedy, currency: str) -> dict[str, Any]:
    return {
        "remedy": remedy.number,
        "kind": remedy.kind,
        "state": remedy.state,
        "money": _amount(remedy.amount_minor, currency),
        "task": remedy.task or None,
        "fields": remedy.fields,
        "proposed_by": remedy.proposed_by,
        "approved_by": remedy.approved_by,
        "effect": remedy.effect_id,
        "effect_state": remedy.effect_state,
        "came": None if remedy.came_minor is None else _amount(remedy.came_minor, currency),
    }


def _remedy_text(remedy: Remedy, currency: str) -> str:
    kind = remedy.kind.replace("_", " ")
    what = f"{kind} of {_money(remedy.amount_minor, currency)}" if remedy.amount_minor else remedy.task or kind
    effect = f", effect {remedy.effect_id} is {remedy.effect_state}" if remedy.effect_id else ""
    who = f", proposed by {remedy.proposed_by}" + (
        f", approved by {remedy.approved_by}" if remedy.approved_by else ""
    )
    came = f", {_money(remedy.came_minor, currency)} came" if remedy.came_minor else ""
    return f"remedy {remedy.number}: {what}: {remedy.state} ({REMEDY_STATES[remedy.state]}{effect}{who}{came})"


def _table(found: list[ListedCase], number: int) -> Table:
    more = f", the first {len(found)}" if number > len(found) else ""
    table = Table(title=f"{number:,} cases{more}", title_justify="left")
    for heading in ("case", "market", "rule", "subject", "state", "first found", "then", "now", "assignee"):
        table.add_column(heading, justify="right" if heading in ("then", "now") else "left", overflow="fold")
    for case in found:
        cells = (case.fingerprint[:10], case.market, case.rule_id, case.subject, case.state.replace("_", " "))
        amounts = (_money(case.then_minor, case.currency), _money(case.now_minor, case.currency))
        table.add_row(*map(escape, (*cells, f"{case.first_seen:%Y-%m-%d}", *amounts, case.assignee or "")))
    return table


def _history(shown: ShownCase) -> Table:
    table = Table(title="History", title_justify="left")
    for heading in ("at (UTC)", "who", "what", "state", "why"):
        table.add_column(heading, overflow="fold")
    for event in shown.events:
        what = event.kind.replace("_", " ") + (f" ({event.remedy})" if event.remedy else "")
        money = "" if event.amount_minor is None else _money(event.amount_minor, shown.case.currency)
        why = ", ".join(filter(None, (money, event.why)))
        cells = (f"{event.at:%Y-%m-%d %H:%M}", event.actor, what, event.state.replace("_", " "), why)
        table.add_row(*(escape(printable(cell)) for cell in cells))
    return table


def _states(given: list[str] | None) -> tuple[CaseState, ...] | None:
    if not given:
        return IN_HAND
    if "all" in given:
        return None
    asked = [state.replace("-", "_").replace(" ", "_") for state in given]
    for state in asked:
        if state not in _ALL_STATES:
            raise ConfigurationError(f"--state: there is no state {state!r}{nearest(state, list(_ALL_STATES))}")
    return tuple(state for state in _ALL_STATES if state in asked)


def _handoff(given: str | None) -> str | None:
    if given is not None and given not in HANDOFFS:
        raise ConfigurationError(f"--handoff: there is no hand-off {given!r}{nearest(given, list(HANDOFFS))}")
    return given


def _money(minor: int, currency: str) -> str:
    return str(Money.from_minor(minor, currency))


def _amount(minor: int, currency: str) -> str:
    return f"{Decimal(minor).scaleb(-minor_digits(currency)):f}"


def _say(text: str) -> None:
    screen.print(printable(text), markup=False, highlight=False, soft_wrap=True)

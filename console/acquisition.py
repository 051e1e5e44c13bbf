"""`splice acquisition`: bring an operator that was bought in as a market, wave by wave."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.money import Money
from console.acquisition_prices import prices
from console.as_json import write_json
from console.deciding import ActorOption, deciding
from console.handoff_named import MarketArgument
from console.market_moves import WhyOption
from console.market_shown import JsonOption
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from handoffs.acquisition.steps import Readiness
from handoffs.acquisition.waves import WaveQuestion, WaveStanding
from hub.acquisition import disputes
from hub.acquisition.answering import answer_wave, asked_now
from hub.acquisition.leading import JudgedWave, judged_wave, look_on_acquisition, wave_standings
from hub.acquisition.overlapping import OverlapShown, overlaps_of
from hub.acquisition.proposing import Proposal
from hub.acquisition.proposing import propose as proposed
from hub.acquisition.wave_report import STATE_WORDS, write_wave_report
from hub.snapshots import market_of
from hub.workplace import Hub

app = typer.Typer(no_args_is_help=True, help="An operator that was bought: its plans, its waves, who signs them.")
app.command()(prices)

WaveArgument = Annotated[str, typer.Argument(help="Name of the wave in acquisitions.yaml.")]
DisputeArgument = Annotated[str, typer.Argument(help="As `overlaps` names it: SYSTEM/OBJECT/ID.")]
NumberArgument = Annotated[int, typer.Argument(help="Number of the question.")]


@app.command()
def propose(
    market: MarketArgument,
    wave: Annotated[str | None, typer.Option(help="Only accounts of this wave. Default: all of the estate.")] = None,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="As the block `plans` of acquisitions.yaml.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List every acquired plan with accounts and money, and the equal offering; else that it keeps its own price."""
    with opened(operator, workspace) as hub:
        found = proposed(hub, market, wave)
    if as_yaml:
        screen.print(escape(found.yaml), highlight=False, soft_wrap=True)
    else:
        _show_proposal(found)


@app.command()
def show(
    market: MarketArgument,
    wave: Annotated[str | None, typer.Argument(help="Only this wave, step by step.")] = None,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show where the waves stand; of one, what every step came to and what lacks. Nothing is asked."""
    with opened(operator, workspace) as hub:
        if wave is None:
            _show_waves(wave_standings(hub, market))
            return
        judged = judged_wave(hub, market, wave, datetime.now(UTC))
    if as_json:
        write_json(_plain(judged.readiness))
    else:
        _show_steps(judged)


@app.command()
def lead(
    market: MarketArgument,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Judge the wave that is at work, and ask about it where every step is shown."""
    now = datetime.now(UTC)
    with opened(operator, workspace) as hub:
        look = look_on_acquisition(hub, market, now)
        asked = () if look.question is None else asked_now(hub, look.question, now)
    if look.judged is not None:
        _show_steps(look.judged)
    number = "" if look.question is None else f" (question {look.question.id}, asked are {', '.join(asked)})"
    _say(f"{look.said}{number}")


@app.command()
def overlaps(
    market: MarketArgument,
    wave: WaveArgument,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List customers of a wave whom we may have already, with what is open on either account."""
    with opened(operator, workspace) as hub:
        found = overlaps_of(hub, market, wave)
    _show_overlaps(found)


@app.command("end-dispute")
def end_dispute(
    dispute: DisputeArgument,
    why: WhyOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Say that a dispute is over where its system does not say so; it keeps no customers apart any more."""
    with opened(operator, workspace) as hub:
        ended = disputes.end_dispute(hub, dispute, deciding(actor, why))
    _say(f"the dispute {ended.source} of account {ended.account_number} is over")


@app.command("reopen-dispute")
def reopen_dispute(
    dispute: DisputeArgument,
    why: WhyOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Take back that a dispute is over."""
    with opened(operator, workspace) as hub:
        again = disputes.reopen_dispute(hub, dispute, deciding(actor, why))
    _say(f"the dispute {again.source} of account {again.account_number} is open again")


@app.command()
def approve(
    number: NumberArgument,
    why: WhyOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Begin a wave, or sign it: it is judged once more, and nothing is decided where something lacks."""
    with opened(operator, workspace) as hub:
        _answer(hub, number, actor, why, approves=True)


@app.command()
def stay(
    number: NumberArgument,
    why: WhyOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Say that a wave stays as it is; it is asked about again after a week."""
    with opened(operator, workspace) as hub:
        _answer(hub, number, actor, why, approves=False)


@app.command()
def report(
    market: MarketArgument,
    wave: WaveArgument,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the report of a wave: its steps as Markdown, every account with its proof as a workbook."""
    with opened(operator, workspace) as hub:
        judged = judged_wave(hub, market, wave, datetime.now(UTC))
        files = write_wave_report(judged, market_of(hub.operator, market), hub.reports / market)
    for path in (files.markdown, files.workbook):
        screen.print(escape(str(path)), highlight=False, soft_wrap=True)


def _answer(hub: Hub, number: int, actor: str | None, why: str, *, approves: bool) -> None:
    said = answer_wave(hub, number, deciding(actor, why), approves=approves)
    done = "begun" if said.phase == "begin" else "signed"
    _say(f"wave {said.wave} of {said.market} is {done}" if approves else "it stays as it is")


def _show_proposal(found: Proposal) -> None:
    table = Table("Code", "Price a month", "Accounts", "Together", "May become", box=None)
    for plan in found.plans:
        if plan.is_no_plan:
            becomes = "no plan: a discount or a fee of the catalogue"
        elif plan.equal is not None:
            becomes = f"{plan.equal}, where somebody finds the terms the same"
        elif plan.keeps is not None:
            becomes = f"kept at its own price as {plan.keeps}: agree it with {', '.join(plan.lacking)}"
        else:
            becomes = "kept at its own price, as an offering of its own"
        price, together = (Money.from_minor(each, found.currency) for each in (plan.rate_minor, plan.monthly_minor))
        cells = (plan.code, str(price), str(len(plan.accounts)), str(together), becomes)
        table.add_row(*(escape(cell) for cell in cells))
    screen.print(table)


def _show_waves(waves: tuple[WaveStanding, ...]) -> None:
    table = Table("Wave", "Begun", "Signed", box=None)
    for each in waves:
        table.add_row(escape(each.wave), escape(_by(each.begun)), escape(_by(each.signed)))
    screen.print(table)


def _by(answered: WaveQuestion | None) -> str:
    if answered is None or answered.answered_at is None:
        return "no"
    return f"{answered.answered_at:%Y-%m-%d %H:%M} UTC by {answered.answered_by}: {answered.why}"


def _show_steps(judged: JudgedWave) -> None:
    readiness, currency = judged.readiness, judged.evidence.currency
    table = Table("Step", "Is", "What is so", box=None)
    for each in readiness.steps:
        table.add_row(each.name.replace("_", " "), STATE_WORDS[each.state], escape(each.said))
    screen.print(table)
    for each in readiness.lacking:
        for one in each.proof:
            amount = "" if one.minor is None else f" {Money.from_minor(one.minor, currency)}"
            _say(f"  {each.name.replace('_', ' ')}: account {one.account}: {one.what}{amount}")


def _show_overlaps(found: tuple[OverlapShown, ...]) -> None:
    if not found:
        _say("no customer of this wave is, or may be, on another account")
        return
    table = Table("Link", "Accounts", "Is", "Probability", "Why", "Open on either", box=None)
    for each in found:
        link = each.link
        state = f"{link.state}{' by a person' if link.is_decided else ''}"
        score = "" if link.probability is None else f"{link.probability:.3f}"
        cells = (" and ".join(link.accounts), state, score, link.reason, "; ".join(each.open_items) or "nothing")
        table.add_row(str(link.link), *(escape(cell) for cell in cells))
    screen.print(table)


def _plain(readiness: Readiness) -> dict[str, object]:
    found = asdict(readiness)
    found["judged_at"] = readiness.judged_at.isoformat()
    found["as_of"] = None if readiness.as_of is None else readiness.as_of.isoformat()
    found["may_go_on"] = readiness.may_go_on
    return found


def _say(text: str) -> None:
    screen.print(escape(text), highlight=False, soft_wrap=True)

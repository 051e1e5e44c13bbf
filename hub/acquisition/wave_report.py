"""The report of a wave: every step with its figures in Markdown, every account with its proof in a workbook."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import islice
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxFileError

from canonical_model.errors import RetryableError
from canonical_model.markets import Market
from handoffs.acquisition.steps import Proof, Readiness, StepState
from hub.acquisition.leading import JudgedWave
from hub.acquisition.prices import last_day, replaced_text
from hub.markdown_tables import plain, table
from hub.reports.amounts import amount_text, major
from hub.reports.cells import Column, Looks, Value, put, set_up_print, write_table
from hub.reports.source_text import file_stem, printable
from hub.reports.whole_files import whole_files
from reconciliation.acquisition.agreed_prices import PriceToAgree
from reconciliation.acquisition.wave_facts import BalancePair
from reconciliation.bill_to_bill import ComparedClass

STATE_WORDS: Mapping[StepState, str] = {
    "done": "shown",
    "lacks": "LACKS",
    "waits": "waits for a person",
    "not_judged": "not judged",
}
WAVE_REPORT = "acquisition-"
"""How the names of its files begin; market, wave, phase and day follow."""
_MOST_PROOF = 20
"""Accounts of a step that the Markdown names; the workbook has all of them."""

_STEPS = (
    Column("Step", 18),
    Column("State", 18),
    Column("What is so", 90, "long_text"),
    Column("Figures", 60, "long_text"),
)
_LACKING = (
    Column("Step", 18),
    Column("Account", 14),
    Column("What", 90, "long_text"),
    Column("Amount", 14, "money"),
    Column("Records", 70, "long_text"),
)
_ACCOUNTS = (
    Column("Account", 14),
    Column("First day with us", 14, "date"),
    Column("Left before", 10),
    Column("Known to the new system", 14),
    Column("Old system billed to", 14, "date"),
    Column("New system billed from", 14, "date"),
    Column("Device told", 18),
    Column("Device in the field", 18),
    Column("On the network", 10),
    *(
        Column(f"{kind} {what}", 14, "money")
        for kind in ("Receivable", "Deposit", "Unapplied")
        for what in ("closed", "in between", "opened")
    ),
    Column("Classes compared", 10, "count"),
    Column("Unexplained, without signs", 14, "money"),
)
_PLANS = (
    Column("Code", 20),
    Column("Price a month", 14, "money"),
    Column("Accounts", 10, "count"),
    Column("Together a month", 16, "money"),
    Column("Goes on as", 24),
    Column("How", 60, "long_text"),
)

_PRICES = (
    Column("Account", 14),
    Column("Offering", 24),
    Column("Price a month", 14, "money"),
    Column("First day", 14, "date"),
    Column("Last day, empty for ever", 14, "date"),
    Column("In the place of", 40),
    Column("Why", 60, "long_text"),
    Column("Records", 40, "long_text"),
)

Row = tuple[Value, ...]
_KINDS = ("receivable", "deposit", "unapplied")


@dataclass(frozen=True, slots=True)
class WaveReport:
    """Both files of a report."""

    markdown: Path
    workbook: Path


def wave_markdown(judged: JudgedWave) -> str:
    """What every step came to, the accounts that it lacks and the prices that are to be agreed, for people."""
    readiness, currency = judged.readiness, judged.evidence.currency
    step = "begin" if readiness.phase == "begin" else "be signed"
    seen = "never" if readiness.as_of is None else f"{readiness.as_of:%Y-%m-%d %H:%M} UTC"
    shown = f"{len(readiness.steps) - len(readiness.lacking)} of {len(readiness.steps)}"
    lines = [
        f"# {plain(readiness.market)}: may wave {plain(readiness.wave)} {step}?",
        f"Judged {readiness.judged_at:%Y-%m-%d %H:%M} UTC; reconciled {seen}. {shown} steps are shown.",
        table(
            ("step", "is", "what is so"),
            ((_name(each.name), STATE_WORDS[each.state], plain(each.said)) for each in readiness.steps),
        ),
    ]
    for each in readiness.steps:
        if each.figures:
            lines += [
                f"## {_name(each.name)}",
                table(("figure", ""), ((plain(a), plain(b)) for a, b in each.figures)),
            ]
        for proof, title in ((each.proof, ""), (each.dismissed, "Dismissed by persons, and not counted:")):
            lines += _proof_lines(proof, title, currency)
    lines += _price_lines(judged.evidence.prices, currency)
    return "\n\n".join(lines) + "\n"


def _proof_lines(proof: Sequence[Proof], title: str, currency: str) -> Iterator[str]:
    if not proof:
        return
    if title:
        yield title
    amounts = ("" if each.minor is None else amount_text(each.minor, currency) for each in proof)
    rows = ((plain(each.account), plain(each.what), amount) for each, amount in zip(proof, amounts, strict=True))
    yield from _some(("account", "what", "amount"), rows, len(proof))


def _price_lines(prices: Sequence[PriceToAgree], currency: str) -> Iterator[str]:
    if not prices:
        return
    yield "## prices to agree"
    rows = (
        (
            plain(each.account),
            plain(each.offering),
            amount_text(each.amount_minor, currency),
            f"{each.valid_from}",
            f"{last_day(each) or 'for ever'}",
            plain(replaced_text(each, currency)),
            plain(each.why_not or each.why),
        )
        for each in prices
    )
    heads = ("account", "offering", "a month", "first day", "last day", "in the place of", "why")
    yield from _some(heads, rows, len(prices))


def _some(heads: Sequence[str], rows: Iterable[Sequence[str]], of: int) -> Iterator[str]:
    """The first rows of a table, and how many more there are."""
    yield table(heads, islice(rows, _MOST_PROOF))
    if of > _MOST_PROOF:
        yield f"{of - _MOST_PROOF} more are in the workbook."


def write_wave_report(judged: JudgedWave, market: Market, folder: Path) -> WaveReport:
    """Write ``acquisition-MARKET-WAVE-PHASE-DAY`` as Markdown and as a workbook, replaced where they exist.

    Args:
        judged: the wave.
        market: as which the operator is brought in.
        folder: of the market's reports.

    Raises:
        RetryableError: the disk takes no more.
    """
    readiness = judged.readiness
    about = f"{file_stem(readiness.market)}-{file_stem(readiness.wave)}-{readiness.phase}"
    stem = f"{WAVE_REPORT}{about}-{readiness.judged_at:%Y-%m-%d}"
    markdown, workbook = folder / f"{stem}.md", folder / f"{stem}.xlsx"
    try:
        with whole_files(markdown, workbook) as (text, book):
            text.write_text(wave_markdown(judged), encoding="utf-8")
            _write_workbook(judged, market, book)
    except (OSError, XlsxFileError) as error:
        raise RetryableError(f"the report of wave {readiness.wave} could not be written: {error}") from error
    return WaveReport(markdown, workbook)


def _write_workbook(judged: JudgedWave, market: Market, path: Path) -> None:
    readiness = judged.readiness
    title = f"{market.name}: wave {readiness.wave}, judged {readiness.judged_at:%Y-%m-%d}"
    with Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        created = readiness.judged_at.astimezone(UTC).replace(tzinfo=None)
        book.set_properties({"title": printable(title), "created": created})
        looks = Looks(book, market.currency)
        for name, columns, rows in (
            ("Steps", _STEPS, _step_rows(readiness)),
            ("What lacks", _LACKING, _proof_rows(readiness, market.currency)),
            ("Dismissed", _LACKING, _proof_rows(readiness, market.currency, are_dismissed=True)),
            ("Accounts", _ACCOUNTS, _account_rows(judged, market.currency)),
            ("Plans", _PLANS, _plan_rows(judged, market.currency)),
            ("Prices to agree", _PRICES, _price_rows(judged.evidence.prices, market.currency)),
        ):
            sheet = book.add_worksheet(name)
            if write_table(sheet, columns, rows, looks, frozen_columns=1) == 1:
                put(sheet, 1, 0, "None.", looks.quiet)
            set_up_print(sheet, title)


def _step_rows(readiness: Readiness) -> Iterator[Row]:
    for each in readiness.steps:
        figures = "; ".join(f"{name}: {value}" for name, value in each.figures)
        yield (_name(each.name), STATE_WORDS[each.state], each.said, figures)


def _proof_rows(readiness: Readiness, currency: str, *, are_dismissed: bool = False) -> Iterator[Row]:
    for step in readiness.steps:
        for each in step.dismissed if are_dismissed else step.proof:
            amount = None if each.minor is None else major(each.minor, currency)
            yield (_name(step.name), each.account, each.what, amount, ", ".join(each.evidence))


def _account_rows(judged: JudgedWave, currency: str) -> Iterator[Row]:
    """One row for each account of the list, a right one too: nobody is counted and not shown."""
    facts, comparison = judged.evidence.facts, judged.evidence.comparison
    if facts is None:
        return
    balances: dict[str, dict[str, BalancePair]] = defaultdict(dict)
    for pair in facts.balances:
        balances[pair.account][pair.kind] = pair
    classes: dict[str, list[ComparedClass]] = defaultdict(list)
    for row in () if comparison is None else comparison.classes:
        classes[row.service].append(row)
    for each in facts.accounts:
        pairs = balances[each.account]
        rows = [row for service in each.services for row in classes[service.service]]
        yield (
            each.account,
            each.cut_over_on,
            "yes" if each.is_gone else "",
            "yes" if each.staying and all(service.is_in_target for service in each.staying) else "",
            max((service.legacy_to for service in each.services if service.legacy_to), default=None),
            min((service.target_from for service in each.services if service.target_from), default=None),
            each.told_serial,
            ", ".join(service.serial for service in each.services if service.serial),
            "yes" if each.services and all(service.network_live for service in each.services) else "",
            *(amount for kind in _KINDS for amount in _balance_cells(pairs.get(kind), currency)),
            len(rows) if comparison else None,
            major(sum(abs(row.unexplained_minor) for row in rows), currency) if rows else None,
        )


def _balance_cells(pair: BalancePair | None, currency: str) -> Row:
    """Closed, in between, opened; empty where nobody tells of such a balance. No cell nets two kinds."""
    if pair is None:
        return (None, None, None)
    amounts = (pair.legacy_minor, pair.in_flight_minor, pair.target_minor)
    return tuple(major(amount, currency) for amount in amounts)


def _plan_rows(judged: JudgedWave, currency: str) -> Iterator[Row]:
    plans = judged.evidence.plans
    for line in () if plans is None else plans.lines:
        entry = line.entry
        if entry is None:
            how = "a discount or a fee of the catalogue, or not mapped: see what lacks"
        elif entry.kept is None:
            how = "equal in price and tier, terms compared by a person"
        else:
            how = f"keeps its price until {entry.kept.until or 'never'}: {entry.kept.why}"
        price, money = major(line.rate_minor, currency), major(line.monthly_minor, currency)
        yield (line.code, price, line.accounts, money, "" if entry is None else entry.offering, how)


def _price_rows(prices: Sequence[PriceToAgree], currency: str) -> Iterator[Row]:
    for each in prices:
        price, until = major(each.amount_minor, currency), last_day(each)
        why, records = each.why_not or each.why, ", ".join(each.evidence)
        replaced = replaced_text(each, currency)
        yield (each.account, each.offering, price, each.valid_from, until, replaced, why, records)


def _name(name: str) -> str:
    return name.replace("_", " ")

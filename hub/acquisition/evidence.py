"""Gather what a wave is judged by: feeds and customers as of now, the rest as the last reconciliation saw it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from handoffs.acquisition.steps import FeedSeen, Phase, RunSeen, WaveEvidence
from hub.acquisition.bought import acquisition_of, checked_wave
from hub.acquisition.dismissals import dismissals
from hub.acquisition.overlaps import identity_facts
from hub.bill_to_bill import comparison_of
from hub.operator_folder.acquisitions_file import AcquisitionBlock
from hub.operator_folder.load import Operator
from hub.runs import snapshot_of
from hub.snapshots import market_of
from hub.workplace import Hub
from reconciliation.acquisition.agreed_prices import PriceToAgree, prices_to_agree
from reconciliation.acquisition.plans import PlanBook, PlanJudgement, judge_plans
from reconciliation.acquisition.wave_facts import WaveFacts, read_wave_facts
from reconciliation.bill_to_bill import BillToBill
from reconciliation.findings import Finding
from reconciliation.snapshot.manifest import Manifest, parts_of, read_manifest, verify_checksums
from storage.feeds import StreamName, feed_states
from storage.findings import findings_of, not_judged_in
from storage.runs import Run, latest_run


@dataclass(frozen=True, slots=True)
class SeenMarket:
    """What the last reconciliation of a market saw and found."""

    run: Run
    folder: Path
    manifest: Manifest
    findings: tuple[Finding, ...]
    facts: WaveFacts
    silent: dict[str, str]
    unjudged: dict[str, str]


def seen_market(hub: Hub, market: str, block: AcquisitionBlock) -> SeenMarket | None:
    """The snapshot and the findings that a market stands on; None where it was never reconciled.

    Raises:
        ConfigurationError: the snapshot is gone.
        UnsafeToContinue: it is not what it was.
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        run = latest_run(connection, market)
        if run is None:
            return None
        findings = tuple(stored.finding for stored in findings_of(connection, market, run_id=run.id))
        not_judged = not_judged_in(connection, run.id)
    silent = {each.subject: each.reason for each in not_judged if each.scope == "rule"}
    services = (each for each in not_judged if each.scope == "record" and each.subject.startswith("service/"))
    unjudged = {each.subject.removeprefix("service/"): each.reason for each in services}
    folder, manifest = snapshot_of(hub.archive, run)
    for part in parts_of(folder, manifest):
        verify_checksums(part, read_manifest(part))
    facts = read_wave_facts(folder, manifest, block.systems)
    return SeenMarket(run, folder, manifest, findings, facts, silent, unjudged)


@dataclass(frozen=True, slots=True)
class EstateBilled:
    """What the old systems bill, by the last reconciliation, and what a plan may become.

    Attributes:
        as_of: of the reconciliation.
        facts: of one wave, or of all that the old systems bill, listed or not.
    """

    block: AcquisitionBlock
    as_of: datetime
    facts: WaveFacts
    book: PlanBook


def estate_billed(hub: Hub, market: str, wave: str | None) -> EstateBilled:
    """What plans of an acquisition are proposed and priced by.

    Raises:
        ConfigurationError: there is no such acquisition or wave, or the market was never reconciled.
        UnsafeToContinue: the snapshot is not what it was.
        RetryableError: the database is out of reach.
    """
    block = acquisition_of(hub, market)
    seen = seen_market(hub, market, block)
    if seen is None:
        raise ConfigurationError(f"market {market} was never reconciled: run `splice reconcile {market}` first")
    facts = seen.facts if wave is None else seen.facts.of_wave(checked_wave(block, wave))
    book = PlanBook.of(market_of(hub.operator, market), hub.operator.catalogue, facts.own_prices)
    return EstateBilled(block, seen.run.as_of, facts, book)


def wave_evidence(hub: Hub, market: str, wave: str, phase: Phase, wave_before: str, now: datetime) -> WaveEvidence:
    """Everything that a wave is judged by at a moment.

    Args:
        hub: the operator's hub.
        market: as which the operator is brought in.
        wave: of the acquisition.
        phase: whether it shall begin, or be signed.
        wave_before: that has to be signed first; empty where none has.
        now: this moment.

    Raises:
        ConfigurationError: there is no such acquisition or wave, or the snapshot is gone.
        UnsafeToContinue: the snapshot is not what it was.
        RetryableError: the database is out of reach.
    """
    block = acquisition_of(hub, market)
    checked_wave(block, wave)
    at = market_of(hub.operator, market)
    seen = seen_market(hub, market, block)
    facts = None if seen is None else seen.facts.of_wave(wave)
    accounts = () if facts is None else [each.account for each in facts.accounts if not each.is_gone]
    with hub.database.reading() as connection:
        feeds = _feeds(connection, hub.operator, market, now)
        identities = identity_facts(connection, accounts)
        dismissed = {} if seen is None else dismissals(connection, market, seen.findings)
    told = _tells_pauses(hub.operator, block, {feed.name for feed in feeds if feed.last_success_at is not None})
    plans: PlanJudgement | None = None
    prices: tuple[PriceToAgree, ...] = ()
    if facts is not None:
        book, entries = PlanBook.of(at, hub.operator.catalogue, facts.own_prices), block.entries(at.currency)
        plans = judge_plans(facts.brought, entries, book)
        prices = prices_to_agree(facts.brought, entries, book)
    return WaveEvidence(
        market=market,
        wave=wave,
        phase=phase,
        now=now,
        today=at.local_date(now),
        currency=at.currency,
        fresh_hours=block.fresh_hours,
        wave_before=wave_before,
        feeds=feeds,
        run=None if seen is None else RunSeen(seen.run.as_of, seen.run.rule_outcomes, seen.silent, seen.unjudged),
        facts=facts,
        findings=() if seen is None else seen.findings,
        plans=plans,
        identities=identities,
        comparison=None if seen is None or phase == "begin" else _comparison(seen),
        tells_pauses=told,
        job_owners=block.job_owners(),
        strange_waves=() if seen is None else tuple(sorted(_waves(seen.facts) - set(block.waves))),
        dismissed=dismissed,
        prices=prices,
    )


def _waves(facts: WaveFacts) -> set[str]:
    return {each.wave for each in facts.accounts}


def _comparison(seen: SeenMarket) -> BillToBill:
    return comparison_of(seen.folder, seen.manifest, seen.findings)


def _feeds(connection: Connection, operator: Operator, market: str, now: datetime) -> tuple[FeedSeen, ...]:
    states = feed_states(connection, now)
    found = []
    for name in _streams(operator, market):
        state = states.get(name)
        outcome = "" if state is None else state.last_pull_outcome
        found.append(FeedSeen("/".join(name), None if state is None else state.last_success_at, outcome))
    return tuple(found)


def _streams(operator: Operator, market: str) -> list[StreamName]:
    """What is pulled of a market's systems; streams that only listen have no pulls."""
    return [
        (system, mapping.stream)
        for system, mappings in operator.mappings.items()
        if operator.file.systems[system].market in (None, market)
        for mapping in mappings
        if mapping.listens is None
    ]


def _tells_pauses(operator: Operator, block: AcquisitionBlock, pulled: set[str]) -> bool:
    """Whether the old system or the new one lists the jobs that are off, and was asked."""
    return any(
        f"{system}/{mapping.stream}" in pulled
        for system in (*block.systems, block.target)
        for mapping in operator.mappings.get(system, ())
        if any(record.entity.__name__ == "JobPause" for record in mapping.records)
    )

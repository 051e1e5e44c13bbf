"""The tables of a snapshot, made from a population: what a sync and the assembly would have written."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa

from benchmarks.charging import FEE_MINOR, Lines, by_month, charge
from benchmarks.days import OPEN, Days
from benchmarks.empty_snapshot import empty_tables
from benchmarks.lives import BASES, NO_PRICE, Lives, stretches
from benchmarks.measured_operator import (
    ACCESS_CHARGE,
    INSTALLATION,
    INSTALLATION_CHARGE,
    LOYALTY_CHARGE,
    WELCOME,
    WELCOME_CHARGE,
    PriceArrays,
)
from benchmarks.population import CAUSES, CHUNK, WINDOW_FROM, WINDOW_TO, Population
from benchmarks.snapshot_files import dates, lists, numbered, numbers, picked
from benchmarks.truth import Truth, ghost_findings

DEVICE_LEFT = 500
"""For so many services, one device is on the network that no field record knows."""


def service_tables(population: Population, prices: PriceArrays) -> dict[str, pa.Table]:
    """Tables by service but the bill lines.

    Every code is known, every bill is out, nobody was given anything back, and nobody moved to another biller.
    """
    actual, service = population.actual, population.actual.service
    running = stretches(actual)
    promised = np.flatnonzero((actual.promotion > 0) & (actual.starts_on < OPEN))
    moved = np.flatnonzero((actual.paused_from == actual.paused_to) & (actual.paused_from < OPEN))
    agreed = np.flatnonzero(actual.own_price != NO_PRICE)
    fees = np.flatnonzero((actual.fee_on >= WINDOW_FROM) & (actual.fee_on < OPEN))
    period = np.searchsorted(prices.month_from, actual.fee_on[fees], side="right")
    filled = {
        "service": _services(population),
        "delivered": pa.table(
            {
                "service_id": numbers(service[running.position], pa.int32()),
                "charge_id": numbers(running.charge, pa.int16()),
                "product_id": numbers(running.product, pa.int16()),
                "starts_on": dates(running.starts_on),
                "ends_on": dates(running.ends_on),
                "is_suspended": pa.array(running.is_suspended),
                "factor": numbers(running.factor, pa.int32()),
                "unit_price": numbers(running.unit_price, pa.int32(), running.unit_price == NO_PRICE),
                "basis": picked(BASES, running.basis),
            }
        ),
        "entitled": pa.table(
            {
                "service_id": numbers(service[promised], pa.int32()),
                "charge_id": numbers(
                    np.where(actual.promotion[promised] == WELCOME, WELCOME_CHARGE, LOYALTY_CHARGE), pa.int16()
                ),
                "starts_on": dates(actual.promised_from[promised]),
                "ends_on": dates(actual.promised_to[promised]),
            }
        ),
        "own_price": pa.table(
            {
                "service_id": numbers(service[agreed], pa.int32()),
                "product_id": numbers(actual.tier[agreed], pa.int16()),
                "starts_on": dates(np.zeros_like(agreed)),
                "ends_on": dates(np.full_like(agreed, OPEN)),
                "unit_price": numbers(actual.own_price[agreed], pa.int32()),
            }
        ),
        "move": pa.table(
            {"service_id": numbers(service[moved], pa.int32()), "starts_on": dates(actual.paused_from[moved])}
        ),
        "one_time": pa.table(
            {
                "service_id": numbers(service[fees], pa.int32()),
                "charge_id": numbers(np.full_like(fees, INSTALLATION_CHARGE), pa.int16()),
                "product_id": numbers(np.full_like(fees, INSTALLATION), pa.int16()),
                "period_id": numbers(period, pa.int16()),
                "unit_price": numbers(np.full_like(fees, FEE_MINOR), pa.int32()),
            }
        ),
    }
    return empty_tables("service") | filled


def _services(population: Population) -> pa.Table:
    actual, service = population.actual, population.actual.service
    absent = actual.starts_on == OPEN
    paused = (actual.paused_to == OPEN) & (actual.paused_from < OPEN)
    live = ~absent & (actual.ends_on == OPEN) & (~paused | actual.runs_paused)
    billing_from, billing_to = _billing_span(population.billed)
    evidence = [
        numbered("billing/subscription/S", service),
        numbered("crm/Order/801", service, 12),
        numbered("field/work_order/W", service),
        numbered("field/completion/C", service),
        numbered("olt-1/device/CXNK", _devices_of(population)),
    ]
    return pa.table(
        {
            "service_id": numbers(service, pa.int32()),
            "service": numbered("1", service, digits=7),
            "account": numbered("1", service, digits=7),
            "segment": picked(("residential", "business"), (service % 10 == 0).astype(np.int32)),
            "serial": numbered("CXNK", _devices_of(population)),
            "service_start": dates(actual.starts_on, absent),
            "service_end": dates(actual.ends_on, absent),
            "ceased_on": dates(actual.ends_on, actual.ends_on == OPEN),
            "is_called_off": pa.array(np.zeros_like(absent)),
            "courtesy_ended_on": dates(actual.ends_on, np.ones_like(absent)),
            "is_beside_billed": pa.array(np.zeros_like(absent)),
            "network_seen": pa.array(~absent),
            "network_live": pa.array(live),
            "last_traffic_on": dates(np.where(live, WINDOW_TO + 3, np.minimum(actual.ends_on, WINDOW_TO)), absent),
            "billing_from": dates(billing_from, billing_from == OPEN),
            "billing_to": dates(billing_to, billing_from == OPEN),
            "suspended_since": dates(actual.paused_from, ~paused),
            "ordered_product": numbers(population.billed.tier, pa.int16()),
            "has_completion": pa.array(~absent),
            "has_work_order": pa.array(np.ones_like(absent)),
            "is_judged": pa.array(np.ones_like(absent)),
            "evidence": lists(evidence),
        }
    )


def _billing_span(billed: Lives) -> tuple[Days, Days]:
    """First day that billing ever charged, and the day after the last one; ``OPEN`` and 0 where it never did."""
    running = stretches(replace(billed, fee_on=np.full_like(billed.service, OPEN)))
    charged = (running.charge == ACCESS_CHARGE) & ~running.is_suspended & (running.starts_on < WINDOW_TO)
    since = np.full_like(billed.service, OPEN)
    until = np.zeros_like(billed.service)
    np.minimum.at(since, running.position[charged], running.starts_on[charged])
    np.maximum.at(until, running.position[charged], np.minimum(running.ends_on[charged], WINDOW_TO))
    return since, until


def billed_lines(population: Population, lines: Lines, twice: Lines, chunk: int) -> pa.Table:
    """Bill lines of the subscriptions, and of the second ones."""
    parts = []
    first_number = chunk * CHUNK * 1_000
    for subscription, lives, of in ((1, population.billed, lines), (2, population.again, twice)):
        service = lives.service[of.position]
        number = np.arange(len(service)) + first_number
        first_number += len(service)
        parts.append(
            pa.table(
                {
                    "service_id": numbers(service, pa.int32()),
                    "charge_id": numbers(of.charge, pa.int16()),
                    "product_id": numbers(of.product, pa.int16()),
                    "period_id": numbers(of.month + 1, pa.int16()),
                    "covers_from": dates(of.covers_from),
                    "covers_to": dates(of.covers_to),
                    "rate_minor": numbers(of.rate_minor, pa.int64()),
                    "quantity": numbers(np.ones_like(of.month), pa.int32()),
                    "amount_minor": numbers(of.amount_minor, pa.int64()),
                    "subscription_id": numbered("S", service, suffix=f"-{subscription}"),
                    "line_ref": numbered("billing/charge_line/RB", number, 11),
                }
            )
        )
    return pa.concat_tables(parts).sort_by("service_id")


def _devices_of(population: Population) -> Days:
    """Number of the device of each service; a shared one is that of the service before."""
    shares = population.cause == CAUSES.index(("RL-B05-shared-device",))
    return population.actual.service * 16 - np.where(shares, 16, 0)


def devices(population: Population) -> pa.Table:
    """Devices that the field recorded."""
    actual = population.actual
    own = np.flatnonzero((actual.starts_on < OPEN) & (_devices_of(population) == actual.service * 16))
    known = actual.take(own)
    return _device_table(
        known.service * 16, known.starts_on, known.tier, known.ends_on == OPEN, np.ones_like(own), np.zeros_like(own)
    )


def ghosts(chunk: int, services: int, prices: PriceArrays) -> tuple[Iterator[Truth], pa.Table]:
    """Devices that no field record knows; every fourth is on its way to a customer, every fourth is dark."""
    rng = np.random.default_rng([chunk, services])
    device = (np.arange(services // DEVICE_LEFT, dtype=np.int64) * DEVICE_LEFT + chunk * CHUNK + 1) * 16 + 5
    seen_from = rng.integers(WINDOW_FROM - 60, WINDOW_TO - 30, len(device))
    tier = rng.integers(1, 4, len(device))
    kind = (device // 16 // DEVICE_LEFT) % 4
    table = _device_table(device, seen_from, tier, kind != 0, np.zeros_like(kind), kind == 1)
    real = kind >= 2
    never, zero = np.full_like(device, OPEN), np.zeros_like(device)
    lives = Lives(
        service=device,
        starts_on=seen_from,
        ends_on=never,
        paused_from=never,
        paused_to=never,
        runs_paused=real & ~real,
        tier=tier,
        next_tier=tier,
        tier_from=never,
        tier_basis=zero,
        own_price=zero + NO_PRICE,
        has_router=real & ~real,
        added_from=never,
        promotion=zero,
        promised_from=never,
        promised_to=never,
        fee_on=never,
        known_from=zero,
        known_to=never,
        odd_price=zero + NO_PRICE,
        odd_from=never,
    ).take(real)
    monthly = by_month(charge(lives, prices), len(lives.service))
    return ghost_findings(numbered("CXNK", lives.service).to_pylist(), monthly), table


def _device_table(device: Days, since: Days, tier: Days, is_live: Days, is_known: Days, is_awaited: Days) -> pa.Table:
    serial = numbered("CXNK", device)
    return pa.table(
        {
            "serial": serial,
            "element": picked(tuple(f"olt-{number}" for number in range(64)), device // 16 % 64),
            "port": picked(tuple(f"1/{number // 16}/{number % 16}" for number in range(256)), device // 1024 % 256),
            "profile_product": numbers(tier, pa.int16()),
            "registered_on": dates(since),
            "last_traffic_on": dates(np.full_like(device, WINDOW_TO + 3), ~is_live.astype(np.bool_)),
            "is_live": pa.array(is_live.astype(np.bool_)),
            "observation_ref": numbered("olt-1/device/CXNK", device),
            "known_to_field": pa.array(is_known.astype(np.bool_)),
            "is_awaited": pa.array(is_awaited.astype(np.bool_)),
            "is_near_miss": pa.array(np.zeros(len(device), dtype=np.bool_)),
            "is_discovered": pa.array(np.zeros(len(device), dtype=np.bool_)),
            "hours_known": numbers(np.full_like(device, 1000), pa.int64()),
        }
    )


def shared_charges(population: Population, lines: Lines, bill: pa.Table) -> pa.Table:
    """What services were billed that claim the device of the service before them."""
    sharing = np.flatnonzero(population.cause == CAUSES.index(("RL-B05-shared-device",)))
    totals = by_month(lines, len(population.cause))[sharing]
    row, month = np.nonzero(totals)
    service = population.actual.service[sharing][row]
    keys = bill.select(["service_id", "period_id", "line_ref"])
    keys = keys.filter(pa.array(np.isin(keys["service_id"].to_numpy(), service)))
    keys = keys.sort_by([("service_id", "ascending"), ("period_id", "ascending")])
    group = keys["service_id"].to_numpy().astype(np.int64) * 100 + keys["period_id"].to_numpy()
    offsets = np.append(np.searchsorted(group, service * 100 + month + 1), len(group)).astype(np.int32)
    return pa.table(
        {
            "serial": numbered("CXNK", (service - 1) * 16),
            "first_service": numbered("1", service - 1, digits=7),
            "first_account": numbered("1", service - 1, digits=7),
            "service": numbered("1", service, digits=7),
            "account": numbered("1", service, digits=7),
            "claimed_from": dates(population.actual.starts_on[sharing][row]),
            "period_id": numbers(month + 1, pa.int16()),
            "billed_minor": numbers(totals[row, month], pa.int64()),
            "line_refs": pa.ListArray.from_arrays(pa.array(offsets), keys["line_ref"].combine_chunks()),
        }
    )

"""What a snapshot says of the accounts that are brought in by waves, read once for all waves of a market."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from reconciliation.acquisition.plans import AcquiredCharge, OwnPrice
from reconciliation.explain import opened, rows
from reconciliation.incremental.take import ASIDE, BEFORE
from reconciliation.snapshot.manifest import Manifest, parts_of, read_manifest


@dataclass(frozen=True, slots=True)
class ListedService:
    """A service of an account on the list of a wave, as both billing systems, the field and the network have it.

    Attributes:
        serial: of the device that the field left, None where it left none.
        ends_on: day from which it is not delivered any more; the last of all days while it goes on.
        legacy_to: day after the last that the legacy system billed.
        target_from: first day that the target billed.
    """

    service: str
    is_judged: bool
    serial: str | None
    network_seen: bool
    network_live: bool
    is_suspended: bool
    ends_on: date
    is_in_target: bool
    legacy_to: date | None
    target_from: date | None


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account on the list of a wave.

    Attributes:
        told_serial: device that the target was told of.
        ref: the record that lists it.
    """

    account: str
    wave: str
    cut_over_on: date
    told_serial: str | None
    ref: str
    services: tuple[ListedService, ...] = ()

    @property
    def staying(self) -> tuple[ListedService, ...]:
        """Its services that were not gone before the day of the move."""
        return tuple(each for each in self.services if each.ends_on > self.cut_over_on)

    @property
    def is_gone(self) -> bool:
        """Whether there was nothing to take over: every service of it was gone before the day."""
        return bool(self.services) and not self.staying


@dataclass(frozen=True, slots=True)
class BalancePair:
    """A balance of an account with which one system closed it and the other opened it, minor units."""

    account: str
    kind: str
    legacy_minor: int
    in_flight_minor: int
    target_minor: int
    evidence: tuple[str, ...]

    @property
    def difference_minor(self) -> int:
        """What the target has more than it should."""
        return self.target_minor - self.legacy_minor - self.in_flight_minor


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which a recurring job is off for the accounts of a wave; ``until`` is exclusive."""

    job: str
    wave: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """Everything about the accounts of all waves of a market.

    Attributes:
        charges: of listed accounts as their day begins, and of unlisted ones as of the snapshot.
        closed: accounts of which the legacy system has told with which balances it closed them.
        unlisted: accounts that the legacy systems still bill and that are on no list.
        told: accounts that this is of; where it is of a part of the market only, another part has the rest.
    """

    accounts: tuple[ListedAccount, ...]
    charges: tuple[AcquiredCharge, ...]
    own_prices: tuple[OwnPrice, ...]
    balances: tuple[BalancePair, ...]
    closed: frozenset[str]
    pauses: tuple[Pause, ...]
    unlisted: tuple[str, ...]
    told: frozenset[str]

    @property
    def brought(self) -> tuple[AcquiredCharge, ...]:
        """What is billed to accounts that come over: not to those that were gone before their day."""
        gone = {each.account for each in self.accounts if each.is_gone}
        return tuple(each for each in self.charges if each.account not in gone)

    def over(self, before: "WaveFacts") -> "WaveFacts":
        """Both, where this one is of the accounts that changed since the other."""
        mine = self.told
        return WaveFacts(
            (*self.accounts, *(each for each in before.accounts if each.account not in mine)),
            (*self.charges, *(each for each in before.charges if each.account not in mine)),
            (*self.own_prices, *(each for each in before.own_prices if each.account not in mine)),
            (*self.balances, *(each for each in before.balances if each.account not in mine)),
            self.closed | (before.closed - mine),
            self.pauses or before.pauses,
            (*self.unlisted, *(each for each in before.unlisted if each not in mine)),
            mine | before.told,
        )

    def of_wave(self, wave: str) -> "WaveFacts":
        """The same of the accounts of one wave; those that are on no list stay."""
        accounts = tuple(each for each in self.accounts if each.wave == wave)
        names = {each.account for each in accounts}
        return WaveFacts(
            accounts,
            tuple(each for each in self.charges if each.account in names),
            tuple(each for each in self.own_prices if each.account in names),
            tuple(each for each in self.balances if each.account in names),
            frozenset(self.closed & names),
            tuple(each for each in self.pauses if each.wave == wave),
            self.unlisted,
            frozenset(names),
        )


def read_wave_facts(folder: Path, manifest: Manifest, legacy: Collection[str]) -> WaveFacts:
    """Read what a snapshot says, whether it is whole or of the accounts that changed since a whole one.

    Args:
        folder: the snapshot.
        manifest: of it.
        legacy: names of the billing systems from which accounts come.
    """
    facts, *before = [_read(part, read_manifest(part), sorted(legacy)) for part in parts_of(folder, manifest)]
    for older in before:
        facts = facts.over(older)
    return facts


def _read(folder: Path, manifest: Manifest, legacy: list[str]) -> WaveFacts:
    places = [folder, *([folder / ASIDE / BEFORE] if manifest.changes else [])]
    with opened(folder, manifest) as connection:
        for entity, name in _RECORDS.items():
            connection.read_parquet(str(folder / "records" / f"{entity}.parquet")).create_view(name)
        for table in ("service", "moved_service", "delivered"):
            connection.read_parquet(str(folder / "by_service" / "*" / f"{table}.parquet")).create_view(table)
        connection.read_parquet(str(folder / "by_document" / "*" / "balance_stage.parquet")).create_view("balance")
        connection.execute("CREATE TABLE legacy AS SELECT unnest(?::VARCHAR[]) AS system", [legacy])
        connection.execute(
            "CREATE TABLE looked_at AS SELECT ?::DATE AS day", [manifest.market.local_date(manifest.as_of)]
        )
        services = _services(connection)
        told = {account for (account,) in rows(connection, _TOLD)}
        for place in places:
            paths = str(place / "by_service" / "*" / "service.parquet")
            told |= {
                name for (name,) in connection.execute("SELECT account FROM read_parquet(?)", [paths]).fetchall()
            }
        return WaveFacts(
            tuple(_account(row, services) for row in rows(connection, _LISTED)),
            tuple(_charge(row) for row in rows(connection, _CHARGES)),
            tuple(OwnPrice(*row) for row in rows(connection, _OWN_PRICES)),
            tuple(_balance(row) for row in rows(connection, _BALANCES)),
            frozenset(account for (account,) in rows(connection, _CLOSED)),
            tuple(Pause(*row) for row in rows(connection, _PAUSES)),
            tuple(account for (account,) in rows(connection, _UNLISTED)),
            frozenset(told),
        )


def _account(row: tuple[Any, ...], services: Mapping[str, tuple[ListedService, ...]]) -> ListedAccount:
    account, wave, cut_over_on, serial, ref = row
    return ListedAccount(account, wave, cut_over_on, serial, ref, services.get(account, ()))


def _charge(row: tuple[Any, ...]) -> AcquiredCharge:
    account, code, rate, quantity, day, tiers, ref = row
    return AcquiredCharge(account, code, rate, quantity, day, tuple(tiers), (ref,))


def _balance(row: tuple[Any, ...]) -> BalancePair:
    account, kind, legacy, in_flight, target, refs = row
    return BalancePair(account, kind, legacy, in_flight, target, tuple(refs))


def _services(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[ListedService, ...]]:
    found: dict[str, tuple[ListedService, ...]] = {}
    for account, *service in rows(connection, _SERVICES):
        found[account] = (*found.get(account, ()), ListedService(*service))
    return found


_RECORDS = {
    "AccountCutOver": "account_cut_over",
    "AccountBalance": "account_balance",
    "ChargeLine": "charge_line",
    "JobPause": "job_pause",
    "PriceAlteration": "price_alteration",
    "Subscription": "subscription",
}

_LISTED = """
SELECT account_number, wave, cut_over_on, serial, source_system || '/' || source_object || '/' || source_id
FROM account_cut_over
QUALIFY row_number() OVER (PARTITION BY account_number ORDER BY cut_over_on DESC, source_id) = 1
ORDER BY account_number
"""
"""Of two lists that name an account the later one counts, as it does where its services are judged."""

_TOLD = """
SELECT account_number FROM account_cut_over
UNION SELECT account_number FROM charge_line
UNION SELECT account_number FROM subscription
"""

_SERVICES = """
SELECT s.account, s.service, s.is_judged, s.serial, s.network_seen, s.network_live, s.suspended_since IS NOT NULL,
       coalesce(s.service_end, DATE '9999-12-31'), coalesce(m.is_in_target, false), m.legacy_to, m.target_from
FROM service s
LEFT JOIN moved_service m USING (service_id)
WHERE s.account IN (SELECT account_number FROM account_cut_over)
ORDER BY s.service
"""

_CHARGES = """
WITH listed AS (
    SELECT account_number, any_value(legacy_system) AS legacy_system, max(cut_over_on) AS cut_over_on
    FROM account_cut_over
    GROUP BY account_number
    UNION ALL
    SELECT DISTINCT account_number, source_system, (SELECT day FROM looked_at)
    FROM subscription
    WHERE source_system IN (SELECT system FROM legacy) AND state IN ('active', 'suspended')
      AND account_number NOT IN (SELECT account_number FROM account_cut_over)
),
line AS (
    SELECT l.*, c.cut_over_on
    FROM charge_line l
    JOIN listed c ON c.account_number = l.account_number AND l.source_system = c.legacy_system
    WHERE l.covers_from < c.cut_over_on
    QUALIFY l.covers_to = max(l.covers_to) OVER (PARTITION BY l.account_number, l.subscription_id)
),
tier AS (
    SELECT DISTINCT s.account, last_value(p.id) OVER (
               PARTITION BY d.service_id ORDER BY d.starts_on ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
           ) AS offering
    FROM delivered d
    JOIN product p USING (product_id)
    JOIN service s USING (service_id)
    JOIN listed c ON c.account_number = s.account
    WHERE p.delivered_by = 'access' AND d.starts_on < c.cut_over_on
),
tiers AS (
    SELECT account, list(offering ORDER BY offering) AS offerings FROM tier GROUP BY account
)
SELECT l.account_number, l.billing_code, l.rate_minor, l.quantity, l.cut_over_on, coalesce(t.offerings, []),
       l.source_system || '/' || l.source_object || '/' || l.source_id
FROM line l
LEFT JOIN tiers t ON t.account = l.account_number
QUALIFY row_number() OVER (
    PARTITION BY l.account_number, l.subscription_id, l.billing_code ORDER BY l.covers_from DESC, l.source_id
) = 1
ORDER BY ALL
"""
"""The last lines of each subscription before the move, or before now: what ended earlier is not brought over."""

_OWN_PRICES = """
SELECT account_number, code, amount_minor, valid_from, coalesce(valid_to, DATE '9999-12-31')
FROM price_alteration
WHERE kind = 'price_override' AND code IS NOT NULL AND amount_minor IS NOT NULL
ORDER BY ALL
"""

_BALANCES = """
SELECT account, balance_type, legacy_minor, in_flight_minor, target_minor, refs
FROM balance
ORDER BY account, balance_type
"""

_CLOSED = """
SELECT DISTINCT account_number
FROM account_balance
WHERE source_system IN (SELECT system FROM legacy)
"""

_PAUSES = "SELECT DISTINCT job, wave, paused_from, paused_to FROM job_pause ORDER BY ALL"

_UNLISTED = """
SELECT DISTINCT account_number
FROM subscription
WHERE source_system IN (SELECT system FROM legacy) AND state IN ('active', 'suspended')
  AND account_number NOT IN (SELECT account_number FROM account_cut_over)
ORDER BY account_number
"""

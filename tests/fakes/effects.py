"""Commands about the example operator's orders, a clock that is moved by hand, and hubs that may act."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from handoffs.commands import Command
from handoffs.effect_states import WAITING
from handoffs.stages import Authority, Handoff
from hub.effects.drain import drain
from hub.workplace import Hub
from storage.effect_steps import steps_of
from storage.effects import Effect, effect_with
from tests.fakes.lumen_valley import LumenValley, change

START = datetime(2026, 11, 5, 12, tzinfo=UTC)


@dataclass
class HandClock:
    """Stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@dataclass
class Stages:
    """Who may act, to be changed while a test runs; counts how often it was asked."""

    actor: Any = "hub"
    asked: list[tuple[str, Handoff, str]] = field(default_factory=list)

    def __call__(self, market: str, handoff: Handoff, subject: str) -> Authority:
        self.asked.append((market, handoff, subject))
        reason = "the hub has taken the hand-off over" if self.actor == "hub" else "legacy acts, the hub compares"
        return Authority(self.actor, records_intent=True, reason=reason)


def job(number: int, subject: str = "", **fields: Any) -> Command:
    """A new job for an order."""
    given = {"order_number": f"{90_000 + number}", "work_type": "install", **fields}
    return Command(
        "create_work_order",
        "mesa",
        "provisioning_to_dispatch",
        subject or f"order/{90_000 + number}",
        given,
        f"SO-{90_000 + number}/create_work_order/1",
    )


def change_of_job(work_order_id: str, number: int, subject: str = "", **fields: Any) -> Command:
    return Command(
        "update_work_order",
        "mesa",
        "dispatch_to_field",
        subject or f"work-order/{work_order_id}",
        {"work_order_id": work_order_id, **fields},
        f"{work_order_id}/update/{number}",
    )


def billing_start(number: int, market: str = "mesa", **fields: Any) -> Command:
    given = {
        "account_number": f"{number}",
        "order_number": f"{90_000 + number}",
        "offering_id": "fiber-500",
        "billing_code": "INT-FBR-0500",
        "starts_on": date(2026, 11, 3),
        **fields,
    }
    return Command(
        "start_billing", market, "field_to_billing", f"account/{number}", given, f"SO-{90_000 + number}/start/1"
    )


def status_of(account: str, order: str, status: str = "active", **fields: Any) -> Command:
    return Command(
        "set_customer_status",
        "mesa",
        "field_to_billing",
        f"account/{account}",
        {"account_number": account, "order_number": order, "status": status, **fields},
        f"SO-{order}/set_customer_status/{status}",
    )


def now_of(hub: Hub, effect: Effect) -> Effect:
    """An effect as the journal knows it now."""
    with hub.database.reading() as connection:
        found = effect_with(connection, effect.id)
    assert found is not None
    return found


def story(hub: Hub, effect: Effect) -> list[str]:
    """The names of everything that happened to an effect."""
    with hub.database.reading() as connection:
        return [step.step for step in steps_of(connection, effect.id)]


def settled(hub: Hub, clock: HandClock, stages: Stages, effect: Effect) -> Effect:
    """Drain until an effect moves no more by itself, however slow this machine is today."""
    for _ in range(12):
        drain(hub, clock, stages)
        if now_of(hub, effect).state not in WAITING:
            break
        clock.move(hours=3)
    return now_of(hub, effect)


def impatient(operator: LumenValley, seconds: float = 3.0) -> LumenValley:
    """Wait only that long for an answer of any system."""
    change(operator.folder / "operator.yaml", r"\n    role:", f"\n    timeout_s: {seconds}\n    role:")
    return operator

"""The three hand-offs before billing: what readiness would do with an order, and what legacy was seen to do.

The plan is the one that readiness acts on (``hub.readiness.planning``), the job the command that it would state
(``hub.readiness.jobs``), and what a technician would lack is what it holds an order for.
"""

from collections.abc import Iterable
from datetime import datetime

from handoffs.shadow.rows import ShadowRow
from handoffs.stages import Handoff
from hub.readiness.jobs import job_command
from hub.readiness.orders_around import DEAD_STATES
from hub.readiness.planning import PlannedOrder
from hub.takeover.shadow.histories import OrderHistory
from hub.takeover.shadow.tables import MarketTables
from provisioning.equipment import needs_of
from provisioning.unavailability import Unavailability
from rules.types import EngineValue

Values = dict[str, EngineValue]

_RUN_BY_TECHNICIANS = {"speed_down": "speed", "speed_up": "speed", "optical_level": "ont_rx"}
"""Tests of a completion by their names on a technician's list; what only the network can see is on no completion."""


def planned_row(
    handoff: Handoff, history: OrderHistory, plan: PlannedOrder, tables: MarketTables, now: datetime
) -> ShadowRow:
    """What readiness would do with an order beside what legacy was seen to do with it.

    Args:
        handoff: any but ``field_to_billing``.
        history: of the order.
        plan: of the order.
        tables: of its market.
        now: from which an order of an unknown moment counts.
    """
    intent = intended(handoff, plan, tables.market.id)
    observed, evidence = seen_of(handoff, history, tables)
    return ShadowRow(history.work, history.order.ordered_at or now, intent, observed, evidence)


def intended(handoff: Handoff, plan: PlannedOrder, market: str) -> Values:
    """What readiness would do with an order, as the intent of a hand-off."""
    if handoff == "order_to_provisioning":
        return _provisioned(plan)
    return _dispatched(plan, market) if handoff == "provisioning_to_dispatch" else _equipped(plan)


def seen_of(handoff: Handoff, history: OrderHistory, tables: MarketTables) -> tuple[Values | None, Values]:
    """What legacy was seen to do with an order, None where nothing yet; and what proves it right or wrong."""
    if handoff == "order_to_provisioning":
        return _seen_on_network(history, tables), network_evidence(history, tables)
    if handoff == "provisioning_to_dispatch":
        return _seen_dispatched(history), _job_evidence(history, tables)
    return _seen_in_field(history), _field_evidence(history, tables)


def is_dead(history: OrderHistory) -> bool:
    """Whether nothing will come of an order any more, and nothing has."""
    return history.order.state in DEAD_STATES and history.completion is None


def _provisioned(plan: PlannedOrder) -> Values:
    line, profile = plan.line, plan.profile
    serves = not plan.reasons
    found: Values = {"serviceable": serves, "reasons": _told(plan.reasons)}
    if not serves or line is None:
        return found
    found |= {"technology": plan.found.technology, "element": line.element, "port": line.port}
    found |= {"terminal": line.terminal}
    if profile is not None:
        found |= {
            "offering": profile.offering_id,
            "outer_vlan": profile.vlans.outer,
            "inner_vlan": profile.vlans.inner,
            "down_mbps": profile.bandwidth.down_maximum,
            "up_mbps": profile.bandwidth.up_maximum,
            "aaa_profile": profile.aaa_group,
        }
    return found


def _dispatched(plan: PlannedOrder, market: str) -> Values:
    context = plan.context
    if plan.reasons or context is None:
        return {"dispatched": False, "reasons": _told(plan.reasons), "jobs": 0}
    if plan.missing is not None:
        return {"dispatched": False, "reasons": plan.missing.said, "jobs": 0}
    command = job_command(market, context, attempt=1)
    scheduled, work_type = command.fields["scheduled_for"], command.fields["work_type"]
    return {
        "dispatched": True,
        "jobs": 1,
        "work_type": work_type if isinstance(work_type, str) else None,
        "model": context.terminal_model,
        "serial": context.serial,
        "scheduled_for": scheduled if isinstance(scheduled, datetime) else None,
    }


def _equipped(plan: PlannedOrder) -> Values:
    context = plan.context
    if plan.reasons or context is None:
        return {"complete": False, "missing": _told(plan.reasons)}
    missing = None if plan.missing is None else ", ".join(each.fact for each in plan.missing.missing)
    line = context.line
    own = {each.name for each in context.tests} & set(_RUN_BY_TECHNICIANS.values())
    return {
        "complete": plan.missing is None,
        "missing": missing,
        "offering": context.offering_id,
        "element": None if line is None else line.element,
        "port": None if line is None else line.port,
        "model": context.terminal_model,
        "serial": context.serial,
        "tests": ",".join(sorted(own)) or None,
    }


def _seen_on_network(history: OrderHistory, tables: MarketTables) -> Values | None:
    device, is_done = history.device, history.completion is not None or history.order.state == "completed"
    if device is None and not is_done:
        return None
    found: Values = {"serviceable": True}
    if device is not None and not history.is_changed_since:
        found |= {
            "offering": None if device.profile is None else tables.by_profile.get(device.profile),
            "technology": tables.market.technology,
            "element": device.element,
            "port": device.port,
            "aaa_profile": device.profile,
        }
    return found


def network_evidence(history: OrderHistory, tables: MarketTables) -> Values:
    """What proves who is right about a line."""
    device, done = history.device, history.completion
    profile = None if device is None or history.is_changed_since else device.profile
    return {
        "completion_done": done is not None,
        "completion_offering": None if done is None else done.installed_offering_id,
        "completion_serial": history.serial,
        "network_seen": device is not None,
        "network_live": device is not None and device.operational_state == "up",
        "network_offering": None if profile is None else tables.by_profile.get(profile),
        "order_offering": history.order.offering_id,
    }


def _seen_dispatched(history: OrderHistory) -> Values | None:
    if not history.jobs:
        return None if history.order.state != "completed" else {"dispatched": False, "jobs": 0}
    first = history.jobs[0]
    return {
        "dispatched": True,
        "jobs": len(history.jobs),
        "work_type": first.work_type,
        "model": history.model,
        "serial": history.serial,
        "scheduled_for": first.scheduled_for,
    }


def _job_evidence(history: OrderHistory, tables: MarketTables) -> Values:
    return {
        "completion_done": history.completion is not None,
        "completion_serial": history.serial,
        "completion_model": None if history.completion is None else history.model,
        "completed_jobs": history.completed_jobs,
        "visits": len(history.visits),
        "fits": _fits(history, tables),
    }


def _seen_in_field(history: OrderHistory) -> Values | None:
    done, device = history.completion, history.device
    if done is None:
        return None
    found: Values = {
        "complete": _first_visit_done(history) is not False,
        "offering": done.installed_offering_id,
        "model": history.model,
        "serial": history.serial,
        "tests": _tests_of(each.name for each in history.tests),
    }
    if device is not None and not history.is_changed_since:
        found |= {"element": device.element, "port": device.port}
    return found


def _field_evidence(history: OrderHistory, tables: MarketTables) -> Values:
    found = network_evidence(history, tables)
    kept = ("completion_done", "network_seen", "network_live", "network_offering", "order_offering")
    return {name: found[name] for name in kept} | {
        "first_visit_done": _first_visit_done(history),
        "visits": len(history.visits),
        "fits": _fits(history, tables),
    }


def _first_visit_done(history: OrderHistory) -> bool | None:
    """Whether the first visit was enough; None where no system tells of visits."""
    return history.visits[0].outcome == "done" and len(history.visits) == 1 if history.visits else None


def _fits(history: OrderHistory, tables: MarketTables) -> bool | None:
    """Whether the model that was left can carry what was ordered."""
    offering = history.order.offering_id
    if history.model is None or offering is None:
        return None
    block = None if history.device is None else tables.network.elements.get(history.device.element)
    variant = "" if block is None else block.variant
    needs = needs_of(tables.network, tables.market.id, tables.market.technology, variant, offering)
    return None if needs is None else not needs.models or history.model in needs.models


def _tests_of(names: Iterable[str]) -> str | None:
    known = {_RUN_BY_TECHNICIANS[name] for name in names if name in _RUN_BY_TECHNICIANS}
    return ",".join(sorted(known)) or None


def _told(reasons: Iterable[Unavailability]) -> str | None:
    return "; ".join(f"{each.code}: {each.label}" for each in reasons) or None

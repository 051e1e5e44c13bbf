"""A service of the hub that the network shows otherwise than it should stand.

Three witnesses beside the driver that was used are asked: the tables of ``network.yaml``, the journal of what each
layer was told, and the last sweep of the elements. A line that is down is an outage and no difference.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select

from handoffs.rollback import Signal
from hub.takeover.signals.acted import ActedSaga, work_of
from hub.takeover.signals.look import Look, signal
from hub.takeover.signals.prices import offering_of
from provisioning.change import Change
from provisioning.line import is_on_port
from provisioning.standing import wanted
from storage.schema.sagas import SAGA_STEP

_SETTLED = timedelta(minutes=30)


def find(look: Look) -> Iterator[Signal]:
    """Services that are done and stand in the network as something else."""
    found = {}
    done = [
        each
        for each in look.acted.services().values()
        if each.saga.state == "done" and each.facts.standing == "active"
    ]
    changes = _changes(look, done)
    for each in done:
        told = _otherwise_told(each, changes.get(each.saga.id, {}))
        said = "; ".join([*_otherwise_planned(look, each), *told, *_otherwise_seen(look, each)])
        if said:
            number = each.saga.order_number
            found[work_of(number) if number else f"service/{each.saga.service_id}"] = said
    yield from signal(look, "network_differs", "order_to_provisioning", found, of=len(done))


def _otherwise_planned(look: Look, each: ActedSaga) -> Iterator[str]:
    """Tags, rates or group that the tables do not give for what was sold.

    Of tables that have changed since the profile was made, nothing is asked.
    """
    facts = each.facts
    if facts.installed_offering_id not in (None, facts.profile.offering_id):
        yield f"{facts.profile.offering_id} is provisioned, and {facts.installed_offering_id} was installed"
    if facts.profile.version != look.operator.network.fingerprint:
        return
    should, profile = _by_tables(look, each), facts.profile
    told = {
        "outer tag": profile.vlans.outer,
        "inner tag": profile.vlans.inner,
        "rate down": profile.bandwidth.down_maximum,
        "rate up": profile.bandwidth.up_maximum,
        "group in AAA": profile.aaa_group,
    }
    for name, value in should.items():
        if told[name] != value and not (profile.has_own_vlans and name in ("outer tag", "inner tag")):
            yield f"its {name} is {told[name]}, and network.yaml says {value}"


def _by_tables(look: Look, each: ActedSaga) -> dict[str, object]:
    """What the tables say of a service, read here and not by the code that makes profiles."""
    network, facts = look.operator.network, each.facts
    element = network.elements.get(facts.line.element)
    variant = "" if element is None else element.variant
    for block in network.profiles_for(look.market.id, facts.profile.technology, variant):
        for tier in block.tiers:
            if tier.offering == facts.profile.offering_id:
                first = block.vlans.inner_from
                return {
                    "outer tag": block.vlans.outer,
                    "inner tag": None if first is None else first + (facts.line.onu_id or 0),
                    "rate down": tier.down,
                    "rate up": tier.up,
                    "group in AAA": tier.aaa_group,
                }
    return {}


def _changes(look: Look, sagas: Sequence[ActedSaga]) -> dict[int, dict[str, Change]]:
    """The last change of each layer that was meant for a service, by saga."""
    services = {each.saga.id: each.saga.service_id for each in sagas}
    ids, found = sorted(services), defaultdict[int, dict[str, Change]](dict)
    for start in range(0, len(ids), 500):
        query = select(SAGA_STEP.c.saga_id, SAGA_STEP.c.change).where(
            SAGA_STEP.c.saga_id.in_(ids[start : start + 500]),
            SAGA_STEP.c.event == "intended",
            SAGA_STEP.c.change.is_not(None),
        )
        for row in look.connection.execute(query.order_by(SAGA_STEP.c.saga_id, SAGA_STEP.c.number)):
            change = Change.model_validate_json(row.change)
            if change.line.service_id == services[row.saga_id] and change.after is not None:
                found[row.saga_id][change.layer] = change
    return found


def _otherwise_told(each: ActedSaga, changes: Mapping[str, Change]) -> Iterator[str]:
    """A layer that the journal says was told something else than what was planned."""
    for layer, change in changes.items():
        should = wanted(change.layer, each.facts.standing, each.facts.line, each.facts.profile) or {}
        after = change.after or {}
        wrong = sorted(name for name, value in should.items() if name in after and after[name] != value)
        if wrong:
            yield f"{layer} was told another {', '.join(wrong)} than was planned"


def _otherwise_seen(look: Look, each: ActedSaga) -> Iterator[str]:
    """What the last sweep since its end shows: another element, another port, another tier, a lock."""
    line = each.facts.line
    seen = look.seen.get(line.serial or "")
    if seen is None or seen.observed_at < each.saga.changed_at + _SETTLED:
        return
    if seen.element != line.element:
        yield f"{line.serial} is seen on {seen.element}, and hangs on {line.element}"
    elif seen.port is not None and not is_on_port(seen.port, line.port):
        yield f"{line.serial} is seen on port {seen.port}, and hangs on {line.port}"
    if seen.administrative_state == "locked":
        yield f"{line.serial} is locked, and its service is active"
    offering = offering_of(
        look.operator.catalogue, each.facts.installed_offering_id or each.facts.profile.offering_id
    )
    tiers = () if offering is None else offering.network_profiles
    if offering is not None and tiers and seen.profile is not None and seen.profile not in tiers:
        yield f"the network gives it {seen.profile}, and {offering.id} was sold"

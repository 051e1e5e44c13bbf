"""Judge the plan map of a wave: nobody's price changes; pure."""

from canonical_model.money import Money
from handoffs.acquisition.steps import Proof, StepVerdict, WaveEvidence
from reconciliation.acquisition.plans import PlanFault


def plan_map(evidence: WaveEvidence) -> StepVerdict:
    """Every acquired plan goes on at its own price, to the cent; a promise is kept by a price that is in force."""
    facts, plans = evidence.facts, evidence.plans
    if facts is None or plans is None:
        return StepVerdict("plan_map", "not_judged", "the market was never reconciled")
    billed = {each.account for each in facts.charges}
    unbilled = [each for each in facts.accounts if each.services and not each.is_gone and each.account not in billed]
    money = sum(line.monthly_minor for line in plans.lines)
    kept = [line for line in plans.lines if line.entry is not None and line.entry.kept is not None]
    equal = [line for line in plans.lines if line.entry is not None and line.entry.kept is None]
    figures = (
        ("plans at a price", f"{len(plans.lines)}"),
        ("a month", _money(money, evidence)),
        ("equal to an offering", f"{len(equal)}"),
        ("grandfathered", f"{len(kept)}"),
        ("prices to agree", f"{len(evidence.prices)}"),
    )
    proof = [proof for fault in plans.faults for proof in _plan_proof(fault, evidence)]
    proof += [Proof(each.account, "the old system never billed it: nobody can tell its plan") for each in unbilled]
    if plans.faults:
        faults = "; ".join(_told(fault, evidence) for fault in plans.faults)
        if evidence.prices:
            faults += f"; `splice acquisition prices` lists {len(evidence.prices)} to agree"
        return StepVerdict("plan_map", "lacks", faults, figures, tuple(proof))
    if unbilled or not plans.lines:
        said = f"{len(unbilled)} accounts were never billed by the old system" if unbilled else "no plan was billed"
        return StepVerdict("plan_map", "not_judged", said, figures, tuple(proof))
    said = f"{len(plans.lines)} plans of {_money(money, evidence)} a month keep their price to the cent"
    return StepVerdict("plan_map", "done", said, figures)


def _told(fault: PlanFault, evidence: WaveEvidence) -> str:
    change = sum(cents for _, cents in fault.customers)
    tail = f", {_money(change, evidence)} a month together" if change else ""
    price = _money(fault.rate_minor, evidence)
    return f"{fault.code} at {price}: {fault.said} ({len(fault.customers)} accounts{tail})"


def _plan_proof(fault: PlanFault, evidence: WaveEvidence) -> list[Proof]:
    what = f"{fault.code} at {_money(fault.rate_minor, evidence)}: {fault.said}"
    return [Proof(account, what, cents if fault.kind == "price" else None) for account, cents in fault.customers]


def _money(minor: int, evidence: WaveEvidence) -> str:
    return str(Money.from_minor(minor, evidence.currency))

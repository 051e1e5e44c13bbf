"""By which keys the records of an entity belong together: what a join of the assembly follows, and nothing else."""

Keys = tuple[tuple[str, str], ...]
"""Kind and column of each key."""

LINKS: dict[str, Keys] = {
    "Customer": (("account", "account_number"),),
    "BillingAccount": (("account", "account_number"),),
    "ProductOrder": (("account", "account_number"), ("order", "order_number")),
    "ProductOrderItem": (("order", "order_number"),),
    "PriceAlteration": (("account", "account_number"),),
    "WorkOrder": (("order", "order_number"), ("work_order", "work_order_id"), ("serial", "expected_serial")),
    "WorkOrderVisit": (("work_order", "work_order_id"),),
    "FieldCompletion": (("work_order", "work_order_id"),),
    "CompletionMaterial": (("work_order", "work_order_id"), ("serial", "serial")),
    "CompletionTask": (("work_order", "work_order_id"),),
    "CompletionPhoto": (("work_order", "work_order_id"),),
    "CompletionTest": (("work_order", "work_order_id"),),
    "ServiceTest": (("work_order", "work_order_id"),),
    "StockMovement": (("serial", "serial"), ("work_order", "work_order_id")),
    "SupplierInvoiceLine": (("work_order", "work_order_id"),),
    "PartnerCharge": (("account", "account_number"),),
    "WholesaleLine": (("serial", "serial"), ("wholesale_line", "line_id")),
    "WholesaleCharge": (("wholesale_line", "line_id"),),
    "ResourceReservation": (("order", "order_number"),),
    "NetworkObservation": (("serial", "serial"),),
    "ServiceActivation": (("order", "order_number"),),
    "Subscription": (("account", "account_number"), ("subscription", "subscription_id")),
    "SuspensionPeriod": (("subscription", "subscription_id"),),
    "BillingCycle": (("account", "account_number"),),
    "ChargeLine": (("account", "account_number"),),
    "BillingItem": (("account", "account_number"), ("subscription", "subscription_id")),
    "CustomerBill": (("account", "account_number"), ("bill", "bill_id")),
    "Payment": (("account", "account_number"),),
    "Adjustment": (("account", "account_number"),),
    "Dispute": (("account", "account_number"), ("bill", "bill_id")),
    "CreditApproval": (("account", "account_number"),),
    "AccountCutOver": (("account", "account_number"), ("serial", "serial")),
    "AccountBalance": (("account", "account_number"),),
    "Touch": (("account", "account_number"), ("order", "order_number"), ("work_order", "work_order_id")),
    "TroubleTicket": (("account", "account_number"),),
}
"""By entity, kind and column of each key. Records that share a key are judged together or not at all."""

BRANCHING = {entity: keys for entity, keys in LINKS.items() if len(keys) > 1}
"""Entities whose records lead from one key to another; all others only belong to one."""

UNJUDGED = frozenset({"Premise", "AccessTerminal", "NetworkEvent", "AaaSession"})
"""Entities that the assembly does not read: what changes in them changes no judgement."""

BESIDE = frozenset({"Premise"})
"""Of these, what tells what services have in common: a change of it reaches nobody, and goes with every part."""

# An entity in neither is about many accounts at once (a pause of a job, an outage): where one of its
# records changes, everything is judged, and its records go with every part.

RECORD_KEY = ("source_system", "source_object", "source_id")


def hashed(keys: Keys) -> str:
    """The hash of each key of a record as columns ``key_0``, ``key_1``; NULL where the key has no value."""
    return ", ".join(
        f"CASE WHEN {column} IS NOT NULL THEN hash({column}) END AS key_{number}"
        for number, (_, column) in enumerate(keys)
    )

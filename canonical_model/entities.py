"""The entities that mappings feed and the hub keeps, by name."""

from canonical_model import billing, care, customers, field_work, network, orders, places, stock, suppliers, take_over
from canonical_model.record import Record

ENTITIES: dict[str, type[Record]] = {
    entity.__name__: entity
    for entity in (
        places.Premise,
        customers.Customer,
        customers.BillingAccount,
        orders.ProductOrder,
        orders.ProductOrderItem,
        orders.PriceAlteration,
        field_work.WorkOrder,
        field_work.WorkOrderVisit,
        field_work.FieldCompletion,
        field_work.CompletionMaterial,
        field_work.CompletionTask,
        field_work.CompletionPhoto,
        field_work.CompletionTest,
        field_work.ServiceTest,
        stock.StockMovement,
        suppliers.SupplierInvoiceLine,
        suppliers.PartnerCharge,
        network.NetworkObservation,
        network.NetworkEvent,
        network.AaaSession,
        billing.Subscription,
        billing.SuspensionPeriod,
        billing.ChargeLine,
        billing.CustomerBill,
        billing.Payment,
        billing.Adjustment,
        billing.Dispute,
        billing.CreditApproval,
        take_over.AccountCutOver,
        take_over.AccountBalance,
        take_over.JobPause,
        care.Touch,
        care.TroubleTicket,
    )
}

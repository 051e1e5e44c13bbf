"""The analysis views of devices: those nobody recorded, those that left the store room, those claimed twice."""

from reconciliation.view_schema import AnalysisView, view_of

DEVICE_VIEWS: tuple[AnalysisView, ...] = (
    view_of(
        "equipment",
        "serial",
        "serial",
        "One row a month and device that the network shows although the field never recorded it or stock has it.",
        {
            "serial": "text",
            "element": "text",
            "is_live": "boolean",
            "is_awaited": "boolean",
            "is_near_miss": "boolean",
            "is_discovered": "boolean",
            "hours_known": "integer?",
            "known_to_field": "boolean",
            "in_stock_since": "date?",
            "profile_offering": "text",
            "registered_on": "date?",
            "last_traffic_on": "date?",
        },
    ),
    view_of(
        "stock_item",
        "serial",
        "serial",
        "One row a device that the store room gave out and that is at no service any more, or never was.",
        {
            "serial": "text",
            "kind": "text",
            "model": "text",
            "service": "text",
            "moved_on": "date",
            "days_missed": "integer",
            "is_recorded": "boolean",
            "is_work_over": "boolean",
            "is_near_miss": "boolean",
            "device_cost": "money(2)",
        },
    ),
    view_of(
        "shared_device",
        "service",
        "serial",
        "One row a month and service that claims a device which an earlier service claims as well.",
        {
            "service": "text",
            "account": "text",
            "first_service": "text",
            "first_account": "text",
            "serial": "text",
            "claimed_from": "date",
            "is_live": "boolean",
        },
    ),
)

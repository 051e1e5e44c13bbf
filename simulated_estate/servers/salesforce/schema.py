"""What the org knows about its sObjects: fields and types, read off the rows of the moment.

A field that vanishes from every row has vanished from the org. An sObject without rows has the fields it had before,
or those of ``STANDARD_FIELDS``.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Any

from simulated_estate.books import Row

SYSTEM_FIELDS = ("Id", "IsDeleted", "SystemModstamp")
_CUSTOM_OBJECT_FIELDS = ("Name", "CreatedDate")
STANDARD_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Account": (
        "Name",
        "AccountNumber",
        "Account_Key__c",
        "Service_Status__c",
        "Market__c",
        "Type",
        "BillingStreet",
        "BillingCity",
        "BillingPostalCode",
        "Phone",
        "PersonEmail",
        "PersonBirthdate",
        "CreatedDate",
    ),
    "Order": (
        "OrderNumber",
        "Order_Key__c",
        "AccountId",
        "Account_Number__c",
        "Market__c",
        "Premise__c",
        "Type",
        "Status",
        "StatusCode",
        "Offering__c",
        "Promo_Code__c",
        "Addons__c",
        "Install_Fee_Waived__c",
        "Term_Months__c",
        "EffectiveDate",
        "Completed_At__c",
        "CreatedDate",
    ),
    "Case": (
        "CaseNumber",
        "AccountId",
        "Account_Number__c",
        "Market__c",
        "Type",
        "Subject",
        "Status",
        "ClosedDate",
        "Handling_Minutes__c",
        "Credit_Amount__c",
        "Credit_Approved_On__c",
        "CreatedDate",
    ),
    "OrderItem": ("OrderId", "Order_Number__c", "Product__c", "Action__c", "Quantity", "CreatedDate"),
    "Premise__c": (
        *_CUSTOM_OBJECT_FIELDS,
        "Market__c",
        "Street__c",
        "Unit__c",
        "City__c",
        "State__c",
        "Postal_Code__c",
        "Latitude__c",
        "Longitude__c",
        "Hub__c",
        "Terminal__c",
        "Serviceable__c",
    ),
    "Order_Activity__c": (
        *_CUSTOM_OBJECT_FIELDS,
        "Order__c",
        "Order_Number__c",
        "Market__c",
        "Step__c",
        "Action__c",
        "By__c",
        "By_Kind__c",
        "Done_At__c",
    ),
    "Price_Exception__c": (
        *_CUSTOM_OBJECT_FIELDS,
        "Account__c",
        "Account_Number__c",
        "Kind__c",
        "Code__c",
        "Amount__c",
        "Valid_From__c",
        "Valid_To__c",
        "Approved_By__c",
    ),
}
"""Fields that an sObject has even before it has rows."""
_USUAL_PREFIX = "a00"
_TYPES: tuple[tuple[type | UnionType, str], ...] = (
    (bool, "boolean"),
    (datetime, "datetime"),
    (date, "date"),
    (Decimal | int | float, "double"),
)
_TYPES_BY_NAME = {
    "Id": "id",
    "IsDeleted": "boolean",
    "SystemModstamp": "datetime",
    "CreatedDate": "datetime",
    "ClosedDate": "datetime",
    "Handling_Minutes__c": "double",
    "EffectiveDate": "date",
    "PersonBirthdate": "date",
    "Valid_From__c": "date",
    "Valid_To__c": "date",
    "Amount__c": "double",
    "Credit_Amount__c": "double",
    "Credit_Approved_On__c": "date",
    "Quantity": "double",
    "Term_Months__c": "double",
    "Latitude__c": "double",
    "Longitude__c": "double",
    "Install_Fee_Waived__c": "boolean",
    "Credit_Hold__c": "boolean",
}
_NUMBERS = {
    "Amount__c": ("currency", 2),
    "Credit_Amount__c": ("currency", 2),
    "Latitude__c": ("double", 6),
    "Longitude__c": ("double", 6),
}
"""Numbers that are not whole -> the type that describe tells, and the digits after the point."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?P<time>T\d\d:\d\d.*)?")
_LENGTHS = {"id": 18, "reference": 18, "string": 255}


class Schema:
    """The sObjects of the org and their fields."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self._rows = rows
        self._remembered: dict[str, dict[str, str]] = {}

    def entity(self, name: str) -> str | None:
        """The sObject's own spelling, or None; names are matched without regard to case."""
        return next((known for known in self._rows if known.lower() == name.lower()), None)

    def entities(self) -> list[str]:
        """All sObjects."""
        return sorted(self._rows)

    def kind(self, entity: str, name: str) -> str | None:
        """The Salesforce type of one field, None where there is none; without reading every row for it."""
        rows = self._rows.get(entity, [])
        if not rows:
            return self.fields(entity).get(name)
        if not any(name in row for row in rows):
            return None
        return self._type_of(name, rows) or None

    def fields(self, entity: str) -> dict[str, str]:
        """Field name -> Salesforce type."""
        rows = self._rows.get(entity, [])
        if not rows:
            known = self._remembered.get(entity)
            names = (*SYSTEM_FIELDS, *STANDARD_FIELDS.get(entity, ()))
            return known or {name: self._type_by_name(name) for name in names}
        names = tuple(dict.fromkeys(name for keys in {tuple(row) for row in rows} for name in keys))
        fields = {name: kind for name in names if (kind := self._type_of(name, rows))}
        self._remembered[entity] = fields
        return fields

    def parent_entity(self, entity: str, relationship: str) -> tuple[str, str] | None:
        """The reference field and the parent sObject behind a relationship name (``Account``, ``Premise__r``)."""
        custom = relationship.lower().endswith("__r")
        stem = relationship[:-3] if custom else relationship
        reference = f"{stem}__c" if custom else f"{stem}Id"
        parent = self.entity(f"{stem}__c" if custom else stem) or self.entity(stem)
        column = next((name for name in self.fields(entity) if name.lower() == reference.lower()), None)
        return (column, parent) if column and parent else None

    def child_entity(self, entity: str, relationship: str) -> tuple[str, str, str] | None:
        """Relationship name in its own spelling, child sObject and its reference field (``OrderItems``)."""
        for name, child, reference in self._children(entity):
            if name.lower() == relationship.lower():
                return name, child, reference
        return None

    def _children(self, entity: str) -> Iterator[tuple[str, str, str]]:
        """Every relationship to children: ``OrderItems``, ``Price_Exceptions__r``."""
        for child in self.entities():
            for name in self.fields(child):
                stem = name.removesuffix("__c").removesuffix("Id")
                if stem != name and (self.entity(stem) or self.entity(f"{stem}__c")) == entity:
                    called = f"{child[:-3]}s__r" if child.endswith("__c") else f"{child}s"
                    yield called, child, name

    def describe(self, entity: str) -> dict[str, Any]:
        """The describe result: the sObject and its fields."""
        return {
            **self.summary(entity),
            "fields": [self._field(*item) for item in self.fields(entity).items()],
            "childRelationships": [
                {
                    "relationshipName": name,
                    "childSObject": child,
                    "field": reference,
                    "cascadeDelete": child.startswith(
                        entity.removesuffix("__c")
                    ),  # parts are called after their whole
                }
                for name, child, reference in self._children(entity)
            ],
        }

    def summary(self, entity: str) -> dict[str, Any]:
        """What the global describe tells of an sObject."""
        return {
            "name": entity,
            "label": entity.removesuffix("__c").replace("_", " "),
            "custom": entity.endswith("__c"),
            "keyPrefix": rows[0]["Id"][:3] if (rows := self._rows[entity]) else _USUAL_PREFIX,
            "queryable": True,
            "retrieveable": True,
            "replicateable": True,
            "createable": True,
            "updateable": True,
            "deletable": True,
        }

    def _type_of(self, name: str, rows: list[Row]) -> str:
        """The type of a field by its first value; nothing for a nested parent, which is no field."""
        value = next((row[name] for row in rows if row.get(name) is not None), None)
        if isinstance(value, dict):
            return ""
        for python, kind in _TYPES:
            if isinstance(value, python):
                return kind
        if isinstance(value, str) and (shape := _MOMENT.fullmatch(value)):
            return "datetime" if shape["time"] else "date"
        return self._type_by_name(name)

    def _type_by_name(self, name: str) -> str:
        if name in _TYPES_BY_NAME:
            return _TYPES_BY_NAME[name]
        if name.endswith("_At__c"):
            return "datetime"
        stem = name.removesuffix("__c").removesuffix("Id")
        is_reference = stem != name and (self.entity(stem) or self.entity(f"{stem}__c"))
        return "reference" if is_reference else "string"

    def _field(self, name: str, kind: str) -> dict[str, Any]:
        stem = name.removesuffix("__c").removesuffix("Id")
        parent = (self.entity(stem) or self.entity(f"{stem}__c")) if kind == "reference" else None
        is_custom = name.endswith("__c")
        kind, scale = _NUMBERS.get(name, (kind, 0))
        return {
            "name": name,
            "label": name.removesuffix("__c").replace("_", " "),
            "type": kind,
            "length": _LENGTHS.get(kind, 0),
            "scale": scale,
            "custom": is_custom,
            "nillable": name not in SYSTEM_FIELDS,
            "filterable": True,
            "sortable": True,
            "referenceTo": [parent] if parent else [],
            "relationshipName": (f"{stem}__r" if is_custom else stem) if parent else None,
            "unique": name == "Id",
        }

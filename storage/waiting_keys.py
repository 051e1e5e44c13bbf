"""Keys that a record in quarantine waits for, as the JSON text of a column."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from canonical_model.entities import ENTITIES
from canonical_model.record_fields import fields_of
from rules.references import MissingKey, ReferenceKey, Target
from storage.rows import to_json


def keys_to_text(keys: Collection[MissingKey] | None) -> str | None:
    """The text; None where nothing is waited for."""
    if keys is None:
        return None
    return to_json([{**asdict(one.target), "key": [_to_json(part) for part in one.key]} for one in keys])


def keys_from_text(text: str | None) -> tuple[MissingKey, ...] | None:
    """The keys of a text. Those that the canonical model cannot have any more are left out: nobody waits for them."""
    if text is None:
        return None
    found = (_missing_key(written) for written in json.loads(text))
    return tuple(one for one in found if one is not None)


def _missing_key(written: Mapping[str, Any]) -> MissingKey | None:
    entity = ENTITIES.get(written["entity"])
    kinds = {field.name: field.kind for field in fields_of(entity)} if entity is not None else {}
    fields = tuple(written["fields"])
    if not kinds.keys() >= set(fields):
        return None
    target = Target(written["entity"], fields, tuple(written["systems"]), written["stream"])
    key: ReferenceKey = tuple(
        date.fromisoformat(part) if kinds[field] == "day" else part
        for field, part in zip(fields, written["key"], strict=True)
    )
    return MissingKey(target, key)


def _to_json(part: object) -> object:
    return part.isoformat() if isinstance(part, date) else part

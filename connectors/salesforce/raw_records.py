"""One raw record, whether it came as JSON of the REST API or as a line of the Bulk API's CSV.

The org keeps no empty text, and the CSV cannot tell one from null: both are None. Numbers with a fraction are text in
one spelling, moments are spelled as the REST API does, and a parent of which nothing is known is None.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.ports import RawRecord

_LARGEST_EXPONENT = 400
"""A number beyond is garbage; its digits would fill the memory."""

Reader = Callable[[str], Any]


def plain_number(text: str) -> str:
    """An exact number without exponent and without zeros at its end: ``1.39E8`` is ``139000000``.

    What is no number stays as it is; the mapping will say so.
    """
    if "e" in text or "E" in text:
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
            return text
        text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def from_json(record: Mapping[str, Any]) -> RawRecord:
    """A record of the REST API without its ``attributes``; nested lists are left as they are."""
    plain: RawRecord = {}
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, dict) and "records" not in value:
            parent = from_json(value)
            plain[name] = parent if any(part is not None for part in parent.values()) else None
        else:
            plain[name] = None if value == "" else value
    return plain


def _truth(text: str) -> Any:
    return {"true": True, "false": False}.get(text, text)


def _whole(text: str) -> Any:
    return int(text) if len(text) < 40 and text.lstrip("-").isdecimal() else text


def _moment(text: str) -> str:
    return text[:-1] + "+0000" if text.endswith("Z") else text


_READERS: Mapping[str, Reader] = {
    "boolean": _truth,
    "int": _whole,
    "long": _whole,
    "double": plain_number,
    "currency": plain_number,
    "percent": plain_number,
    "datetime": _moment,
}
_AS_THEY_ARE = frozenset(
    {
        *("anyType", "combobox", "date", "email", "encryptedstring", "id", "multipicklist", "phone", "picklist"),
        *("reference", "string", "textarea", "time", "url"),
    }
)


def is_told_in_csv(kind: str | None) -> bool:
    """Whether a field of that type can be read from CSV as exactly as from JSON; compound ones cannot."""
    return kind in _READERS or kind in _AS_THEY_ARE


def csv_reader(paths: Sequence[str], kinds: Mapping[str, str]) -> Callable[[list[str]], RawRecord]:
    """What makes a record of a line.

    Args:
        paths: of the columns, a parent's field as ``Parent.Field``.
        kinds: the type of each path.
    """
    readers = [(place, _READERS[kinds[path]]) for place, path in enumerate(paths) if kinds[path] in _READERS]
    is_flat = not any("." in path for path in paths)
    tree = _tree(paths)

    def record(line: list[str]) -> RawRecord:
        values: list[Any] = [value or None for value in line]
        for place, read in readers:
            value = values[place]
            if value is not None:
                values[place] = read(value)
        if is_flat:
            return dict(zip(paths, values, strict=True))
        return {name: _grown(branch, values) for name, branch in tree.items()}

    return record


_Tree = dict[str, Any]
"""Name -> place of a column, or what is below a parent."""


def _tree(paths: Sequence[str]) -> _Tree:
    tree: _Tree = {}
    for place, path in enumerate(paths):
        *parents, field = path.split(".")
        branch = tree
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[field] = place
    return tree


def _grown(branch: Any, values: Sequence[Any]) -> Any:
    """The value of a column, or a parent; None for a parent of which nothing is known."""
    if isinstance(branch, int):
        return values[branch]
    parent = {name: _grown(below, values) for name, below in branch.items()}
    return parent if any(value is not None for value in parent.values()) else None

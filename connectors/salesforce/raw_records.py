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

Column = Sequence[str]
"""The texts of one column of CSV."""


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


def _texts(column: Column) -> Sequence[Any]:
    return [text or None for text in column] if "" in column else column


def _truths(column: Column) -> Sequence[Any]:
    return list(map(_TRUTHS.get, column, column))


def _whole_numbers(column: Column) -> Sequence[Any]:
    return [_whole(text) for text in column]


def _numbers(column: Column) -> Sequence[Any]:
    return [plain_number(text) or None for text in column]


def _moments(column: Column) -> Sequence[Any]:
    return [text[:-1] + "+0000" if text.endswith("Z") else text or None for text in column]


def _whole(text: str) -> int | str | None:
    return int(text) if len(text) < 40 and text.lstrip("-").isdecimal() else text or None


_TRUTHS: dict[str, Any] = {"true": True, "false": False, "": None}
_READERS: Mapping[str, Callable[[Column], Sequence[Any]]] = {
    "boolean": _truths,
    "int": _whole_numbers,
    "long": _whole_numbers,
    "double": _numbers,
    "currency": _numbers,
    "percent": _numbers,
    "datetime": _moments,
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


def csv_reader(
    paths: Sequence[str], kinds: Mapping[str, str]
) -> Callable[[Sequence[Sequence[str]]], list[RawRecord]]:
    """What makes records of lines, column by column.

    Args:
        paths: of the columns, a parent's field as ``Parent.Field``.
        kinds: the type of each path.
    """
    readers = [_READERS.get(kinds[path], _texts) for path in paths]
    is_flat = not any("." in path for path in paths)
    tree = _tree(paths)

    def records(lines: Sequence[Sequence[str]]) -> list[RawRecord]:
        columns = zip(*lines, strict=True)
        rows = zip(*[read(column) for read, column in zip(readers, columns, strict=False)], strict=True)
        if is_flat:
            return [dict(zip(paths, row, strict=True)) for row in rows]
        return [{name: _grown(branch, row) for name, branch in tree.items()} for row in rows]

    return records


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

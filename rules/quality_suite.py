"""A quality suite: what every batch of a stream must live up to, read from YAML.

::

    - name: amount is given
      expectation: expect_column_values_to_not_be_null
      column: amount_minor
      severity: critical
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal, get_args

from canonical_model.errors import Fault
from canonical_model.yaml_source import Place, YamlSource, nearest
from rules.expectations import EXPECTATIONS, ExpectationKind
from rules.references import AMONG, REFERENCES, Target, read_target

Severity = Literal["critical", "warning"]
Argument = str | int | float | bool | date | tuple[str | int | float | date, ...]

PER_PAGE, PER_PULL = "page", "pull"
KINDS = EXPECTATIONS | REFERENCES
_OWN_KEYS = ("name", "expectation", "severity", "by_market", "per")


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that a batch must live up to.

    Attributes:
        name: what people and quarantined records call it.
        kind: name in `KINDS`.
        severity: a critical one fails its rows and the batch, a warning is only told.
        arguments: columns and bounds, as the library takes them.
        target: where the key that its columns hold must be known; None for an expectation of the library.
        by_market: whether the rows of each market are judged for themselves, so that none hides behind another.
        per_page: whether the share that it tolerates is one of each page, and not of the whole pull.
        place: where it is written.
    """

    name: str
    kind: str
    severity: Severity
    arguments: tuple[tuple[str, Argument], ...]
    target: Target | None = None
    by_market: bool = False
    per_page: bool = False
    place: Place = field(default=Place(""), compare=False, repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it looks at."""
        given = dict(self.arguments)
        named = [given[key] for key in KINDS[self.kind].columns]
        return tuple(str(column) for one in named for column in (one if isinstance(one, tuple) else (one,)))

    @property
    def is_of_rows(self) -> bool:
        """Whether each row is judged, and not the batch as a whole."""
        return "mostly" in KINDS[self.kind].arguments

    @property
    def mostly(self) -> Decimal:
        """The share of rows that must live up to it."""
        return Decimal(str(dict(self.arguments).get("mostly", 1)))

    @property
    def is_tolerant(self) -> bool:
        """Whether a share of its rows may fail, so that it is about the batch and not about single rows."""
        return self.mostly != 1

    @property
    def is_of_the_pull(self) -> bool:
        """Whether it is held against all pages of a pull together."""
        return self.is_tolerant and not self.per_page


@dataclass(frozen=True, slots=True)
class QualitySuite:
    """All expectations of a stream."""

    stream: str
    expectations: tuple[Expectation, ...]

    @property
    def of_the_batch(self) -> tuple[Expectation, ...]:
        """The expectations that a batch is judged by alone."""
        return tuple(one for one in self.expectations if one.target is None)

    def part(self, *, by_market: bool) -> "QualitySuite":
        """The expectations of the batch that judge each market for itself, or those that do not."""
        return replace(self, expectations=tuple(one for one in self.of_the_batch if one.by_market == by_market))

    @property
    def references(self) -> tuple[Expectation, ...]:
        """The expectations that are judged by what is known beside the batch."""
        return tuple(one for one in self.expectations if one.target is not None)

    @property
    def version(self) -> str:
        """Equal for equal content, wherever it is written."""
        return sha256(repr(self).encode()).hexdigest()[:12]


def read_suite(
    source: YamlSource, stream: str, faults: list[Fault], *, columns: Collection[str] | None = None
) -> QualitySuite | None:
    """Read the suite of a stream.

    Args:
        source: a list of expectations.
        stream: what the suite is for.
        faults: unknown expectations, columns and arguments are added here.
        columns: columns that a batch has; None leaves their names unchecked.

    Returns:
        The suite, or None where it has faults.
    """
    if not isinstance(source.data, list) or not source.data:
        faults.append(source.place().fault("a list of expectations is expected"))
        return None
    found: list[Fault] = []
    expectations = [_expectation(entry, columns, found) for entry in source.items()]
    names: set[str] = set()
    for entry, expectation in zip(source.items(), expectations, strict=True):
        if expectation is not None and expectation.name in names:
            found.append(entry.place("name").fault(f"the name {expectation.name!r} stands twice"))
        names.update([expectation.name] if expectation else [])
    faults.extend(found)
    return None if found else QualitySuite(stream, tuple(one for one in expectations if one is not None))


def _expectation(entry: YamlSource, columns: Collection[str] | None, faults: list[Fault]) -> Expectation | None:
    if not isinstance(entry.data, dict):
        faults.append(entry.place().fault("keys and values were expected here"))
        return None
    wanted = entry.data.get("expectation")
    kind = KINDS.get(wanted) if isinstance(wanted, str) else None
    if kind is None or not isinstance(wanted, str):
        near = nearest(str(wanted), KINDS)
        faults.append(entry.place("expectation").fault(f"there is no expectation {wanted}{near}"))
        return None
    is_reference = wanted in REFERENCES
    found = [*_wrong_keys(entry, kind, (AMONG,) if is_reference else ()), *_wrong_columns(entry, kind, columns)]
    target = None
    if is_reference and not found:
        target = read_target(entry, _named_columns(entry, kind), found)
    faults.extend(found)
    if found:
        return None
    arguments = {key: value for key, value in entry.data.items() if key not in (*_OWN_KEYS, AMONG)}
    name = entry.data.get("name") or f"{wanted} {_joined(arguments.get('column'))}".strip()
    severity: Severity = entry.data.get("severity", "critical")
    given = tuple((key, _argument(value)) for key, value in arguments.items())
    by_market, per_page = bool(entry.data.get("by_market", False)), entry.data.get("per") == PER_PAGE
    return Expectation(name, wanted, severity, given, target, by_market, per_page, entry.place())


def _named_columns(entry: YamlSource, kind: ExpectationKind) -> list[str]:
    (key,) = kind.columns
    named = entry.data[key]
    return named if isinstance(named, list) else [named]


def _wrong_keys(entry: YamlSource, kind: ExpectationKind, more: tuple[str, ...] = ()) -> Iterator[Fault]:
    known = [*_OWN_KEYS, *kind.columns, *kind.arguments, *more]
    for key, value in entry.data.items():
        if key not in known:
            yield entry.place(key).fault(f"unknown key{nearest(key, known)}")
        elif key in kind.arguments and not _is_one_of(value, kind.arguments[key]):
            names = " or ".join(one.__name__.lower() for one in kind.arguments[key])
            yield entry.place(key).fault(f"{names} is expected")
    if entry.data.get("severity", "critical") not in get_args(Severity):
        yield entry.place("severity").fault("critical or warning is expected")
    yield from _wrong_share(entry, kind)
    if not isinstance(entry.data.get("by_market", False), bool):
        yield entry.place("by_market").fault("true or false is expected")
    if not isinstance(entry.data.get("name", ""), str):
        yield entry.place("name").fault("text is expected")
    if kind.required and not any(entry.data.get(key) is not None for key in kind.required):
        yield entry.place().fault(f"{' or '.join(kind.required)} must be given")


def _wrong_share(entry: YamlSource, kind: ExpectationKind) -> Iterator[Fault]:
    mostly = entry.data.get("mostly", 1)
    if "mostly" in kind.arguments and _is_one_of(mostly, kind.arguments["mostly"]) and not 0 < mostly <= 1:
        yield entry.place("mostly").fault("a share above 0 is expected, and at most 1")
    if entry.data.get("per", PER_PULL) not in (PER_PAGE, PER_PULL):
        yield entry.place("per").fault(f"{PER_PULL} or {PER_PAGE} is expected")
    elif "per" in entry.data and "mostly" not in entry.data:
        yield entry.place("per").fault("is of no use without mostly")


def _wrong_columns(entry: YamlSource, kind: ExpectationKind, columns: Collection[str] | None) -> Iterator[Fault]:
    for key in kind.columns:
        value = entry.data.get(key)
        named = value if isinstance(value, list) and key == "column_list" else [value]
        for column in named:
            if not isinstance(column, str):
                yield entry.place(key).fault("a column must be named here")
            elif columns is not None and column not in columns:
                yield entry.place(key).fault(f"there is no column {column}{nearest(column, list(columns))}")


def _is_one_of(value: object, types: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in types
    return isinstance(value, types)


def _argument(value: Any) -> Argument:
    if isinstance(value, list):
        return tuple(_scalar(item) for item in value)
    return _scalar(value)


def _scalar(value: Any) -> str | int | float | date:
    plain: str | int | float | date = float(value) if isinstance(value, Decimal) else value
    return plain


def _joined(column: object) -> str:
    return column if isinstance(column, str) else ""

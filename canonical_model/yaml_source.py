"""YAML that remembers its lines, so that every fault in an operator's folder names file, line and key.

The reading is stricter than YAML 1.1: ``true`` and ``false`` are the only booleans (``off`` and ``no`` are
text), a decimal number is a `Decimal` and never a float, ``12:30`` is text, a key stands once.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import yaml

from canonical_model.errors import Fault

Path = tuple[str | int, ...]

MOST_NODES = 200_000
DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file: its 1-based line (0: nowhere) and its dotted key."""

    file: str
    line: int = 0
    key: str = ""

    def fault(self, problem: str) -> Fault:
        """Something is wrong here; ``problem`` says what, and what was expected."""
        return Fault(self.file, self.line, self.key, problem)


@dataclass(frozen=True, slots=True)
class YamlSource:
    """A YAML file, or a part of it, as plain data with the line of every key and item.

    Attributes:
        file: the file's name as the person knows it.
        data: dict, list, str, int, Decimal, bool, date or None.
        lines: line by path, for the whole file.
        path: where ``data`` stands in the file; empty for the whole file.
    """

    file: str
    data: Any
    lines: Mapping[Path, int] = field(repr=False)
    path: Path = ()

    def place(self, *steps: str | int) -> Place:
        """The place of a key below this part; a key that is not there has the line of what should hold it."""
        whole = (*self.path, *steps)
        known = next(whole[:length] for length in range(len(whole), -1, -1) if whole[:length] in self.lines)
        return Place(self.file, self.lines[known], ".".join(str(step) for step in whole))

    def part(self, *steps: str | int) -> "YamlSource":
        """The part that stands below the given keys.

        Raises:
            KeyError, IndexError: nothing stands there.
        """
        data = self.data
        for step in steps:
            data = data[step]
        return YamlSource(self.file, data, self.lines, (*self.path, *steps))

    def items(self) -> Iterator["YamlSource"]:
        """The parts of a list, one by one."""
        return (self.part(number) for number in range(len(self.data)))


def read_yaml(text: str, file: str, faults: list[Fault]) -> YamlSource | None:
    """Read one YAML document.

    Args:
        text: the file's content.
        file: its name in faults.
        faults: what is wrong with the YAML itself is added here.

    Returns:
        The source, which nobody may change: the same text gives the same data again. None where the YAML could not
        be read. An empty file holds None.
    """
    data, lines, found = _read(text)
    faults.extend(replace(fault, file=file) for fault in found)
    return None if found else YamlSource(file, data, lines)


@lru_cache(maxsize=1024)  # a folder is read several times while a command runs, and has some hundred files
def _read(text: str) -> tuple[Any, Mapping[Path, int], tuple[Fault, ...]]:
    """Data, lines and faults of a text; the faults name no file."""
    reader = _Reader()
    try:
        root = _composed(text)
        data = reader.value(root, ()) if root is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        return None, {}, (Fault("", line, "", f"not YAML: {error.problem or error.context}"),)
    except (yaml.YAMLError, RecursionError) as error:
        return None, {}, (Fault("", 0, "", f"not YAML: {str(error).splitlines()[0]}"),)
    return data, MappingProxyType({(): 1, **reader.lines}), tuple(reader.faults)


def _composed(text: str) -> yaml.Node | None:
    """The nodes of a document: by libyaml where it is there, which takes a tenth of the time.

    Raises:
        YAMLError: the text is not YAML, or is nested so deep that libyaml would break down over it.
    """
    fast = getattr(yaml, "CSafeLoader", None)
    if fast is not None:
        try:
            _refuse_depth(yaml.parse(text, Loader=fast))
            return yaml.compose(text, Loader=fast)
        except _TooDeep:
            raise
        except (yaml.YAMLError, UnicodeError):
            pass  # the other one says more exactly what is wrong, and where
    return yaml.compose(text, Loader=yaml.SafeLoader)


class _TooDeep(yaml.MarkedYAMLError):
    """Nested deeper than any file of an operator is."""


def _refuse_depth(events: Iterator[Any]) -> None:
    depth = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST + 1:
            raise _TooDeep(problem="nested too deep, or too large", problem_mark=event.start_mark)


def nearest(wanted: str, known: Iterator[str] | list[str] | Mapping[str, Any]) -> str:
    """A half sentence that names the known words nearest to a wrong one; empty where none is near."""
    words = sorted(known)
    by_folded = {word.lower(): word for word in words}
    found = get_close_matches(wanted.lower(), by_folded, n=2, cutoff=0.6)
    if found:
        return "; nearest: " + ", ".join(by_folded[name] for name in found)
    if 0 < len(words) <= 12:
        return "; known: " + ", ".join(words)
    return ""


_PLAIN_SCALARS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"(?:~|null|Null|NULL|)\Z"), lambda _: None),
    (re.compile(r"(?:true|True|TRUE)\Z"), lambda _: True),
    (re.compile(r"(?:false|False|FALSE)\Z"), lambda _: False),
    (re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"), int),
    (re.compile(r"[-+]?[0-9]+\.[0-9]+\Z"), Decimal),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"), date.fromisoformat),
)


_FIRST_OF_SCALARS = frozenset("~nNtTfF-+0123456789")
"""What those begin with; any other plain word is text."""


class _Reader:
    """Turns YAML nodes into plain data and notes their lines."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.faults: list[Fault] = []

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if len(path) > DEEPEST or len(self.lines) > MOST_NODES:
            raise yaml.MarkedYAMLError(problem="nested too deep, or too large", problem_mark=node.start_mark)
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and re.fullmatch(r"tag:yaml\.org,2002:\w+", node.tag):
            return self._scalar(node, path)
        self._fault(node, path, f"the tag {node.tag} is not allowed here")
        return None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or not key or key == "<<":
                self._fault(key_node, path, "a key must be a plain word")
                continue
            place = (*path, key)
            if key in found:
                self._fault(key_node, place, f"the key stands twice; first in line {self.lines[place]}")
                continue
            self.lines[place] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, place)
        return found

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        text: str = node.value
        if node.style:  # None, or empty where libyaml read it, of a plain word
            return text
        if not text or text[0] not in _FIRST_OF_SCALARS:
            return text or None
        for pattern, convert in _PLAIN_SCALARS:
            if pattern.match(text):
                try:
                    return convert(text)
                except ValueError:
                    self._fault(node, path, f"{text} is not a date of the calendar")
        return text

    def _fault(self, node: yaml.Node, path: Path, problem: str) -> None:
        key = ".".join(str(step) for step in path)
        self.faults.append(Fault("", node.start_mark.line + 1, key, problem))

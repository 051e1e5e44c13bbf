"""XML of a SOAP answer as plain data, in the shape its schema declares and the spelling its source chose.

zeep would turn values into Python types and drop those it cannot read; a bad amount or date must reach quarantine as
it was written instead. So numbers with a fraction, dates and times stay text, and the schema only says what is a
list, what is nested, what is a whole number and what is a truth value.
"""

from collections.abc import Iterable
from typing import Any

from lxml import etree
from zeep import xsd

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.settings import near
from connectors.soap.safe_xml import SPOILT, unspoilt

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
OWN_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_OF_INSTANCES = {_NIL, OWN_TYPE}
_TEXT = "_value_1"
"""zeep's name for the text of an element with attributes."""

ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
ITEM = "item"
"""What an element of an array is called where nothing else names it."""

_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_WHOLE = (xsd.Integer, xsd.Int, xsd.Long, xsd.Short)


class Shapes:
    """What the schema says of its types, looked up once for each."""

    def __init__(self) -> None:
        # by identity, because zeep's built-in types cannot be hashed; each type is kept so that its id stays its own
        self._children: dict[int, tuple[Any, dict[str, tuple[Any, bool]]]] = {}

    def children(self, kind: Any) -> dict[str, tuple[Any, bool]]:
        """Elements that a type may hold: name -> (its type, whether it may repeat); empty for a simple type."""
        if id(kind) not in self._children:
            elements = getattr(kind, "elements", [])
            found = {
                element.name: _repeated(element.type) or (_simple(element.type), element.accepts_multiple)
                for _, element in elements
                if isinstance(element, xsd.Element)
            }
            self._children[id(kind)] = (kind, {ITEM: (item_of(kind), True)} if is_array(kind) else found)
        return self._children[id(kind)][1]

    def at(self, kind: Any, path: str) -> Any:
        """The type that a dotted path leads to.

        Raises:
            KeyError: a step is no element of the type before it; its argument is the sentence that says so.
        """
        for step in path.split("."):
            children = self.children(kind)
            known = {**{name: child for name, (child, _) in children.items()}, **attributes_of(kind)}
            if step not in known:
                raise KeyError(f"element {step} is not in the WSDL{near(step, known)}")
            kind = known[step]
        return kind

    def missing(self, wanted: Iterable[tuple[Any, str]]) -> list[str]:
        """A sentence for each path that leads nowhere from its type."""
        faults = []
        for kind, path in wanted:
            try:
                self.at(kind, path)
            except KeyError as error:
                faults.append(str(error.args[0]))
        return faults

    def nodes(self, node: etree._Element, kind: Any, path: str) -> list[etree._Element]:
        """The elements that a dotted path leads to, in the order they stand in.

        Raises:
            ConfigurationError: an element on the way is not in the WSDL.
        """
        step, _, rest = path.partition(".")
        children = self.children(kind)
        found: list[etree._Element] = []
        for child in node:
            name = local_name(child.tag) if isinstance(child.tag, str) else step
            if name not in children and not _is_open(node, kind):
                raise ConfigurationError(f"element {name} is not in the WSDL; the service has changed")
            if name == step and isinstance(child.tag, str):
                found += self.nodes(child, children[name][0], rest) if rest else [child]
        return found

    def record(self, node: etree._Element, kind: Any) -> Any:
        """As ``value``, with what stood where a stand-in is (``safe_xml``).

        Raises:
            ConfigurationError: as ``value``.
            UnsafeToContinue: it is nested beyond reason.
        """
        try:
            value = self.value(node, kind)
        except RecursionError as error:
            raise UnsafeToContinue("an element is nested beyond reason; ask who runs the service") from error
        return unspoilt(value) if node.getroottree().getroot().get(SPOILT) else value

    def value(self, node: etree._Element, kind: Any) -> Any:
        """One element as JSON: a dict for a complex type, else its text, whole number or truth value.

        Raises:
            ConfigurationError: the element holds another one that its schema does not know.
        """
        if node.get(_NIL) in {"true", "1"}:
            return None
        declared = self.children(kind)
        if set(declared) == {_TEXT}:  # text with attributes
            declared, kind = {}, self.at(kind, _TEXT)
        if not declared and not len(node) and not set(node.attrib) - _OF_INSTANCES:
            return _leaf(node.text or "", kind)
        record: dict[str, Any] = {name: [] if repeats else None for name, (_, repeats) in declared.items()}
        for child in node:
            if isinstance(child.tag, str):
                self._put(record, child, declared, is_open=_is_open(node, kind))
        for name, text in node.attrib.items():
            if name not in _OF_INSTANCES:
                record[local_name(name)] = text
        if not declared and not len(node):
            record[_TEXT] = _leaf(node.text or "", kind)
        return record

    def _put(
        self, record: dict[str, Any], child: etree._Element, declared: dict[str, tuple[Any, bool]], *, is_open: bool
    ) -> None:
        name = local_name(child.tag)
        if name not in declared and not is_open:
            raise ConfigurationError(f"element {name} is not in the WSDL; the service has changed")
        kind, repeats = declared.get(name, (None, False))
        value = self.value(child, kind)
        if repeats:
            record[name].append(value)
        elif record.get(name) is not None:  # repeats although its schema does not say so
            known = record[name]
            record[name] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            record[name] = value


def attributes_of(kind: Any) -> dict[str, Any]:
    """Attributes that a type may have: name -> their type."""
    return {name: attribute.type for name, attribute in getattr(kind, "attributes", []) if name is not None}


def is_array(kind: Any) -> bool:
    """Whether a type is an array of SOAP encoding."""
    return getattr(getattr(kind, "_array_type", None), "array_type", None) is not None


def item_of(kind: Any) -> Any:
    """The type of an array's elements."""
    return _simple(kind._array_type.array_type)  # noqa: SLF001 - zeep tells it nowhere else


def _simple(kind: Any) -> Any:
    """The type itself; of a simple type of SOAP encoding, which may bear an id, the one inside it."""
    space = getattr(getattr(kind, "qname", None), "namespace", None)
    inner = {name: element.type for name, element in getattr(kind, "elements", [])} if space == ENCODING else {}
    return inner.get(_TEXT, kind)


def _repeated(kind: Any) -> tuple[Any, bool] | None:
    return (item_of(kind), True) if is_array(kind) else None


def local_name(name: str) -> str:
    """The name of an element or attribute without its namespace."""
    return name.rpartition("}")[2]


def _is_open(node: etree._Element, kind: Any) -> bool:
    """Whether a type allows elements beyond those it declares."""
    own = (node.get(OWN_TYPE) or "").rpartition(":")[2]
    if kind is None or (own and own != getattr(kind, "name", None)):
        return True
    elements = [element for _, element in getattr(kind, "elements", [])]
    return not elements or any(isinstance(element, xsd.Any) for element in elements)


def _leaf(text: str, kind: Any) -> Any:
    if isinstance(kind, xsd.Boolean):
        return _TRUTH.get(text.strip(), text)
    if isinstance(kind, _WHOLE):
        bare = text.strip()
        return int(bare) if bare.lstrip("+-").isascii() and bare.lstrip("+-").isdigit() else text
    return text

"""RPC style with SOAP encoding (SOAP 1.1, section 5): types in requests, references and arrays in answers.

zeep writes such a request as if it were literal and leaves the answer to us. Old stacks want to be told the type of
each value, and answer with values that stand apart and are referred to. Here a request is given its types, and an
answer is made what it would have been in literal style, so that everything behind reads both alike.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from lxml import etree
from zeep import xsd

from canonical_model.errors import UnsafeToContinue
from connectors.soap.xml_records import ENCODING, ITEM, OWN_TYPE, is_array, item_of, local_name

MOST_TIMES_LARGER = 20
"""How much larger an answer may become when its references are followed; a few of them would fill any memory."""
_AT_LEAST = 100_000
_DEEPEST = 200
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_ENVELOPES = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
_SIMPLE = (
    *("string", "boolean", "int", "integer", "long", "short", "byte", "decimal", "float", "double", "dateTime"),
    *("date", "time", "base64Binary", "anyURI", "normalizedString", "token", "unsignedInt", "unsignedLong"),
)


def encoding_schema() -> bytes:
    """The schema that WSDLs of this style import, as far as reading needs it: arrays, and simple types with an id."""
    simple = "".join(
        f'<complexType name="{name}"><simpleContent><extension base="{name}"><attribute name="id" type="ID"/>'
        '<attribute name="href" type="anyURI"/></extension></simpleContent></complexType>'
        for name in _SIMPLE
    )
    anything = '<sequence><any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></sequence>'
    return (
        f'<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:e="{ENCODING}" targetNamespace="{ENCODING}">'
        '<attribute name="arrayType" type="string"/><attribute name="offset" type="string"/>'
        f'<complexType name="Array">{anything}<attribute ref="e:arrayType"/><attribute ref="e:offset"/></complexType>'
        f'<complexType name="Struct">{anything}</complexType>{simple}</schema>'
    ).encode()


Styles = dict[tuple[str, str], str]
"""Binding and operation -> the style of its messages, ``rpc`` or ``document``."""


def encoded_operations(document: bytes) -> Styles:
    """Those operations of a WSDL whose messages are encoded."""
    if b"encoded" not in document.replace(b"\0", b""):  # in UTF-16 too
        return {}
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:  # zeep says so
        return {}
    return dict(_encoded(root))


def _encoded(root: etree._Element) -> Iterator[tuple[tuple[str, str], str]]:
    for binding in _called(root, "binding"):
        usual = next((each.get("style") for each in _called(binding, "binding")), None) or "document"
        for operation in _called(binding, "operation"):
            own = next((each.get("style") for each in _called(operation, "operation")), None) or usual
            bodies = [body for side in operation for body in _called(side, "body")]
            if any(body.get("use") == "encoded" for body in bodies):
                yield (str(binding.get("name")), str(operation.get("name"))), own


def _called(node: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in node if isinstance(child.tag, str) and local_name(child.tag) == name]


def whole(arguments: dict[str, Any], kind: Any) -> dict[str, Any]:
    """The arguments of a request with those that are missing as nil: in this style every one is sent.

    Raises:
        ValueError: one is an array.
    """
    _refuse_arrays(arguments, kind)
    return {element.name: xsd.Nil for _, element in getattr(kind, "elements", [])} | arguments


def with_types(envelope: etree._Element, kind: Any) -> None:
    """Tell the type of each value of a request, and the encoding.

    Args:
        envelope: as zeep built it; changed in place.
        kind: type of the request's body.
    """
    wrapper = _content(envelope)
    if wrapper is None:
        return
    names: dict[str, str] = {}
    wrapper.set(f"{{{etree.QName(envelope).namespace}}}encodingStyle", ENCODING)
    typed = list(_typed(wrapper, kind))
    for _, name in typed:
        names.setdefault(name.namespace, f"t{len(names)}")
    etree.cleanup_namespaces(
        envelope,
        top_nsmap={"xsi": _XSI, **{prefix: uri for uri, prefix in names.items()}},
        keep_ns_prefixes=["xsi", *names.values()],
    )
    for node, name in typed:
        node.set(OWN_TYPE, f"{names[name.namespace]}:{name.localname}")


def _refuse_arrays(arguments: Mapping[str, Any], kind: Any) -> None:
    declared = {element.name: element.type for _, element in getattr(kind, "elements", [])}
    for name, value in arguments.items():
        if is_array(declared.get(name)):
            raise ValueError(f"element {name} is an encoded array, which is not written")
        if isinstance(value, Mapping):
            _refuse_arrays(value, declared.get(name))


def _typed(node: etree._Element, kind: Any) -> Iterator[tuple[etree._Element, etree.QName]]:
    """Elements below one with the names of their types."""
    declared = {element.name: element.type for _, element in getattr(kind, "elements", [])}
    for child in node:
        own = declared.get(local_name(child.tag))
        if own is None:
            continue
        if own.qname is not None and own.qname.namespace:
            yield child, own.qname
        yield from _typed(child, own)


def plain(envelope: etree._Element, kind: Any) -> None:
    """Make an encoded answer what it would be in literal style; changed in place.

    Args:
        envelope: of the answer.
        kind: type of the answer's body; an array becomes an element that repeats, since the names inside it mean
            nothing.

    Raises:
        UnsafeToContinue: references go round in a circle, blow the answer up, or lead out of it; part of an array.
    """
    content = _content(envelope)
    if content is None:
        return
    body = content.getparent()
    nodes = [node for node in body.iter() if isinstance(node.tag, str)]
    apart = {name: node for node in nodes if (name := node.get("id"))}
    try:
        _Filling(apart, max(_AT_LEAST, MOST_TIMES_LARGER * len(nodes))).fill(content, ())
        for node in [each for each in body if each is not content]:
            body.remove(node)
        if local_name(content.tag) == "Fault":
            return  # the type of its detail tells which one it is
        for node in content.iter():
            _without_marks(node)
        _unfold(content, kind)
    except RecursionError as error:
        raise UnsafeToContinue("an element is nested beyond reason; ask who runs the service") from error


class _Filling:
    """Puts what is referred to where the reference is."""

    def __init__(self, apart: dict[str, etree._Element], most: int) -> None:
        self._apart = {name: deepcopy(node) for name, node in apart.items()}
        self._most = most
        self._made = 0

    def fill(self, node: etree._Element, inside: tuple[str, ...]) -> None:
        """Fill in an element and what stands below it; ``inside`` are the references that led here."""
        self._made += 1
        if self._made > self._most:
            raise UnsafeToContinue("its references make the answer many times larger; ask who runs the service")
        if len(inside) > _DEEPEST:
            raise UnsafeToContinue("its references are nested beyond reason; ask who runs the service")
        if node.get(f"{{{ENCODING}}}offset") or node.get(f"{{{ENCODING}}}position"):
            raise UnsafeToContinue("an encoded array is sent in part, which is not read; ask who runs the service")
        if "," in (node.get(f"{{{ENCODING}}}arrayType") or ""):
            raise UnsafeToContinue("an encoded array has several dimensions, which is not read")
        href = node.get("href")
        if href is not None:
            name = href.removeprefix("#")
            if name in inside:
                raise UnsafeToContinue("an element refers to itself; ask who runs the service")
            if not href.startswith("#") or name not in self._apart:
                raise UnsafeToContinue("an element refers to what is not in the answer; ask who runs the service")
            _take_over(node, self._apart[name])
            inside = (*inside, name)
        for child in node:
            if isinstance(child.tag, str):
                self.fill(child, inside)


def _take_over(node: etree._Element, source: etree._Element) -> None:
    del node.attrib["href"]
    node.text = source.text
    for name, value in source.attrib.items():
        if name != "id":
            node.set(name, value)
    node.extend(deepcopy(child) for child in source)


def _without_marks(node: etree._Element) -> None:
    """Take out what belongs to the encoding, and the type of a single value: the schema says it."""
    for name in node.attrib:
        space = etree.QName(name).namespace
        is_told = name == OWN_TYPE and not len(node)
        if name == "id" or space == ENCODING or space in _ENVELOPES or is_told:
            del node.attrib[name]


def _unfold(node: etree._Element, kind: Any) -> None:
    """Put the elements of every array in its place, under its name."""
    declared = {element.name: element.type for _, element in getattr(kind, "elements", [])}
    for child in [each for each in node if isinstance(each.tag, str)]:
        own = item_of(kind) if is_array(kind) else declared.get(local_name(child.tag))
        if is_array(kind):
            child.tag = ITEM
        if is_array(own) and not is_array(kind):
            _in_place(child, own)
        elif own is not None:
            _unfold(child, own)


def _in_place(array: etree._Element, kind: Any) -> None:
    items = [each for each in array if isinstance(each.tag, str)]
    for item in items:
        item.tag = array.tag
        _unfold(item, item_of(kind))
        array.addprevious(item)
    array.getparent().remove(array)


def _content(envelope: etree._Element) -> etree._Element | None:
    return next((each[0] for each in _called(envelope, "Body") if len(each)), None)

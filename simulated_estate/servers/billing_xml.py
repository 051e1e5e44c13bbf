"""Envelopes of the billing system, written as text: a page of 2,000 charge lines takes some ten milliseconds."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from simulated_estate.books import Row
from simulated_estate.servers.billing_schema import NAMESPACE, Element, Feed
from simulated_estate.servers.billing_security import WSSE
from simulated_estate.servers.instants import iso_date, iso_z

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_OPEN = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{_SOAP}" xmlns:xsi="{_XSI}" '
    f'xmlns:wsse="{WSSE}"><soap:Body>'
)
_CLOSE = "</soap:Body></soap:Envelope>"
_Writer = Callable[[Any], str]


def _decimal(value: Any) -> str:
    return f"{value:f}" if not isinstance(value, str) else value


def _text(value: Any) -> str:
    return escape(str(value), quote=False)


def _suspensions(periods: Iterable[Row]) -> str:
    return "".join(
        f"<suspension><from>{iso_date(period['from'])}</from>"
        + (f"<to>{iso_date(period['to'])}</to>" if period.get("to") else '<to xsi:nil="true"/>')
        + "</suspension>"
        for period in periods
    )


_WRITERS: dict[str, _Writer] = {
    "string": _text,
    "decimal": _decimal,
    "int": str,
    "date": iso_date,
    "dateTime": iso_z,
    "suspensions": _suspensions,
}


def page_envelope(feed: Feed, rows: Iterable[Row], next_token: str, total: int, keys: tuple[str, ...]) -> str:
    """The answer to a list operation; ``keys`` names the row's key for each element of the feed."""
    plan = [
        (key, f"<{element.name}>", f"</{element.name}>", _WRITERS[element.type], _absent(element))
        for key, element in zip(keys, feed.elements, strict=True)
    ]
    parts = [_OPEN, f'<{feed.operation}Response xmlns="{NAMESPACE}">']
    for row in rows:
        parts.append(f"<{feed.row}>")
        for key, start, end, write, absent in plan:
            value = row.get(key)
            parts.append(absent if value is None else f"{start}{write(value)}{end}")
        parts.append(f"</{feed.row}>")
    if next_token:
        parts.append(f"<nextPageToken>{next_token}</nextPageToken>")
    parts.append(f"<total>{total}</total></{feed.operation}Response>{_CLOSE}")
    return "".join(parts)


def elements_envelope(operation: str, elements: Iterable[Element], row: Row, inside: str = "") -> str:
    """The answer to an operation that is no listing: elements of a row, in an element of their own if so named."""
    written = "".join(
        f"<{element.name}>{_WRITERS[element.type](row[element.name])}</{element.name}>"
        for element in elements
        if row.get(element.name) is not None
    )
    content = f"<{inside}>{written}</{inside}>" if inside and written else written
    return f'{_OPEN}<{operation}Response xmlns="{NAMESPACE}">{content}</{operation}Response>{_CLOSE}'


def fault_envelope(code: str, message: str, detail: str = "") -> str:
    """A SOAP 1.1 fault; ``code`` carries its prefix, ``detail`` is XML."""
    inside = f"<detail>{detail}</detail>" if detail else ""
    return (
        f"{_OPEN}<soap:Fault><faultcode>{code}</faultcode><faultstring>{_text(message)}</faultstring>{inside}"
        f"</soap:Fault>{_CLOSE}"
    )


def validation_detail(code: str, *fields: str) -> str:
    """The detail of a ValidationFault."""
    named = "".join(f"<field>{_text(name)}</field>" for name in fields)
    return f'<ValidationFault xmlns="{NAMESPACE}"><code>{code}</code>{named}</ValidationFault>'


def duplicate_detail(request_id: str) -> str:
    """The detail of a DuplicateRequestFault."""
    return (
        f'<DuplicateRequestFault xmlns="{NAMESPACE}"><code>DUPLICATE_REQUEST</code>'
        f"<requestId>{_text(request_id)}</requestId></DuplicateRequestFault>"
    )


def unknown_token_detail(token: str) -> str:
    """The detail of an UnknownTokenFault."""
    return (
        f'<UnknownTokenFault xmlns="{NAMESPACE}"><code>UNKNOWN_TOKEN</code><pageToken>{_text(token)}</pageToken>'
        "</UnknownTokenFault>"
    )


def _absent(element: Element) -> str:
    if element.nillable:
        return f'<{element.name} xsi:nil="true"/>'
    if element.type == "suspensions":
        return f"<{element.name}/>"
    return ""

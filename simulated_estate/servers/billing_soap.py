"""The billing system's web application: list operations over SOAP 1.1, its WSDL at ``/billing?wsdl``.

Each operation takes ``modifiedSince`` (optional), ``pageSize`` (1 to 5000) and ``pageToken`` (optional). It answers
the rows that changed at or after ``modifiedSince`` in the order of (modified, key), ``nextPageToken`` while more
follow, and ``total``, the number of rows held. Tokens do not wear out. Faults: a body that breaks the schema is
``soap:Client`` without detail; ``ValidationFault`` and ``UnknownTokenFault`` come as detail elements; WS-Security
faults have the codes of that standard and no detail. What can be written stands in ``billing_orders``.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import datetime
from typing import Any

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulated_estate.books import Row
from simulated_estate.faults.feed import Feeds
from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers.billing_orders import (
    FIND,
    FOUND,
    ORDERS,
    Order,
    OrderDesk,
    RefusedOrder,
    RepeatedOrder,
    asked_of,
)
from simulated_estate.servers.billing_schema import FEEDS, MODIFIED, NAMESPACE, Feed, renamed
from simulated_estate.servers.billing_security import SecurityError, TokenCheck
from simulated_estate.servers.billing_wsdl import LARGEST_PAGE, schema_text, wsdl_text
from simulated_estate.servers.billing_xml import (
    duplicate_detail,
    elements_envelope,
    fault_envelope,
    page_envelope,
    unknown_token_detail,
    validation_detail,
)
from simulated_estate.servers.instants import as_instant
from simulated_estate.servers.ordered_rows import OrderedRows, Position
from simulated_estate.servers.write_log import WriteLog


class SoapFaultError(Exception):
    """An answer that is a fault."""

    def __init__(self, code: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.envelope = fault_envelope(code, message, detail)


class BillingSystem:
    """The rows of the billing system and the application that serves them; ``address`` is its public URL."""

    def __init__(
        self,
        rows: dict[str, list[Row]],
        username: str,
        password: str,
        point: FaultPoint,
        address: str,
        clock: Callable[[], datetime],
        log: WriteLog,
    ) -> None:
        self._point = point
        self._desk = OrderDesk(lambda feed: rows.setdefault(feed, []), clock, log)
        self._address = address
        self._token = TokenCheck(username, password, clock)
        self._feeds = Feeds(point)
        self._schemas: dict[str, etree.XMLSchema] = {}
        self._rows = {feed.operation: self._ordered(rows, feed) for feed in FEEDS}
        self.application = Starlette(
            routes=[
                Route("/billing", self._wsdl, methods=["GET"]),
                Route("/billing", self._call, methods=["POST"]),
            ]
        )

    def _ordered(self, rows: dict[str, list[Row]], feed: Feed) -> OrderedRows:
        return OrderedRows(feed.operation, lambda: rows.get(feed.books_key, []), MODIFIED, feed.key, self._feeds)

    def _release(self) -> tuple[Feed, ...]:
        """The feeds as the release of the moment names their elements."""
        return renamed(FEEDS, self._point.faults.rename)

    async def _wsdl(self, request: Request) -> Response:
        if "wsdl" not in {name.lower() for name in request.query_params}:
            return Response("POST a SOAP envelope, or GET ?wsdl", 405, media_type="text/plain")
        return Response(wsdl_text(self._release(), self._address), media_type="text/xml")

    async def _call(self, request: Request) -> Response:
        try:
            envelope = self._answer(await request.body())
        except SoapFaultError as fault:
            return Response(fault.envelope, 500, media_type="text/xml")
        return Response(envelope, media_type="text/xml")

    def _answer(self, body: bytes) -> str:
        tree = _parsed(body)
        try:
            self._token.check(tree)
        except SecurityError as error:
            raise SoapFaultError(f"wsse:{error.code}", str(error)) from error
        call = tree.find("{*}Body/*")
        name = etree.QName(call).localname if call is not None else ""
        place = next((index for index, feed in enumerate(FEEDS) if feed.operation == name), None)
        order = next((order for order in ORDERS if order.operation == name), None)
        is_known = place is not None or order is not None or name == FIND
        if call is None or not is_known or etree.QName(call).namespace != NAMESPACE:
            raise SoapFaultError("soap:Client", f"There is no operation {{{NAMESPACE}}}{name}")
        self._validate(call)
        if order is not None:
            return self._carried_out(order, call)
        if place is None:
            found = self._desk.find((call.findtext(f"{{{NAMESPACE}}}requestId") or "").strip())
            return elements_envelope(FIND, FOUND, found or {}, "request")
        return self._page(self._release()[place], FEEDS[place], call)

    def _carried_out(self, order: Order, call: Any) -> str:
        asked = asked_of(order, call, NAMESPACE)
        try:
            return elements_envelope(order.operation, order.answer, self._desk.carry_out(order, asked))
        except RepeatedOrder as error:
            detail = duplicate_detail(asked["requestId"])
            raise SoapFaultError("soap:Server", "The request id has been used before", detail) from error
        except RefusedOrder as error:
            detail = validation_detail(error.code, error.field)
            raise SoapFaultError("soap:Server", f"{error.field} is refused", detail) from error

    def _validate(self, call: Any) -> None:
        key = self._point.faults.rename
        if key not in self._schemas:
            self._schemas[key] = etree.XMLSchema(etree.fromstring(schema_text(self._release())))
        schema = self._schemas[key]
        if not schema.validate(call):
            raise SoapFaultError("soap:Client", str(schema.error_log.last_error.message))

    def _page(self, release: Feed, feed: Feed, call: Any) -> str:
        size = int(call.findtext(f"{{{NAMESPACE}}}pageSize"))
        if not 1 <= size <= LARGEST_PAGE:
            detail = validation_detail("PAGE_SIZE", "pageSize")
            raise SoapFaultError("soap:Client", f"pageSize must lie between 1 and {LARGEST_PAGE}", detail)
        since_text = call.findtext(f"{{{NAMESPACE}}}modifiedSince")
        since = as_instant(since_text.strip()) if since_text else None
        token = call.findtext(f"{{{NAMESPACE}}}pageToken") or ""
        start = _position(feed.operation, token) if token else None
        page = self._rows[feed.operation].page(start, since, size)
        following = _token(feed.operation, page.following) if page.following else ""
        keys = tuple(element.name for element in feed.elements)
        return page_envelope(release, self._feeds.repeated(page.rows), following, page.total, keys)


def _parsed(body: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        tree = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise SoapFaultError("soap:Client", "The request is not well-formed XML") from error
    if tree.getroottree().docinfo.doctype:
        raise SoapFaultError("soap:Client", "A request must not have a document type declaration")
    return tree


def _token(operation: str, position: Position) -> str:
    moment, key = position
    return urlsafe_b64encode(json.dumps([operation, moment.isoformat(), key]).encode()).decode()


def _position(operation: str, token: str) -> Position:
    try:
        written_for, moment, key = json.loads(urlsafe_b64decode(token.encode()))
        if written_for == operation:
            return as_instant(moment), str(key)
    except (Base64Error, ValueError, TypeError):
        pass
    raise SoapFaultError("soap:Client", "The page token is not known", unknown_token_detail(token))

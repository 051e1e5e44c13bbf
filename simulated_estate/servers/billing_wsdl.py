"""The WSDL of the billing system (SOAP 1.1, document/literal wrapped), written from its feeds and its orders."""

from collections.abc import Sequence

from simulated_estate.servers.billing_orders import FAULTS as ORDER_FAULTS
from simulated_estate.servers.billing_orders import FIND, FOUND, ORDERS, Order
from simulated_estate.servers.billing_schema import NAMESPACE, Element, Feed

LARGEST_PAGE = 5000

_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="Billing" targetNamespace="{NAMESPACE}" xmlns:tns="{NAMESPACE}"
  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/">
<wsdl:types>
"""
_FAULTS = """
<xs:complexType name="SuspensionPeriod"><xs:sequence>
  <xs:element name="from" type="xs:date"/><xs:element name="to" type="xs:date" nillable="true"/>
</xs:sequence></xs:complexType>
<xs:complexType name="Suspensions"><xs:sequence>
  <xs:element name="suspension" type="tns:SuspensionPeriod" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType>
<xs:element name="ValidationFault"><xs:complexType><xs:sequence>
  <xs:element name="code" type="xs:string"/>
  <xs:element name="field" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="UnknownTokenFault"><xs:complexType><xs:sequence>
  <xs:element name="code" type="xs:string"/><xs:element name="pageToken" type="xs:string"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="DuplicateRequestFault"><xs:complexType><xs:sequence>
  <xs:element name="code" type="xs:string"/><xs:element name="requestId" type="xs:string"/>
</xs:sequence></xs:complexType></xs:element>
"""
_FEED_FAULTS = ("ValidationFault", "UnknownTokenFault")
_FAULT_NAMES = tuple(dict.fromkeys((*_FEED_FAULTS, *ORDER_FAULTS)))


def schema_text(feeds: Sequence[Feed]) -> str:
    """The XML schema of all messages."""
    head = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="{NAMESPACE}" '
    head += f'targetNamespace="{NAMESPACE}" elementFormDefault="qualified">'
    orders = "".join(_order_types(order) for order in ORDERS)
    return head + _FAULTS + "".join(_feed_types(feed) for feed in feeds) + orders + _find_types() + "</xs:schema>"


def wsdl_text(feeds: Sequence[Feed], address: str) -> str:
    """The whole WSDL; ``address`` is where the service is reached."""
    operations: dict[str, Sequence[str]] = {feed.operation: _FEED_FAULTS for feed in feeds}
    operations |= {order.operation: ORDER_FAULTS for order in ORDERS} | {FIND: _FEED_FAULTS[:1]}
    parts = [_HEAD, schema_text(feeds), "\n</wsdl:types>\n"]
    parts += [_messages(operation) for operation in operations]
    parts += [_message(name, name) for name in _FAULT_NAMES]
    parts.append('<wsdl:portType name="BillingPort">\n')
    parts += [_operation(operation, faults) for operation, faults in operations.items()]
    parts.append('</wsdl:portType>\n<wsdl:binding name="BillingSoap" type="tns:BillingPort">\n')
    parts.append('<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>\n')
    parts += [_bound_operation(operation, faults) for operation, faults in operations.items()]
    parts.append('</wsdl:binding>\n<wsdl:service name="BillingService"><wsdl:port name="BillingSoap" ')
    parts.append(f'binding="tns:BillingSoap"><soap:address location="{address}"/></wsdl:port></wsdl:service>\n')
    parts.append("</wsdl:definitions>\n")
    return "".join(parts)


def _feed_types(feed: Feed) -> str:
    elements = "".join(_element(element) for element in feed.elements)
    return f"""
<xs:complexType name="{feed.type_name}"><xs:sequence>{elements}</xs:sequence></xs:complexType>
<xs:element name="{feed.operation}"><xs:complexType><xs:sequence>
  <xs:element name="modifiedSince" type="xs:dateTime" minOccurs="0"/>
  <xs:element name="pageSize" type="xs:int"/>
  <xs:element name="pageToken" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="{feed.operation}Response"><xs:complexType><xs:sequence>
  <xs:element name="{feed.row}" type="tns:{feed.type_name}" minOccurs="0" maxOccurs="unbounded"/>
  <xs:element name="nextPageToken" type="xs:string" minOccurs="0"/>
  <xs:element name="total" type="xs:int"/>
</xs:sequence></xs:complexType></xs:element>"""


def _order_types(order: Order) -> str:
    return _sequence(order.operation, order.elements) + _sequence(f"{order.operation}Response", order.answer)


def _find_types() -> str:
    found = "".join(_element(element) for element in FOUND)
    return (
        f'<xs:complexType name="FoundRequest"><xs:sequence>{found}</xs:sequence></xs:complexType>'
        + _sequence(FIND, (Element("requestId"),))
        + f'<xs:element name="{FIND}Response"><xs:complexType><xs:sequence>'
        + '<xs:element name="request" type="tns:FoundRequest" minOccurs="0"/>'
        + "</xs:sequence></xs:complexType></xs:element>"
    )


def _sequence(name: str, elements: Sequence[Element]) -> str:
    inside = "".join(_element(element) for element in elements)
    return (
        f'<xs:element name="{name}"><xs:complexType><xs:sequence>{inside}</xs:sequence></xs:complexType></xs:element>'
    )


def _element(element: Element) -> str:
    kind = "tns:Suspensions" if element.type == "suspensions" else f"xs:{element.type}"
    absent = ' minOccurs="0"' if element.optional else ""
    nillable = ' nillable="true"' if element.nillable else ""
    return f'<xs:element name="{element.name}" type="{kind}"{absent}{nillable}/>'


def _message(name: str, element: str) -> str:
    part = "fault" if name in _FAULT_NAMES else "parameters"
    return f'<wsdl:message name="{name}"><wsdl:part name="{part}" element="tns:{element}"/></wsdl:message>\n'


def _messages(operation: str) -> str:
    return _message(f"{operation}In", operation) + _message(f"{operation}Out", f"{operation}Response")


def _operation(name: str, fault_names: Sequence[str]) -> str:
    faults = "".join(f'<wsdl:fault name="{fault}" message="tns:{fault}"/>' for fault in fault_names)
    ends = f'<wsdl:input message="tns:{name}In"/><wsdl:output message="tns:{name}Out"/>'
    return f'<wsdl:operation name="{name}">{ends}{faults}</wsdl:operation>\n'


def _bound_operation(name: str, fault_names: Sequence[str]) -> str:
    faults = "".join(
        f'<wsdl:fault name="{fault}"><soap:fault name="{fault}" use="literal"/></wsdl:fault>' for fault in fault_names
    )
    body = '<soap:body use="literal"/>'
    ends = f"<wsdl:input>{body}</wsdl:input><wsdl:output>{body}</wsdl:output>"
    action = f'<soap:operation soapAction="{NAMESPACE}/{name}"/>'
    return f'<wsdl:operation name="{name}">{action}{ends}{faults}</wsdl:operation>\n'

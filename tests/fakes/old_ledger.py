"""A billing system of the first years of SOAP: RPC style, encoded, with a session that its login operation gives."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from tests.fakes.scripted_http import Asked, Reply

XML = {"Content-Type": "text/xml; charset=utf-8"}
USER, PASSWORD = "hub", "s3cret & more"
_ENCODED = 'namespace="urn:old:ledger" encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"'

WSDL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions name="Ledger" targetNamespace="urn:old:ledger" xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:old:ledger" xmlns:t="urn:old:types"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/">
 <types><xsd:schema targetNamespace="urn:old:types">
  <xsd:import namespace="http://schemas.xmlsoap.org/soap/encoding/"/>
  <xsd:complexType name="Device"><xsd:sequence>
   <xsd:element name="serial" type="soapenc:string"/><xsd:element name="kind" type="xsd:string"/>
  </xsd:sequence></xsd:complexType>
  <xsd:complexType name="DeviceArray"><xsd:complexContent><xsd:restriction base="soapenc:Array">
   <xsd:attribute ref="soapenc:arrayType" wsdl:arrayType="t:Device[]"/>
  </xsd:restriction></xsd:complexContent></xsd:complexType>
  <xsd:complexType name="Line"><xsd:sequence>
   <xsd:element name="lineId" type="xsd:string"/><xsd:element name="amount" type="xsd:decimal"/>
   <xsd:element name="paid" type="xsd:boolean"/><xsd:element name="months" type="xsd:int" nillable="true"/>
   <xsd:element name="modified" type="xsd:dateTime"/><xsd:element name="devices" type="t:DeviceArray"/>
   <xsd:element name="owner" type="t:Owner"/>
  </xsd:sequence></xsd:complexType>
  <xsd:complexType name="Owner"><xsd:sequence>
   <xsd:element name="name" type="xsd:string"/>
  </xsd:sequence></xsd:complexType>
  <xsd:complexType name="LineArray"><xsd:complexContent><xsd:restriction base="soapenc:Array">
   <xsd:sequence><xsd:element name="item" type="t:Line" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence>
   <xsd:attribute ref="soapenc:arrayType" wsdl:arrayType="t:Line[]"/>
  </xsd:restriction></xsd:complexContent></xsd:complexType>
  <xsd:complexType name="Window"><xsd:sequence>
   <xsd:element name="first" type="xsd:int"/><xsd:element name="most" type="xsd:int"/>
   <xsd:element name="codes" type="t:CodeArray" minOccurs="0"/>
  </xsd:sequence></xsd:complexType>
  <xsd:complexType name="CodeArray"><xsd:complexContent><xsd:restriction base="soapenc:Array">
   <xsd:attribute ref="soapenc:arrayType" wsdl:arrayType="xsd:string[]"/>
  </xsd:restriction></xsd:complexContent></xsd:complexType>
  <xsd:complexType name="Busy"><xsd:sequence>
   <xsd:element name="seconds" type="xsd:int"/>
  </xsd:sequence></xsd:complexType>
  <xsd:complexType name="Session"><xsd:sequence>
   <xsd:element name="id" type="xsd:string"/>
  </xsd:sequence></xsd:complexType>
  <xsd:complexType name="SessionEnded"><xsd:sequence>
   <xsd:element name="why" type="xsd:string"/>
  </xsd:sequence></xsd:complexType>
 </xsd:schema></types>
 <message name="logInRequest"><part name="user" type="xsd:string"/><part name="pass" type="xsd:string"/>
  <part name="tenant" type="xsd:string"/></message>
 <message name="logInResponse"><part name="logInReturn" type="t:Session"/></message>
 <message name="logOutRequest"/>
 <message name="logOutResponse"><part name="logOutReturn" type="xsd:boolean"/></message>
 <message name="SessionHeader"><part name="session" type="t:Session"/></message>
 <message name="SessionEnded"><part name="fault" type="t:SessionEnded"/></message>
 <message name="Busy"><part name="fault" type="t:Busy"/></message>
 <message name="listLinesRequest">
  <part name="since" type="xsd:string"/><part name="window" type="t:Window"/></message>
 <message name="listLinesResponse">
  <part name="listLinesReturn" type="t:LineArray"/><part name="total" type="xsd:int"/></message>
 <message name="payLineRequest">
  <part name="lineId" type="xsd:string"/><part name="amount" type="xsd:decimal"/></message>
 <message name="payLineResponse"><part name="payLineReturn" type="xsd:boolean"/></message>
 <portType name="Ledger">
  <operation name="logIn"><input message="tns:logInRequest"/><output message="tns:logInResponse"/></operation>
  <operation name="logOut"><input message="tns:logOutRequest"/><output message="tns:logOutResponse"/></operation>
  <operation name="listLines"><input message="tns:listLinesRequest"/><output message="tns:listLinesResponse"/>
   <fault name="Busy" message="tns:Busy"/><fault name="SessionEnded" message="tns:SessionEnded"/></operation>
  <operation name="payLine"><input message="tns:payLineRequest"/><output message="tns:payLineResponse"/>
   <fault name="Busy" message="tns:Busy"/><fault name="SessionEnded" message="tns:SessionEnded"/></operation>
 </portType>
 <binding name="LedgerSoap" type="tns:Ledger">
  <soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
  <operation name="logIn"><soap:operation soapAction="logIn"/>
   <input><soap:body use="encoded" {encoded}/></input><output><soap:body use="encoded" {encoded}/></output>
  </operation>
  <operation name="logOut"><soap:operation soapAction="logOut"/>
   <input>{header}<soap:body use="encoded" {encoded}/></input><output><soap:body use="encoded" {encoded}/></output>
  </operation>
  <operation name="listLines"><soap:operation soapAction="listLines"/>
   <input>{header}<soap:body use="encoded" {encoded}/></input><output><soap:body use="encoded" {encoded}/></output>
   <fault name="Busy"><soap:fault name="Busy" use="encoded" {encoded}/></fault>
   <fault name="SessionEnded"><soap:fault name="SessionEnded" use="encoded" {encoded}/></fault></operation>
  <operation name="payLine"><soap:operation soapAction="payLine"/>
   <input>{header}<soap:body use="encoded" {encoded}/></input><output><soap:body use="encoded" {encoded}/></output>
   <fault name="Busy"><soap:fault name="Busy" use="encoded" {encoded}/></fault>
   <fault name="SessionEnded"><soap:fault name="SessionEnded" use="encoded" {encoded}/></fault></operation>
 </binding>
 <service name="Ledger"><port name="LedgerSoap" binding="tns:LedgerSoap">
  <soap:address location="http://127.0.0.1:9/"/></port></service>
</definitions>
"""
_HEADER = '<soap:header message="tns:SessionHeader" part="session" use="encoded" {encoded}/>'
_ENVELOPE = (
    '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:t="urn:old:types"'
    ' xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"><env:Body>{body}</env:Body></env:Envelope>'
)
_STYLE = 'env:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"'


def wsdl_text(declares_header: bool = True) -> bytes:
    header = _HEADER.format(encoded=_ENCODED) if declares_header else ""
    return WSDL.replace("{header}", header).replace("{encoded}", _ENCODED).encode()


def envelope(body: str, status: int = 200) -> Reply:
    return Reply(status, _ENVELOPE.format(body=body).encode(), XML)


def fault(name: str, inside: str) -> Reply:
    """As Axis wrote them: the detail has the name of the message's part, and its type says which fault it is."""
    detail = f'<detail><fault xsi:type="t:{name}" href="#id9"/></detail>'
    apart = f'<multiRef id="id9" soapenc:root="0" xsi:type="t:{name}">{inside}</multiRef>'
    return envelope(f"<env:Fault><faultcode>env:Server.{name}</faultcode>{detail}</env:Fault>{apart}", 500)


def as_axis(rows: list[int], total: int) -> str:
    """Rows that stand apart and are referred to, and owners that several rows share."""
    items = "".join(f'<item href="#line{row}"/>' for row in rows)
    apart = "".join(
        f'<multiRef id="line{row}" soapenc:root="0" {_STYLE} xsi:type="t:Line">{_line(row)}'
        f'<devices xsi:type="soapenc:Array" soapenc:arrayType="t:Device[{row % 3}]">'
        + "".join(f'<x href="#device{device}"/>' for device in range(row % 3))
        + f'</devices><owner href="#owner{row % 2}"/></multiRef>'
        for row in rows
    )
    shared = "".join(
        f'<multiRef id="owner{number}" soapenc:root="0" xsi:type="t:Owner">'
        f'<name xsi:type="xsd:string">O{number}</name></multiRef>'
        f'<multiRef id="device{number}" soapenc:root="0" xsi:type="t:Device">{_device(number)}</multiRef>'
        for number in range(2)
    )
    return (
        f'<ns1:listLinesResponse {_STYLE} xmlns:ns1="urn:old:ledger"><listLinesReturn xsi:type="soapenc:Array" '
        f'soapenc:arrayType="t:Line[{len(rows)}]">{items}</listLinesReturn><total xsi:type="xsd:int">{total}</total>'
        f"</ns1:listLinesResponse>{apart}{shared}"
    )


def as_php(rows: list[int], total: int) -> str:
    """Rows in place, with an id where one comes first and a reference where it comes again."""
    seen: set[int] = set()
    items = ""
    for row in rows:
        owner = row % 2
        told = f'<owner id="ref{owner}" xsi:type="t:Owner"><name xsi:type="xsd:string">O{owner}</name></owner>'
        items += f'<item xsi:type="t:Line">{_line(row)}<devices soapenc:arrayType="t:Device[{row % 3}]">'
        items += "".join(f'<item xsi:type="t:Device">{_device(number)}</item>' for number in range(row % 3))
        items += "</devices>" + (f'<owner href="#ref{owner}"/>' if owner in seen else told) + "</item>"
        seen.add(owner)
    return (
        f'<ns1:listLinesResponse xmlns:ns1="urn:old:ledger" {_STYLE}><listLinesReturn soapenc:arrayType='
        f'"t:Line[{len(rows)}]">{items}</listLinesReturn><total xsi:type="xsd:int">{total}</total>'
        "</ns1:listLinesResponse>"
    )


def _line(row: int) -> str:
    months = '<months xsi:nil="true"/>' if row % 4 == 0 else f'<months xsi:type="xsd:int">{row}</months>'
    return (
        f'<lineId xsi:type="xsd:string">L{row:02}</lineId><amount xsi:type="xsd:decimal">{row}.50</amount>'
        f'<paid xsi:type="xsd:boolean">{"true" if row % 2 else "0"}</paid>{months}'
        f'<modified xsi:type="xsd:dateTime">2026-01-01T00:{row:02}:00Z</modified>'
    )


def _device(number: int) -> str:
    return f'<serial xsi:type="soapenc:string">CXNK0000000{number}</serial><kind xsi:type="xsd:string">ont</kind>'


def line_record(row: int) -> dict[str, object]:
    """A row as a source should give it."""
    return {
        "lineId": f"L{row:02}",
        "amount": f"{row}.50",
        "paid": bool(row % 2),
        "months": None if row % 4 == 0 else row,
        "modified": f"2026-01-01T00:{row:02}:00Z",
        "devices": [{"serial": f"CXNK0000000{number}", "kind": "ont"} for number in range(row % 3)],
        "owner": {"name": f"O{row % 2}"},
    }


@dataclass
class OldLedger:
    """Answers as such a system did.

    Attributes:
        written: how it writes rows.
        declares_header: whether its WSDL tells of the header that it wants.
        wants_session: whether it does.
        session_lasts: calls after which a session ends.
        held: rows that it holds.
        sessions: how many were given; only the last counts.
        bodies: requests by operation.
    """

    written: Callable[[list[int], int], str] = as_axis
    declares_header: bool = True
    wants_session: bool = False
    session_lasts: int = 1000
    held: int = 10
    sessions: int = 0
    calls: int = 0
    ended: int = 0
    paid: list[str] = field(default_factory=list)
    bodies: dict[str, list[bytes]] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(200, wsdl_text(self.declares_header), XML)
        operation = asked.headers["SOAPAction"].strip('"')
        self.bodies.setdefault(operation, []).append(asked.body)
        sent = etree.fromstring(asked.body)
        said = {etree.QName(node).localname: node.text or "" for node in sent.iter() if not len(node)}
        return self.log_in(said) if operation == "logIn" else self._within(operation, said)

    def log_in(self, said: dict[str, str]) -> Reply:
        if (said.get("user"), said.get("pass"), said.get("tenant")) != (USER, PASSWORD, "north"):
            return fault("AccessDenied", "<why>no such user</why>")
        self.sessions += 1
        self.calls = 0
        told = (
            f'<logInReturn xsi:type="t:Session"><id xsi:type="xsd:string">session-{self.sessions}</id></logInReturn>'
        )
        return envelope(f'<n:logInResponse xmlns:n="urn:old:ledger" {_STYLE}>{told}</n:logInResponse>')

    def _within(self, operation: str, said: dict[str, str]) -> Reply:
        self.calls += 1
        is_known = said.get("id") == f"session-{self.sessions}" and self.calls <= self.session_lasts
        if self.wants_session and not is_known:
            return fault("SessionEnded", "<why>too long ago</why>")
        if operation == "logOut":
            self.ended += 1
            return envelope(
                '<n:logOutResponse xmlns:n="urn:old:ledger"><logOutReturn>true</logOutReturn></n:logOutResponse>'
            )
        if operation == "payLine":
            return self._pay(said)
        first, most = int(said.get("first") or 0), int(said.get("most") or 100)
        since = re.search(r"T00:(\d\d)", said.get("since", ""))
        matching = list(range(int(since[1]) if since else 0, self.held))
        return envelope(self.written(matching[first : first + most], len(matching)))

    def _pay(self, said: dict[str, str]) -> Reply:
        if said["amount"] == "0":
            return fault("Busy", '<seconds xsi:type="xsd:int">3</seconds>')
        self.paid.append(said["lineId"])
        told = '<payLineReturn xsi:type="xsd:boolean">true</payLineReturn>'
        return envelope(f'<n:payLineResponse xmlns:n="urn:old:ledger">{told}</n:payLineResponse>')

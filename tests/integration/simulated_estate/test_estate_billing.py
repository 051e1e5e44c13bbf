"""The simulated billing system as zeep meets it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from estate_clients import WAIT_S, billing, billing_rows, fault_of
from estate_rows import START, charge_line, subscription
from lxml import etree

from simulated_estate.books import Books
from simulated_estate.servers.billing_schema import FEEDS
from simulated_estate.servers.billing_wsdl import schema_text
from simulated_estate.servers.serve import RunningEstate

PLAIN_TOKEN = """<wsse:Security xmlns:wsse=
 "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><wsse:UsernameToken>
 <wsse:Username>hub</wsse:Username><wsse:Password>billing-password</wsse:Password>
 </wsse:UsernameToken></wsse:Security>"""


def post(estate: RunningEstate, body: str, head: str = PLAIN_TOKEN, doctype: str = "") -> httpx.Response:
    envelope = (
        f'{doctype}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:b="urn:lumen-valley:billing:1">'
        f"<s:Header>{head}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    headers = {"Content-Type": "text/xml"}
    return httpx.post(estate.addresses["billing"], content=envelope, headers=headers, trust_env=False, timeout=WAIT_S)


def test_the_wsdl_names_the_address_that_it_was_fetched_from(estate: RunningEstate) -> None:
    client = billing(estate)
    port = client.wsdl.services["BillingService"].ports["BillingSoap"]
    assert port.binding_options["address"] == estate.addresses["billing"]
    orders = {"StartBilling", "ChangeBilling", "StopBilling", "PostAdjustment", "FindRequest"}
    orders |= {"SuspendBilling", "ResumeBilling"}
    assert set(port.binding._operations) == {feed.operation for feed in FEEDS} | orders


def test_rows_arrive_typed_and_exact(books: Books, estate: RunningEstate) -> None:
    books.billing["charge_lines"] = [charge_line(7)]
    (line,) = billing(estate).service.ListChargeLines(pageSize=10).chargeLine
    assert (line.lineId, line.description) == ("L000007", "Fiber <300> & more")
    assert (str(line.rate), line.amount) == ("54.99", Decimal("-12.50"))
    assert (line.coverFrom, line.coverTo) == (date(2026, 3, 1), date(2026, 3, 31))
    assert line.modified.astimezone(UTC) == START + timedelta(seconds=7)


def test_suspension_periods_are_a_nested_list(books: Books, estate: RunningEstate) -> None:
    periods = [{"from": date(2026, 2, 1), "to": date(2026, 2, 9)}, {"from": "2026-05-01", "to": None}]
    books.billing["subscriptions"] = [
        subscription(1, suspensions=periods, status="SUSPENDED"),
        subscription(2, endDate="2026-06-30"),
    ]
    first, second = billing(estate).service.ListSubscriptions(pageSize=10).subscription
    assert [(each["from"], each["to"]) for each in first.suspensions.suspension] == [
        (date(2026, 2, 1), date(2026, 2, 9)),
        (date(2026, 5, 1), None),
    ]
    assert (first.endDate, second.endDate) == (None, date(2026, 6, 30))
    assert second.suspensions is None or second.suspensions.suspension == []


def test_pages_give_every_row_once_and_the_total_of_all(estate: RunningEstate) -> None:
    client = billing(estate)
    lines = billing_rows(client, "ListChargeLines", "chargeLine", size=4)
    assert [line.lineId for line in lines] == [f"L{number:06d}" for number in range(1, 26)]
    assert client.service.ListChargeLines(pageSize=4).total == 25
    assert client.service.ListDisputes(pageSize=4).total == 0


def test_changes_since_are_asked_for_inclusively_and_the_total_stays_that_of_all(estate: RunningEstate) -> None:
    client = billing(estate)
    page = client.service.ListChargeLines(pageSize=100, modifiedSince=START + timedelta(seconds=23))
    assert [line.lineId for line in page.chargeLine] == ["L000023", "L000024", "L000025"]
    assert page.total == 25
    nothing = client.service.ListChargeLines(pageSize=100, modifiedSince=datetime(2030, 1, 1, tzinfo=UTC))
    assert (nothing.chargeLine, nothing.nextPageToken) == ([], None)


def test_a_pull_loses_no_row_that_changes_on_the_way_and_a_token_outlives_a_restart(
    books: Books, estate: RunningEstate
) -> None:
    client = billing(estate)
    first = client.service.ListChargeLines(pageSize=10)
    rows = books.billing["charge_lines"]
    rows[2]["modified"] = START + timedelta(days=1)  # read already, changed since: comes again at the end
    rows[14]["modified"] = START + timedelta(days=2)  # not read yet
    rows.insert(0, charge_line(99, modified=START + timedelta(days=3)))
    del rows[10]  # L000010 goes, which the token points at
    following = client.service.ListChargeLines(pageSize=100, pageToken=first.nextPageToken)
    assert [line.lineId for line in following.chargeLine] == [
        *(f"L{number:06d}" for number in range(11, 26) if number != 15),
        "L000003",
        "L000015",
        "L000099",
    ]
    assert following.total == 25


def test_a_page_of_rows_that_share_one_stamp_is_continued_by_key(books: Books, estate: RunningEstate) -> None:
    books.billing["charge_lines"] = [charge_line(number, modified=START) for number in range(30, 0, -1)]
    lines = billing_rows(billing(estate), "ListChargeLines", "chargeLine", size=7)
    assert [line.lineId for line in lines] == [f"L{number:06d}" for number in range(1, 31)]


def test_faults_come_as_typed_detail_elements(estate: RunningEstate) -> None:
    client = billing(estate)
    for size in (0, 5001):
        _, message, (detail,) = fault_of(client, "ListBills", pageSize=size)
        assert (message, detail.code, detail.field) == (
            "pageSize must lie between 1 and 5000",
            "PAGE_SIZE",
            ["pageSize"],
        )
    other = client.service.ListChargeLines(pageSize=1).nextPageToken
    for token in ("garbage", "W10=", other):
        _, _, (detail,) = fault_of(client, "ListBills", pageSize=1, pageToken=token)
        assert (detail.code, detail.pageToken) == ("UNKNOWN_TOKEN", token)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<b:ListBills/>", "Missing child element"),
        ("<b:ListBills><b:pageSize>many</b:pageSize></b:ListBills>", "not a valid value"),
        ("<b:ListBills><b:pageToken>x</b:pageToken><b:pageSize>1</b:pageSize></b:ListBills>", "not expected"),
        ("<b:DropTables/>", "There is no operation {urn:lumen-valley:billing:1}DropTables"),
        ("", "There is no operation"),
    ],
)
def test_a_body_that_breaks_the_schema_is_the_clients_fault_without_detail(
    estate: RunningEstate, body: str, words: str
) -> None:
    answer = post(estate, body)
    assert answer.status_code == 500
    assert "<faultcode>soap:Client</faultcode>" in answer.text
    assert words in answer.text
    assert "<detail>" not in answer.text


def test_entities_are_not_read(estate: RunningEstate) -> None:
    doctype = '<!DOCTYPE x [<!ENTITY size SYSTEM "file:///etc/hostname">]>'
    answer = post(estate, "<b:ListBills><b:pageSize>&size;</b:pageSize></b:ListBills>", doctype=doctype)
    assert answer.status_code == 500
    assert "must not have a document type declaration" in answer.text
    assert post(estate, "<b:ListBills>").text.count("not well-formed") == 1


def test_passwords_work_as_text_and_as_digest(estate: RunningEstate) -> None:
    for digest in (False, True):
        assert billing(estate, digest=digest).service.ListBills(pageSize=1).total == 0


@pytest.mark.parametrize("digest", [False, True])
def test_a_wrong_password_is_a_security_fault_without_detail(estate: RunningEstate, digest: bool) -> None:
    client = billing(estate, digest=digest, password="wrong")
    assert fault_of(client, "ListBills", pageSize=1) == (
        "wsse:FailedAuthentication",
        "The security token could not be authenticated or authorized",
        [],
    )


def test_a_token_must_be_there_fresh_and_used_once(estate: RunningEstate) -> None:
    call = "<b:ListBills><b:pageSize>1</b:pageSize></b:ListBills>"
    assert "wsse:InvalidSecurity" in post(estate, call, head="").text

    def token(created: datetime, nonce: str) -> str:
        extra = f"<wsse:Nonce>{nonce}</wsse:Nonce><u:Created>{created.isoformat()}</u:Created></wsse:UsernameToken>"
        utility = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
        head = PLAIN_TOKEN.replace("<wsse:Security ", f'<wsse:Security xmlns:u="{utility}" ')
        return head.replace("</wsse:UsernameToken>", extra)

    now = datetime.now(UTC)
    assert post(estate, call, head=token(now, "bm9uY2Ux")).status_code == 200
    assert "The nonce has been used before" in post(estate, call, head=token(now, "bm9uY2Ux")).text
    for stale in (now - timedelta(minutes=6), now + timedelta(minutes=2)):
        assert "wsse:MessageExpired" in post(estate, call, head=token(stale, "bm9uY2Uy")).text


def test_every_answer_holds_to_the_schema_of_the_wsdl(books: Books, estate: RunningEstate) -> None:
    ended = subscription(8, endDate="2026-02-28", suspensions=[{"from": "2026-02-01", "to": None}])
    books.billing["subscriptions"].append(ended)
    books.billing["disputes"] = [
        {
            "disputeId": "D1",
            "accountNumber": "0000000001",
            "billNumber": None,
            "amount": "12.00",
            "reason": "R&D",
            "status": "OPEN",
            "openedOn": "2026-02-01",
            "closedOn": None,
            "modified": "2026-02-01T00:00:00.250Z",
        }
    ]
    schema = etree.XMLSchema(etree.fromstring(schema_text(FEEDS)))
    for feed in FEEDS:
        answer = post(estate, f"<b:{feed.operation}><b:pageSize>2</b:pageSize></b:{feed.operation}>")
        schema.assertValid(etree.fromstring(answer.content)[0][0])
        assert answer.headers["content-type"].startswith("text/xml")

"""XML that nobody vouches for: document types are refused unread, and one wrong character spoils one record."""

import pytest

from connectors.soap.safe_xml import SPOILT, DoctypeError, NotXmlError, parse, unspoilt

ENTITIES = "".join(f"<!ENTITY a{number} '{f'&a{number - 1};' * 10}'>" for number in range(1, 12))
LAUGHS = f"<!DOCTYPE l [<!ENTITY a0 'lol'>{ENTITIES}]><l x='&a11;'>&a11;</l>"


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE a><a/>",
        "<?xml version='1.0'?><!-- first --><?pi?>\n<!DOCTYPE a SYSTEM 'file:///etc/hostname'><a/>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY % b SYSTEM 'http://127.0.0.1:9/x.dtd'>%b;]><a/>",
        "<!DOCTYPE a [<!ATTLIST a b CDATA 'given'>]><a/>",
        LAUGHS,
        "<!--" + " " * 300_000 + "--><!DOCTYPE a><a/>",
    ],
    ids=["bare", "system", "external", "parameter", "default", "laughs", "late"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_a_document_type_is_refused_before_anything_is_read(document: str, encoding: str) -> None:
    with pytest.raises(DoctypeError):
        parse(document.replace("<?xml version='1.0'?>", "").encode(encoding))


@pytest.mark.parametrize("header", ["text/xml; charset=iso-8859-1", "text/xml; charset=utf-8", "text/xml; charset=x"])
def test_no_header_lets_a_document_type_in(header: str) -> None:
    for body in (b"<!DOCTYPE a><a>\xf1</a>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;\x0b</a>"):
        with pytest.raises(DoctypeError):
            parse(body, header)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\x01",
        b"<a>",
        b"<!DOCTYPE a [",
        b"<a></b>",
        b"<a>&undeclared;</a>",
        b"<a>" * 5000 + b"</a>" * 5000,
        b"<!DOCTYPE html><html><body>Maintenance<br></body></html>",
        "<!DOCTYPE a><a/>".encode("cp037"),
        b"<?xml version='1.0' encoding='utf-7'?>+ADwAIQ-DOCTYPE a+AD4-",
    ],
)
def test_what_is_no_xml_is_told_so(body: bytes) -> None:
    with pytest.raises((NotXmlError, DoctypeError)):
        parse(body)


def test_a_web_page_is_no_attack() -> None:
    with pytest.raises(NotXmlError):
        parse(b"<!DOCTYPE html>\n<html><body>Maintenance</body></html>", "text/html")


@pytest.mark.parametrize(
    ("body", "header", "text"),
    [
        ("<a>Peña</a>".encode(), "", "Peña"),
        ("<a>Peña</a>".encode(), "text/xml; charset=iso-8859-1", "Peña"),
        ("<?xml version='1.0' encoding='iso-8859-1'?><a>Peña</a>".encode("latin-1"), "text/xml", "Peña"),
        ("<?xml version='1.0' encoding='iso-8859-1'?><a>Peña</a>".encode(), "text/xml; charset=utf-8", "Peña"),
        (
            "<?xml version='1.0' encoding='utf-8'?><a>Peña</a>".encode("latin-1"),
            "text/xml; charset=utf-8",
            "Pe\udcf1a",
        ),
        ("<a>Peña €</a>".encode("cp1252"), "text/xml; charset=windows-1252", "Peña €"),
        ("<a>Peña</a>".encode("latin-1"), "text/xml", "Pe\udcf1a"),
        ("<a>Peña</a>".encode("utf-16"), "text/xml; charset=utf-16", "Peña"),
        (b"<a>x\x0by&#11;&#x1F;&#13;&#233;</a>", "", "x\x0by\x0b\x1f\r\xe9"),
        (b"<a>x&#0;</a>", "", "x\x00"),
    ],
)
def test_what_stood_in_a_text_is_what_comes_out(body: bytes, header: str, text: str) -> None:
    root = parse(body, header)
    assert (unspoilt(root.text) if root.get(SPOILT) else root.text) == text


def test_a_text_of_eleven_megabytes_is_read() -> None:
    assert len(parse(b"<a>" + b"x" * 11_000_000 + b"</a>").text or "") == 11_000_000


def test_records_are_mended_through_and_through() -> None:
    assert unspoilt({"a": ["\uf7f1", None, 1], "b": {"c": "x\uf70b"}}) == {
        "a": ["\udcf1", None, 1],
        "b": {"c": "x\x0b"},
    }

"""XML of a service that is not trusted: no document type, and no octet or character that spoils a whole page.

A document type is refused before anything of it is read, with the very parser that reads the rest, because entities
are what lets a kilobyte become a gigabyte or reach into files (billion laughs, external entities). Size is bounded
where the answer is received; within that, a text may be as long as it is.

Characters that XML 1.0 does not have (a vertical tab, say) and octets that are no text stand in legacy data all the
same. A page that holds one is read once more with stand-ins of the private use area, and ``unspoilt`` gives what
stood there: the control character, or for an octet half of a character (a surrogate), which no mapping lets pass. So
one record is set aside and not the page.
"""

import codecs
import re
from typing import Any

from lxml import etree

_STAND_IN = 0xF700
_STAND_INS = re.compile(f"[{chr(_STAND_IN)}-{chr(_STAND_IN + 0xFF)}]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCES = re.compile(r"&#(?:[xX]0*([0-9a-fA-F]{1,2})|0*([0-9]{1,2}));")
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([A-Za-z0-9_.:-]+)', re.IGNORECASE)
_ONE_OCTET = re.compile(r"(iso-?8859-\d{1,2}|latin-?1|(windows-|cp)125\d)", re.IGNORECASE)
_PIECE = 1 << 16

SPOILT = "{urn:splice}spoilt"
"""Attribute of the root of a document that has stand-ins."""


class DoctypeError(Exception):
    """The document has a document type; nothing of it was used."""


class NotXmlError(Exception):
    """The document is no XML."""


def parse(body: bytes, content_type: str = "") -> etree._Element:
    """The root of a document.

    The encoding is what the document declares; the header is believed where it says UTF-8 and that is so, and where
    the document cannot be read otherwise.

    Raises:
        DoctypeError: it has a document type.
        NotXmlError: it is no XML, or nested beyond reason.
    """
    declared = _CHARSET.search(content_type)
    charset = declared[1].lower() if declared else ""
    trials: list[str | None] = [None]
    if charset in {"utf-8", "utf8"} and _is_utf8(body):
        trials = ["utf-8"]
    elif _ONE_OCTET.fullmatch(charset):
        trials.append(charset)
    for encoding in trials:
        refuse_doctype(body, encoding)
        try:
            return etree.fromstring(body, _parser(encoding))
        except (etree.XMLSyntaxError, LookupError, ValueError):
            continue
    return _with_stand_ins(body)


def refuse_doctype(body: bytes, encoding: str | None = None) -> None:
    """Read as far as the root element, and refuse a document type before it.

    Raises:
        DoctypeError: there is one.
        NotXmlError: it is that of a web page.
    """
    parser = etree.XMLParser(
        target=_Prolog(), encoding=encoding, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        for start in range(0, len(body), _PIECE):
            parser.feed(body[start : start + _PIECE])
    except (_BegunError, etree.XMLSyntaxError, LookupError):
        return


def unspoilt(value: Any) -> Any:
    """A record with what stood where stand-ins are."""
    if isinstance(value, str):
        return _STAND_INS.sub(_original, value)
    if isinstance(value, list):
        return [unspoilt(each) for each in value]
    return {name: unspoilt(each) for name, each in value.items()} if isinstance(value, dict) else value


class _BegunError(Exception):
    """The root element begins."""


class _Prolog:
    """A target that sees no further than the root element."""

    def doctype(self, name: str, *_told: Any) -> None:
        raise NotXmlError if name.lower() == "html" else DoctypeError

    def start(self, *_told: Any) -> None:
        raise _BegunError

    def close(self) -> None:
        pass


def _parser(encoding: str | None) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
    )


def _with_stand_ins(body: bytes) -> etree._Element:
    text = body.decode("utf-8-sig", "splice-stand-ins")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)  # its encoding is not that of the text
    text = _REFERENCES.sub(_reference, _CONTROLS.sub(_stand_in, text))
    mended = text.encode()
    refuse_doctype(mended)
    try:
        root = etree.fromstring(mended, _parser("utf-8"))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXmlError from error
    root.set(SPOILT, "true")
    return root


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _stand_in(found: re.Match[str]) -> str:
    return chr(_STAND_IN + (ord(found[0]) & 0x1F if ord(found[0]) < 0x20 else 0xFF))


def _reference(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    return chr(_STAND_IN + code) if code < 0x20 and code not in {0x9, 0xA, 0xD} else found[0]


def _original(found: re.Match[str]) -> str:
    code = ord(found[0]) - _STAND_IN
    return chr(code) if code < 0x20 else chr(0xDC00 + code)


def _octets(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    octets = error.object[error.start : error.end]
    return "".join(chr(_STAND_IN + octet) for octet in octets), error.end


codecs.register_error("splice-stand-ins", _octets)

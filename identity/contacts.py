"""Telephones, e-mail addresses, postal codes and dates of birth in one form; what stands for none is none."""

import re
from datetime import date

_EXTENSION = re.compile(r"(?:ext(?:ension)?\.?|x|#|;ext=)\s*[0-9]{1,6}\s*$", re.IGNORECASE)
_PHONE_DIGITS = 10
_ALIASES = {"googlemail.com": "gmail.com"}
_WITHOUT_DOTS = frozenset(("gmail.com",))
_EARLIEST_BIRTH = date(1905, 1, 1)
_EPOCH = date(1970, 1, 1)


def phone_form(text: str | None) -> str | None:
    """The last ten digits without an extension; None for less, and for one digit repeated, which stands for none."""
    bare = _EXTENSION.sub("", text or "")
    digits = "".join(character for character in bare if character.isascii() and character.isdigit())
    number = digits[-_PHONE_DIGITS:]
    return number if len(number) == _PHONE_DIGITS and len(set(number)) > 1 else None


def email_form(text: str | None) -> str | None:
    """Lower case, without what a mailbox ignores (``+tag``; dots at Gmail); None for what is no address."""
    local, at, domain = (text or "").strip().lower().partition("@")
    if not local or not at or "." not in domain:
        return None
    domain = _ALIASES.get(domain, domain)
    mailbox = local.split("+", 1)[0] or local
    return f"{mailbox.replace('.', '') if domain in _WITHOUT_DOTS else mailbox}@{domain}"


def postal_form(text: str | None) -> str | None:
    """Upper case without spaces; of a ZIP+4 code the five digits, which every system has."""
    code = re.sub(r"[^A-Z0-9]", "", (text or "").upper())
    return (code[:5] if code.isdigit() and len(code) == 9 else code) or None


def birth_date_form(born: date | None) -> str | None:
    """The date as text; None for the first days of a calendar, which programs write where they know none."""
    return born.isoformat() if born is not None and born >= _EARLIEST_BIRTH and born != _EPOCH else None

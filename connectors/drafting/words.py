"""Names as the words they are made of, in the field's terms, and how much two of them have in common."""

import re
from collections.abc import Iterable
from functools import cache

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CUSTOM = re.compile(r"__[a-z]+$")
"""What some systems end the names of fields with that their users made."""

_MEANINGS = {
    "acc": "account",
    "acct": "account",
    "acctno": "account number",
    "actv": "active",
    "addr": "address",
    "adj": "adjustment",
    "amt": "amount",
    "appt": "appointment",
    "arr": "arrived",
    "begin": "from",
    "bldg": "building",
    "box": "device",
    "cat": "category",
    "ccy": "currency",
    "cd": "code",
    "chg": "charge",
    "chgd": "changed",
    "cmpl": "completed",
    "cncl": "cancelled",
    "comp": "completed",
    "complete": "completed",
    "completion": "completed",
    "cpe": "device",
    "create": "created",
    "creation": "created",
    "curr": "currency",
    "cust": "customer",
    "del": "deleted",
    "dep": "departed",
    "desc": "description",
    "descr": "description",
    "det": "detail",
    "disc": "discount",
    "disp": "dispatch",
    "done": "completed",
    "dt": "date",
    "dtl": "detail",
    "eff": "effective",
    "end": "to",
    "eq": "equipment",
    "equip": "equipment",
    "finish": "to",
    "finished": "completed",
    "flag": "",
    "flg": "",
    "fname": "name",
    "hdr": "header",
    "head": "header",
    "ind": "",
    "inst": "install",
    "installation": "install",
    "inv": "bill",
    "invoice": "bill",
    "job": "work order",
    "lat": "latitude",
    "ln": "line",
    "lng": "longitude",
    "loc": "location",
    "lon": "longitude",
    "lst": "last",
    "lvl": "level",
    "mat": "material",
    "mkt": "market",
    "mod": "modified",
    "no": "number",
    "nr": "number",
    "num": "number",
    "ont": "device",
    "ord": "order",
    "pay": "payment",
    "per": "period",
    "perf": "performed",
    "pkg": "package",
    "pmt": "payment",
    "postcode": "postal code",
    "prem": "premise",
    "prev": "previous",
    "prod": "product",
    "promo": "promotion",
    "pwr": "power",
    "qty": "quantity",
    "ref": "number",
    "reference": "number",
    "sch": "scheduled",
    "sched": "scheduled",
    "seq": "position",
    "sn": "serial",
    "spd": "speed",
    "srl": "serial",
    "start": "from",
    "stat": "state",
    "status": "state",
    "stp": "state",
    "sts": "state",
    "sub": "subscription",
    "subs": "subscription",
    "svc": "service",
    "tariff": "offering",
    "tech": "technician",
    "tot": "total",
    "ts": "at",
    "typ": "type",
    "until": "to",
    "uom": "unit",
    "upd": "updated",
    "who": "technician",
    "wo": "work order",
    "yn": "",
    "zip": "postal code",
    "zipcode": "postal code",
}
"""Short forms and other words -> the words of the canonical model."""

SHORT_FORMS = frozenset(_MEANINGS)


@cache
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in any spelling: ``ACCT_NO``, ``acctNo`` and ``Account Number`` give the same."""
    found = []
    for word in WORD.findall(_CUSTOM.sub("", name)):
        small = word.lower()
        found += _MEANINGS.get(small, _MEANINGS.get(_singular(small), _singular(small))).split()
    return tuple(found)


@cache
def likeness(one: str, other: str) -> float:
    """Share of words that two names have in common, from 0 to 1; the order of words does not count."""
    ours, theirs = set(words_of(one)), set(words_of(other))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def likest(name: str, others: Iterable[str]) -> float:
    """The best likeness to any of several names."""
    return max((likeness(name, other) for other in others), default=0.0)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word

"""The fault string: ``target:word`` or ``target:word=value``, separated by commas.

Targets are ``crm``, ``billing``, ``fsm``, ``newbill``, ``network`` (every element), the name of any network element,
and the name of any access equipment (``access`` below). ``newbill`` is only read, and knows the words of reading that
``fsm`` has.

========================  ==================  =============================================================
word                      for                 meaning
========================  ==================  =============================================================
latency=SECONDS           all                 each answer comes that much later
http_500 .. http_504=P    crm billing fsm     that status instead of an answer, with probability P
429=P                     crm billing fsm     429 with Retry-After instead of an answer
retry_after=SECONDS       crm billing fsm     what Retry-After says (whole seconds, 1 unless told)
reset=P                   crm billing fsm     the connection is reset (TCP RST) in the middle of an answer
truncate=P                crm billing fsm     the body stops short of its Content-Length
write_lost=P              all                 a request that changes something does not arrive (over TCP: RST)
write_late=SECONDS        crm billing fsm     such a request arrives that much later, whether anybody waits or not
answer_lost=P             all                 such a request is done, and not answered (over TCP: cut)
answer_late=SECONDS       all                 such a request is done, and its answer comes that much later
rubbish=P                 all                 such a request is done, and answered with octets that are no answer
busy=P                    elements, access    such a request is turned away for want of resources
hollow=P                  elements, access    such a request is acknowledged, and not done
expire_session=N          crm fsm             a session or token dies after N requests
request_limit=N           crm                 the daily limit is used up after N requests
job_fails=P               crm                 a query job of the Bulk API ends in state Failed
duplicate=P               crm billing fsm     a record is given twice in its page; an event of a webhook, twice at all
reorder=P                 fsm                 an event of a webhook is sent after some that happened later
late=SECONDS              crm billing fsm     records stamped within that time before the newest one show only
                                              once a whole listing of their feed has been served
rename=NAME               billing             the WSDL and the rows call element NAME ``NAMEValue`` from now on
loss=P                    elements, network,  a datagram is lost, in either direction
                          access
missing                   all                 refuses connections; elements and access equipment stay silent
missing_feed              all but access      answers as ever, but holds not a single row
========================  ==================  =============================================================

What waits because of a fault goes on at once when the faults are replaced, but for datagrams.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

HTTP_SYSTEMS = ("crm", "billing", "fsm", "newbill")
WHOLE_NETWORK = "network"
_EVERYWHERE = ("latency", "missing", "missing_feed")
_HTTP_STATUSES = ("http_500", "http_502", "http_503", "http_504")
_OF_WRITES = ("write_lost", "write_late", "answer_lost", "answer_late", "rubbish")
_OVER_DATAGRAMS = ("write_lost", "answer_lost", "answer_late", "rubbish", "busy", "hollow")
_ON_THE_WIRE = ("429", "retry_after", "reset", "truncate", "duplicate", "late")
_OVER_HTTP = (*_EVERYWHERE, *_HTTP_STATUSES, *_ON_THE_WIRE, *_OF_WRITES)
_FLAGS = ("missing", "missing_feed")
_PROBABILITIES = (
    *(
        "429",
        "reset",
        "truncate",
        "duplicate",
        "reorder",
        "loss",
        "job_fails",
        "write_lost",
        "answer_lost",
        "rubbish",
        "busy",
        "hollow",
    ),
    *_HTTP_STATUSES,
)
_COUNTS = ("expire_session", "request_limit", "retry_after")
_FIELD_OF = {"429": "too_many"}

WORDS: dict[str, tuple[str, ...]] = {
    "crm": (*_OVER_HTTP, "expire_session", "request_limit", "job_fails"),
    "billing": (*_OVER_HTTP, "rename"),
    "fsm": (*_OVER_HTTP, "expire_session", "reorder"),
    "newbill": (*_EVERYWHERE, *_HTTP_STATUSES, *_ON_THE_WIRE),
    "element": (*_EVERYWHERE, "loss", *_OVER_DATAGRAMS),
    "access": ("latency", "missing", "loss", *_OVER_DATAGRAMS),
}
"""The words each kind of target understands."""


@dataclass(slots=True)
class Faults:
    """The faults of one target; probabilities are per request, record or datagram, between 0 and 1."""

    latency: float = 0.0
    statuses: dict[int, float] = field(default_factory=dict)
    too_many: float = 0.0
    retry_after: int = 1
    reset: float = 0.0
    truncate: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    late: float = 0.0
    loss: float = 0.0
    write_lost: float = 0.0
    write_late: float = 0.0
    answer_lost: float = 0.0
    answer_late: float = 0.0
    rubbish: float = 0.0
    busy: float = 0.0
    hollow: float = 0.0
    expire_session: int = 0
    request_limit: int = 0
    job_fails: float = 0.0
    rename: str = ""
    missing: bool = False
    missing_feed: bool = False


def parse_faults(
    spec: str, elements: Collection[str] = (), access_servers: Collection[str] = ()
) -> dict[str, Faults]:
    """Read a fault string into the faults of each target it names.

    Raises:
        ValueError: an unknown target or word, or a value out of range; says which ones are valid.
    """
    plan: dict[str, Faults] = {}
    for part in (piece.strip() for piece in spec.split(",")):
        if not part:
            continue
        target, separator, rest = part.partition(":")
        if not separator:
            raise ValueError(f"fault {part!r}: expected target:word or target:word=value")
        words = _words_of(target, elements, access_servers)
        word, _, value = rest.partition("=")
        if word not in words:
            raise ValueError(f"fault {part!r}: {target} has no fault {word!r}; valid words: {', '.join(words)}")
        names = elements if target == WHOLE_NETWORK else (target,)
        for name in names:
            _set(plan.setdefault(name, Faults()), word, value, part)
    return plan


def _words_of(target: str, elements: Collection[str], access_servers: Collection[str]) -> tuple[str, ...]:
    if target in HTTP_SYSTEMS:
        return WORDS[target]
    if target == WHOLE_NETWORK or target in elements:
        return WORDS["element"]
    if target in access_servers:
        return WORDS["access"]
    valid = ", ".join((*HTTP_SYSTEMS, WHOLE_NETWORK, *sorted([*elements, *access_servers])))
    raise ValueError(f"fault target {target!r} is unknown; valid targets: {valid}")


def _set(faults: Faults, word: str, value: str, part: str) -> None:
    if word in _FLAGS:
        if value:
            raise ValueError(f"fault {part!r}: {word} takes no value")
        setattr(faults, word, True)
    elif word in _HTTP_STATUSES:
        faults.statuses[int(word.removeprefix("http_"))] = _number(value, part, most=1.0)
    elif word == "rename":
        if not value.isidentifier():
            raise ValueError(f"fault {part!r}: expected the name of an element")
        faults.rename = value
    elif word in _COUNTS:
        if not value.isdigit():
            raise ValueError(f"fault {part!r}: expected a whole number")
        setattr(faults, word, int(value))
    else:
        most = 1.0 if word in _PROBABILITIES else None
        setattr(faults, _FIELD_OF.get(word, word), _number(value, part, most))


def _number(value: str, part: str, most: float | None) -> float:
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"fault {part!r}: expected a number after =") from None
    if not 0 <= number < float("inf") or (most is not None and number > most):
        bound = f"between 0 and {most:g}" if most is not None else "of zero or more"
        raise ValueError(f"fault {part!r}: expected a number {bound}")
    return number

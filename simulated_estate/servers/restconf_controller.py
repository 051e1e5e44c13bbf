"""A controller of OLTs that speaks RESTCONF (RFC 8040), with one OLT behind it.

What it is told goes into its own datastore and from there to the device; what the device shows is read under a root
of its own where the controller has one. Entity tags, preconditions and errors are as RFC 8040 says (sections 3.4.1,
4.5, 4.7 and 7). A login gives a token; which path, and how it is asked for, depends on the controller.
"""

import base64
import hashlib
import json
import secrets
import threading
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from simulated_estate.servers.told_http import HttpAsked, HttpTold, Lie

_MEDIA: Final = "application/yang-data+json"
_KEYS: Final = {"push-tag": "index", "onu": "detected-serial-number"}
_REFERENCES: Final = {"egress-qos-policy-profile": "policies", "preferred-channel-pair": "pairs"}


@dataclass(frozen=True, slots=True)
class ControllerKind:
    """What tells one kind of controller from another.

    Attributes:
        writes: root that is told.
        reads: root of what the device shows; the same where there is no other.
        login: path that gives a token; HTTP Basic on each request where it is empty.
        sends: how name and password come: by Basic, or as JSON.
        token: field of the answer.
    """

    writes: str
    reads: str
    login: str = ""
    sends: str = "basic"
    token: str = "token"


class RestconfController:
    """The controller and the OLT.

    Attributes:
        lie: what it does beside the truth.
        is_locked: somebody else holds the datastore.
        policies: policy profiles that the OLT has.
        pairs: channel pairs that it has.
        device: what the OLT holds, a tree of JSON.
        written: path of every change that took effect, oldest first.
    """

    def __init__(self, kind: ControllerKind, login: tuple[str, str], policies: set[str], pairs: set[str]) -> None:
        self._kind, self._login = kind, login
        self._lock = threading.RLock()
        self._tokens: set[str] = set()
        own = ("ietf-interfaces:interfaces", "ietf-interfaces:interfaces-state")
        # every OLT has some
        self.device: dict[str, Any] = {
            name: {"interface": [{"name": pair} for pair in sorted(pairs)]} for name in own
        }
        self._config: dict[str, Any] = deepcopy(self.device)
        self.policies, self.pairs = policies, pairs
        self.lie: Lie = ""
        self.is_locked = False
        self.written: list[str] = []

    def expire_tokens(self) -> None:
        """Tokens that were given are taken no more."""
        with self._lock:
            self._tokens.clear()

    def put(self, path: str, entry: dict[str, Any]) -> None:
        """Somebody else, or the plant, writes an entry of a list in the controller and on the OLT.

        Args:
            path: of the entry; a slash within a name is written as ``%2F``.
            entry: that stands there from now on.
        """
        with self._lock:
            for tree in (self._config, self.device):
                _set(tree, _steps(path), deepcopy(entry))

    def entry(self, path: str) -> Any:
        """What the OLT holds at a path."""
        with self._lock:
            return deepcopy(_found(self.device, _steps(path)))

    def answer(self, asked: HttpAsked) -> HttpTold | None:
        """See ``told_http.Answering``."""
        with self._lock:
            kind, path = self._kind, asked.path.strip("/")
            if kind.login and path == kind.login:
                return self._logged_in(asked)
            if not self._is_known(asked):
                return _fault(401, "access-denied", "log in")
            for root, tree in ((kind.writes, self._config), (kind.reads, self.device)):
                if path.startswith(root + "/"):
                    steps = _steps(path.removeprefix(root + "/"))
                    reads = root == kind.reads and asked.method == "GET"
                    return self._answered(asked, steps, self.device if reads else tree)
            return _fault(404, "invalid-value", "no such resource")

    def _answered(self, asked: HttpAsked, steps: list[str], tree: dict[str, Any]) -> HttpTold | None:
        there = _found(tree, steps)
        if asked.method == "GET":
            if there is None:
                return _fault(404, "invalid-value", "instance does not exist")
            shown = {_qualified(steps): [there] if "=" in steps[-1] else there}
            return HttpTold(200, shown, {"Content-Type": _MEDIA, "ETag": _tag(there)})
        if asked.method not in ("PUT", "DELETE"):
            return _fault(405, "operation-not-supported", asked.method)
        refusal = self._refusal(asked, there)
        if refusal is not None:
            return refusal
        if asked.method == "DELETE":
            return self._done(steps, None, 204)
        try:
            (entry,) = asked.json()[_qualified(steps)]
        except (ValueError, KeyError, TypeError):
            return _fault(400, "malformed-message", "the entry that the path names is expected")
        for leaf, known in _REFERENCES.items():
            value = _leaf(entry, leaf)
            if value is not None and value not in getattr(self, known):
                return _fault(400, "invalid-value", f"{leaf}: there is no {value}")
        return self._done(steps, entry, 201 if there is None else 204)

    def _refusal(self, asked: HttpAsked, there: Any) -> HttpTold | None:
        if self.is_locked:
            return _fault(409, "lock-denied", "another session holds the datastore")
        wanted, none = asked.headers.get("if-match"), asked.headers.get("if-none-match")
        if (wanted is not None and (there is None or wanted != _tag(there))) or (none == "*" and there is not None):
            return _fault(412, "operation-failed", "the resource has changed")
        if asked.method == "DELETE" and there is None:
            return _fault(409, "data-missing", "instance does not exist")
        return None

    def _done(self, steps: list[str], entry: Any, status: int) -> HttpTold | None:
        if self.lie == "drops_a_setting" and entry is not None:
            _drop(entry, "push-tag")
        if self.lie != "forgets":
            self.written.append("/".join(steps))
            _set(self._config, steps, entry)
            if self.lie != "keeps_to_itself":
                _set(self.device, steps, deepcopy(entry))
            elif self._kind.reads == self._kind.writes:
                _set(self._config, steps, _found(self.device, steps))
        return None if self.lie == "loses_answer" else HttpTold(status)

    def _logged_in(self, asked: HttpAsked) -> HttpTold:
        if self._kind.sends == "json":
            told = asked.json() or {}
            known = (told.get("username"), told.get("password")) == self._login
        else:
            known = asked.headers.get("authorization") == _basic(self._login)
        if not known:
            return _fault(401, "access-denied", "wrong name or password")
        token = secrets.token_hex(16)
        self._tokens.add(token)
        return HttpTold(200, {self._kind.token: token, "expiresIn": 1800})

    def _is_known(self, asked: HttpAsked) -> bool:
        told = asked.headers.get("authorization", "")
        if not self._kind.login:
            return told == _basic(self._login)
        return told.removeprefix("Bearer ") in self._tokens


def _basic(login: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(login).encode()).decode()


def _fault(status: int, tag: str, message: str) -> HttpTold:
    error = {"error-type": "protocol", "error-tag": tag, "error-message": message}
    return HttpTold(status, {"ietf-restconf:errors": {"error": [error]}}, {"Content-Type": _MEDIA})


def _tag(value: Any) -> str:
    return f'"{hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]}"'


def _steps(path: str) -> list[str]:
    return [unquote(step) for step in path.split("/")]


def _qualified(steps: list[str]) -> str:
    name = steps[-1].partition("=")[0]
    return name if ":" in name else f"{steps[0].partition(':')[0]}:{name}"


def _found(tree: dict[str, Any], steps: list[str]) -> Any:
    place: Any = tree
    for step in steps:
        name, _, key = step.partition("=")
        place = place.get(name) if isinstance(place, dict) else None
        if key and isinstance(place, list):
            place = next((each for each in place if str(each.get(_KEYS.get(name, "name"))) == key), None)
    return place


def _set(tree: dict[str, Any], steps: list[str], entry: Any) -> None:
    """Write an entry of a list, or take it away where it is None."""
    place = tree
    for step in steps[:-1]:
        place = place.setdefault(step, {})
    name, _, key = steps[-1].partition("=")
    others = [each for each in place.get(name, []) if str(each.get(_KEYS.get(name, "name"))) != key]
    place[name] = others if entry is None else [*others, entry]


def _leaf(entry: Any, name: str) -> Any:
    if isinstance(entry, list):
        return next((found for each in entry if (found := _leaf(each, name)) is not None), None)
    if not isinstance(entry, dict):
        return None
    own = next((value for key, value in entry.items() if key.rpartition(":")[2] == name), None)
    return own if own is not None else _leaf(list(entry.values()), name)


def _drop(entry: Any, name: str) -> None:
    for each in entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else ():
        _drop(each, name)
    if isinstance(entry, dict):
        for key in [key for key in entry if key.rpartition(":")[2] == name]:
            del entry[key]

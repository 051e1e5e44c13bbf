"""SMx, the management of Calix' AXOS systems, with one OLT behind it (northbound interface: HTTP, JSON, HTTP Basic).

It keeps books of subscribers, ONTs and services and tells the OLT; ``performance`` shows what the OLT itself knows of
an ONT. An ONT needs its subscriber and a service needs its ONT; neither goes while something hangs off it.
"""

import base64
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from simulated_estate.servers.told_http import HttpAsked, HttpTold, Lie

_ROOT = "rest/v1/"


class Smx:
    """The books, and the OLT.

    Attributes:
        lie: what it does beside the truth.
        is_busy: it is at work on the services.
        policies: policy maps that it has.
        onts: what the OLT was told of ONTs, by their id.
        ranged: PON port by the serial of an ONT that the OLT sees.
        levels: optical levels in dBm by serial, as the status tells them.
    """

    def __init__(self, device: str, login: tuple[str, str], policies: set[str]) -> None:
        self._device = device
        self._login = "Basic " + base64.b64encode(":".join(login).encode()).decode()
        self._lock = threading.RLock()
        self._subscribers: dict[tuple[str, str], dict[str, Any]] = {}
        self._onts: dict[str, dict[str, Any]] = {}
        self._services: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.policies = policies
        self.onts: dict[str, dict[str, Any]] = {}
        self.ranged: dict[str, str] = {}
        self.levels: dict[str, dict[str, str]] = {}
        self.lie: Lie = ""
        self.is_busy = False

    def add_service(self, ont: str, port: str, name: str) -> None:
        """Somebody else adds a service to an ONT."""
        with self._lock:
            self._services[ont, port, name] = {
                "device-name": self._device,
                "ont-id": ont,
                "ont-port-id": port,
                "service-name": name,
                "admin-status": "active",
            }

    def label(self, ont: str, name: str, value: str) -> None:
        """Somebody else writes a field of an ONT."""
        with self._lock:
            self._onts[ont][name] = value
            self.onts[ont][name] = value

    def ont(self, ont: str) -> dict[str, Any]:
        """What the OLT was told of an ONT."""
        with self._lock:
            return dict(self.onts[ont])

    def services(self, ont: str) -> list[dict[str, Any]]:
        """The services of an ONT."""
        with self._lock:
            return [dict(each) for key, each in self._services.items() if key[0] == ont]

    def subscribers(self) -> list[str]:
        """Names of all accounts."""
        with self._lock:
            return sorted(account for _, account in self._subscribers)

    def answer(self, asked: HttpAsked) -> HttpTold | None:
        """See ``told_http.Answering``."""
        with self._lock:
            if asked.headers.get("authorization") != self._login:
                return HttpTold(401, {"message": "Unauthorized"})
            path = asked.path.strip("/")
            steps = [unquote(step) for step in path.removeprefix(_ROOT).split("/")]
            told = self._answered(asked, steps) if path.startswith(_ROOT) else HttpTold(404)
            return None if asked.method != "GET" and told.status < 300 and self.lie == "loses_answer" else told

    def _answered(self, asked: HttpAsked, steps: list[str]) -> HttpTold:
        match steps:
            case ["ems", "subscriber", *place]:
                return self._on_subscriber(asked, place)
            case ["config", "device", self._device, "ont"]:
                return self._on_ont(asked)
            case ["ems", "service"]:
                return self._on_service(asked)
            case ["ems", "service", "device", self._device, "ont", ont, "port", port, "vlan", vlan]:
                return self._paused(ont, port, vlan, asked.query)
            case ["performance", "device", self._device, "ont", ont, "status"]:
                return self._status(ont)
        return HttpTold(404, {"message": "no such resource"})

    def _on_subscriber(self, asked: HttpAsked, place: list[str]) -> HttpTold:
        match (asked.method, place):
            case ("POST", []):
                told = asked.json()
                if not told.get("name") or not told.get("customId"):
                    return HttpTold(400, {"message": "name and customId are required"})
                key = (told.get("orgId", "Calix"), told["name"])
                if key in self._subscribers:
                    return HttpTold(409, {"message": "subscriber exists"})
                if self.lie != "forgets":
                    self._subscribers[key] = told
                return HttpTold(201, told)
            case ("GET" | "DELETE", ["org", organization, "account", account]):
                found = self._subscribers.get((organization, account))
                if found is None:
                    return HttpTold(404, {"message": "no such subscriber"})
                if asked.method == "GET":
                    return HttpTold(200, found)
                if any(ont.get("subscriber-id") == account for ont in self._onts.values()):
                    return HttpTold(400, {"message": "subscriber has an ONT"})
                if self.lie != "forgets":
                    del self._subscribers[organization, account]
                return HttpTold(200)
        return HttpTold(405)

    def _on_ont(self, asked: HttpAsked) -> HttpTold:
        ont = asked.query.get("ont-id", "")
        match asked.method:
            case "GET":
                return HttpTold(200, [self._onts[ont]]) if ont in self._onts else HttpTold(404)
            case "DELETE":
                if ont not in self._onts:
                    return HttpTold(404, {"message": "no such ONT"})
                if any(key[0] == ont for key in self._services):
                    return HttpTold(400, {"message": "ONT has services"})
                return self._kept(self._onts, self.onts, ont, None)
        told = asked.json()
        if asked.method == "POST" and told["ont-id"] in self._onts:
            return HttpTold(409, {"message": "ONT exists"})
        if all(account != told["subscriber-id"] for _, account in self._subscribers) and self.lie != "forgets":
            return HttpTold(400, {"message": "no such subscriber"})
        if any(
            each["serial-number"] == told["serial-number"]
            for key, each in self._onts.items()
            if key != told["ont-id"]
        ):
            return HttpTold(500, {"message": "Serial number already in use"})
        if self.lie == "drops_a_setting":
            told = {**told, "serial-number": self._onts.get(told["ont-id"], {}).get("serial-number", "")}
        return self._kept(self._onts, self.onts, told["ont-id"], told)

    def _kept(
        self, books: dict[str, dict[str, Any]], device: dict[str, dict[str, Any]], key: str, told: Any
    ) -> HttpTold:
        for place in () if self.lie == "forgets" else (books,) if self.lie == "keeps_to_itself" else (books, device):
            if told is None:
                place.pop(key, None)
            else:
                place[key] = dict(told)
        return HttpTold(200, {"message": "success"})

    def _on_service(self, asked: HttpAsked) -> HttpTold:
        if asked.method == "GET":
            found = self.services(asked.query.get("ont-id", ""))
            return HttpTold(200, [{**each, "in-provisioning": True} for each in found] if self.is_busy else found)
        told = asked.query if asked.method == "DELETE" else asked.json()
        key = (str(told.get("ont-id")), str(told.get("ont-port-id")), str(told.get("service-name")))
        if asked.method == "DELETE":
            if self.lie != "forgets":
                self._services.pop(key, None)
            return HttpTold(200)
        if key[0] not in self._onts and self.lie != "forgets":
            return HttpTold(400, {"message": "no such ONT"})
        if told.get("policy-map") not in self.policies:
            return HttpTold(400, {"message": f"policy-map {told.get('policy-map')} does not exist"})
        if asked.method == "POST" and key in self._services:
            return HttpTold(409, {"message": "service exists"})
        if self.lie != "forgets":
            status = self._services.get(key, {}).get("admin-status", "active")
            self._services[key] = {**told, "admin-status": status}
        return HttpTold(200, {"message": "success"})

    def _paused(self, ont: str, port: str, vlan: str, query: Mapping[str, str]) -> HttpTold:
        for key, service in self._services.items():
            tags = (str(service.get("vlan")), service.get("cTag"))
            if key[:2] == (ont, port) and tags == (vlan, int(query["cTag"]) if "cTag" in query else None):
                if self.lie != "forgets":
                    service["admin-status"] = "active" if query.get("action") == "resume" else "inactive"
                return HttpTold(200)
        return HttpTold(404, {"message": "no such service"})

    def _status(self, ont: str) -> HttpTold:
        if ont not in self.onts:
            return HttpTold(404, {"message": "the OLT knows no such ONT"})
        serial = self.onts[ont].get("serial-number", "")
        port = self.ranged.get(serial, "")
        seen = {"serial-number": serial, "linked-pon": port, **self.levels.get(serial, {})} if port else {}
        return HttpTold(200, {"ont-id": ont, "linked-pon": port, **seen})

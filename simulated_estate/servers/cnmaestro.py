"""cnMaestro with subscriber modules behind it (interface v2: HTTP, JSON, OAuth 2 client credentials).

Giving a module a template starts a job; the module has the configuration of the template when the job has ended, if
it is online. ``pull_config`` asks a module for what it has, and the answer is there a moment later.
"""

import base64
import json
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from simulated_estate.servers.told_http import HttpAsked, HttpTold, Lie

_FACTORY = {"sustainedDownlinkDataRate": 0, "sustainedUplinkDataRate": 0}


@dataclass(slots=True)
class Module:
    """A subscriber module.

    Attributes:
        mac: with colons.
        ap_mac: of the access point that it hangs on.
        status: ``online``, ``offline`` or ``onboarding``.
        config: what it has.
        radio: what it hears.
    """

    mac: str
    ap_mac: str
    status: str = "online"
    config: dict[str, Any] = field(default_factory=lambda: dict(_FACTORY))
    radio: dict[str, Any] = field(default_factory=dict)


class CnMaestroServer:
    """Modules, templates and jobs.

    Attributes:
        templates: configuration by the name of a template.
        modules: by their MAC.
        lie: what it does beside the truth.
        is_busy: another job runs on the modules.
        looks: how often an answer is asked for before it is there.
    """

    def __init__(self, client: tuple[str, str], templates: dict[str, dict[str, Any]]) -> None:
        self._client = "Basic " + base64.b64encode(":".join(client).encode()).decode()
        self._lock = threading.RLock()
        self._tokens: set[str] = set()
        self._jobs: dict[str, str] = {}
        self._pulls: dict[str, int] = {}
        self.templates = templates
        self.modules: dict[str, Module] = {}
        self.lie: Lie = ""
        self.is_busy = False
        self.looks = 1

    def connect(self, module: Module) -> None:
        """A module is seen, for the first time or again."""
        with self._lock:
            self.modules[module.mac] = module

    def expire_tokens(self) -> None:
        """Tokens that were given are taken no more."""
        with self._lock:
            self._tokens.clear()

    def answer(self, asked: HttpAsked) -> HttpTold | None:
        """See ``told_http.Answering``."""
        with self._lock:
            steps = [unquote(step) for step in asked.path.strip("/").split("/")]
            if steps == ["api", "v2", "access", "token"]:
                return self._token(asked)
            if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
                return HttpTold(401, {"error": {"message": "invalid token"}})
            if steps[:2] != ["api", "v2"]:
                return HttpTold(404)
            return self._answered(asked, steps[2:])

    def _answered(self, asked: HttpAsked, steps: list[str]) -> HttpTold | None:
        match (asked.method, steps):
            case ("GET", ["devices"]):
                return self._listed(asked)
            case ("GET", ["jobs", job]) if job in self._jobs:
                return _page([{"id": job, "state": self._jobs[job]}])
            case (_, ["devices", mac, *more]) if mac in self.modules:
                return self._on_module(asked, self.modules[mac], more)
        return HttpTold(404, {"message": "not found"})

    def _on_module(self, asked: HttpAsked, module: Module, more: list[str]) -> HttpTold | None:
        match (asked.method, more):
            case ("GET", []):
                return _page([_shown(module)])
            case ("PUT", []):
                return self._configured(module, asked.json())
            case ("GET", ["statistics"]):
                return _page([{"mac": module.mac, "status": module.status, "radio": dict(module.radio)}])
            case ("POST", ["pull_config"]):
                if module.status != "online":
                    return HttpTold(409, {"message": "device is offline"})
                self._pulls[module.mac] = self.looks
                return HttpTold(200, {"message": "initiated"})
            case ("GET", ["pull_config"]):
                self._pulls[module.mac] = left = self._pulls.get(module.mac, 1) - 1
                if left > 0:
                    return HttpTold(200, {"message": "in progress"})
                return HttpTold(200, {"message": {"data": json.dumps({"userParameters": module.config})}})
        return HttpTold(405)

    def _configured(self, module: Module, told: dict[str, Any]) -> HttpTold | None:
        config = self.templates.get(told.get("template", ""))
        if config is None:
            return HttpTold(422, {"message": f"template {told.get('template')} does not exist"})
        if self.is_busy:
            return HttpTold(409, {"message": "another job runs on this device"})
        if module.status == "onboarding":
            module.status = "online"
        job = str(len(self._jobs) + 1)
        self._jobs[job] = "completed" if module.status == "online" else "pending"
        if module.status == "online" and self.lie not in ("forgets", "keeps_to_itself"):
            dropped = {"sustainedUplinkDataRate"} if self.lie == "drops_a_setting" else set()
            module.config = {
                **module.config,
                **{key: value for key, value in config.items() if key not in dropped},
            }
        return None if self.lie == "loses_answer" else HttpTold(200, {"message": "Success", "job_id": job})

    def _listed(self, asked: HttpAsked) -> HttpTold:
        wanted = asked.query.get("status")
        rows = [_shown(each) for each in self.modules.values() if wanted in (None, each.status)]
        limit, offset = int(asked.query.get("limit", 100)), int(asked.query.get("offset", 0))
        paging = {"total": len(rows), "limit": limit, "offset": offset}
        return HttpTold(200, {"paging": paging, "data": rows[offset : offset + limit]})

    def _token(self, asked: HttpAsked) -> HttpTold:
        form = parse_qs(asked.body.decode())
        is_known = asked.headers.get("authorization") == self._client
        if not is_known or form.get("grant_type") != ["client_credentials"]:
            return HttpTold(401, {"error": "invalid_client"})
        token = secrets.token_hex(16)
        self._tokens.add(token)
        return HttpTold(200, {"access_token": token, "token_type": "bearer", "expires_in": 3600})


def _shown(module: Module) -> dict[str, Any]:
    return {"mac": module.mac, "mode": "sm", "type": "pmp", "status": module.status, "ap_mac": module.ap_mac}


def _page(rows: list[dict[str, Any]]) -> HttpTold:
    return HttpTold(200, {"paging": {"total": len(rows), "limit": 100, "offset": 0}, "data": rows})

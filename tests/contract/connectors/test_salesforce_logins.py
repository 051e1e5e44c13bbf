"""Every way into an org: it works, and refused it names what to mend and never the secret."""

import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr
from source_harnesses import SALESFORCE

from canonical_model.errors import ConfigurationError
from connectors.discovery import capabilities_by_kind, open_source
from connectors.ports import Page, SystemSettings
from connectors.salesforce.logins import LOGINS
from simulated_estate.servers.salesforce.sessions import ORGANIZATION_ID
from simulated_estate.servers.serve import RunningEstate

Serve = Callable[..., RunningEstate]


@cache
def key_pair(number: int) -> tuple[str, str]:
    """A private key and its public one, PEM."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def session_of(estate: RunningEstate) -> str:
    known = estate.credentials["crm"]
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(
            estate.addresses["crm"] + "/services/oauth2/token",
            auth=(known["consumer_key"], known["consumer_secret"]),
            data={"grant_type": "client_credentials"},
            timeout=60,
        )
    token: str = answer.json()["access_token"]
    return token


def credentials(login: str, estate: RunningEstate) -> tuple[dict[str, str], dict[str, str]]:
    """Options and secrets of a login."""
    known = estate.credentials["crm"]
    user, app = {"username": known["username"]}, {"client_id": known["consumer_key"]}
    if login == "client_credentials":
        return app, {"client_secret": known["consumer_secret"]}
    if login == "jwt_bearer":
        private, public = key_pair(1)
        estate.trust_certificate(public)
        return {**user, **app}, {"private_key": private}
    if login == "password":
        return user, {"password": known["password"], "security_token": known["security_token"]}
    if login == "oauth_password":
        password = known["password"] + known["security_token"]
        return {**user, **app}, {"password": password, "client_secret": known["consumer_secret"]}
    if login == "trusted_address":
        return {**user, "organization_id": ORGANIZATION_ID}, {"password": known["password"]}
    return {}, {"session_id": session_of(estate)}


def settings(login: str, estate: RunningEstate, **wrong: str) -> SystemSettings:
    options, secrets = credentials(login, estate)
    options |= {name: value for name, value in wrong.items() if name in options}
    secrets |= {name: value for name, value in wrong.items() if name in secrets}
    return SystemSettings(
        "crm",
        "salesforce",
        estate.addresses["crm"],
        {**options, "login": login, "longest_wait_s": 0.1},
        {name: SecretStr(value) for name, value in secrets.items()},
        timeout_s=30.0,
    )


def pulled(settings: SystemSettings) -> list[Page]:
    with closing(open_source(settings)) as source:
        return list(source.pages(SALESFORCE.read, None))


def test_every_login_of_the_connector_is_tried() -> None:
    assert capabilities_by_kind()["salesforce"].logins == LOGINS


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("mode", ["rest", "bulk"])
def test_every_login_reads_everything(login: str, mode: str, serve: Serve) -> None:
    books = SALESFORCE.books()
    known = settings(login, serve(books))
    pages = pulled(replace(known, options={**known.options, "mode": mode}))
    assert {record["Id"] for page in pages for record in page.records} == SALESFORCE.keys(books)


@dataclass(frozen=True)
class Wrong:
    """A login with one thing wrong, and what is told of it."""

    login: str
    what: dict[str, str]
    told: str


REFUSED = [
    Wrong("client_credentials", {"client_id": "nobody"}, r"invalid_client_id: .*check options: client_id"),
    Wrong("client_credentials", {"client_secret": "hush-hush"}, r"invalid_client: .*check secrets: client_secret"),
    Wrong(
        "password",
        {"password": "hush-hush"},
        r"INVALID_LOGIN: .*options: username, secrets: password, secrets: security_token",
    ),
    Wrong("password", {"security_token": "hush-hush"}, "INVALID_LOGIN: .*secrets: security_token"),
    Wrong("oauth_password", {"password": "hush-hush"}, r"invalid_grant: .*options: username, .*secrets: password"),
    Wrong("oauth_password", {"client_secret": "hush-hush"}, "invalid_client: .*secrets: client_secret"),
    Wrong(
        "trusted_address", {"password": "hush-hush"}, "INVALID_LOGIN: .*options: organization_id, secrets: password"
    ),
    Wrong("trusted_address", {"organization_id": "00Dnobody"}, "INVALID_LOGIN: .*options: organization_id"),
    Wrong("jwt_bearer", {"private_key": key_pair(2)[0]}, r"invalid_grant: .*secrets: private_key, and what the conn"),
    Wrong("jwt_bearer", {"username": "nobody@nowhere.example"}, "invalid_grant: .*options: username"),
    Wrong("jwt_bearer", {"private_key": "hush-hush"}, r"secrets: private_key is no usable key \(PEM\)"),
    Wrong(
        "session_id", {"session_id": "hush-hush"}, "session has ended or never was; put a new one under secrets: se"
    ),
]


@pytest.mark.parametrize("wrong", REFUSED, ids=lambda wrong: f"{wrong.login}-{next(iter(wrong.what))}")
def test_a_refused_login_names_what_to_mend_and_never_the_secret(wrong: Wrong, serve: Serve) -> None:
    known = settings(wrong.login, serve(SALESFORCE.books()), **wrong.what)
    with pytest.raises(ConfigurationError, match=wrong.told) as refused:
        pulled(known)
    told = "".join(traceback.format_exception(refused.value))
    assert str(refused.value).startswith("crm: ")
    assert [name for name, secret in known.secrets.items() if secret.get_secret_value() in told] == []


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_with_something_missing_is_told_at_once(login: str, serve: Serve) -> None:
    whole = settings(login, serve(SALESFORCE.books()))
    for name in [*whole.secrets, *(set(whole.options) - {"login", "longest_wait_s"})]:
        options: dict[str, Any] = {key: value for key, value in whole.options.items() if key != name}
        secrets = {key: value for key, value in whole.secrets.items() if key != name}
        with pytest.raises(ConfigurationError, match=f"{name} is missing"):
            open_source(replace(whole, options=options, secrets=secrets))


def test_a_session_that_ends_under_way_is_opened_again_by_each_login_that_can(serve: Serve) -> None:
    for login in LOGINS:
        estate = serve(SALESFORCE.books())
        known = settings(login, estate)
        with closing(open_source(known)) as source:
            running = source.pages(SALESFORCE.read, None)
            next(running)
            estate.expire_sessions()
            if login == "session_id":
                with pytest.raises(ConfigurationError, match="put a new one under secrets: session_id"):
                    list(running)
            else:
                assert list(running)[-1].last


@pytest.mark.parametrize("login", ["client_credentials", "session_id"])
def test_a_login_that_needs_the_orgs_own_host_says_so(login: str, serve: Serve) -> None:
    known = settings(login, serve(SALESFORCE.books()))
    with pytest.raises(ConfigurationError, match=r"My Domain, https://NAME\.my\.salesforce\.com"):
        open_source(replace(known, address="https://login.salesforce.com"))

"""Requests that are signed with an X.509 certificate, verified by hand: nothing of what signed them takes part."""

import builtins
import hashlib
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from lxml import etree
from pydantic import SecretStr
from source_harnesses import SOAP
from test_hostile_answers import KINDS, charge_lines

from canonical_model.errors import ConfigurationError
from connectors.discovery import open_source
from connectors.ports import Source, SystemSettings
from tests.fakes.certificates import KEY_PASSWORD, write_signing_certificates
from tests.fakes.scripted_http import Asked, Reply, scripted_server

Open = Callable[[SystemSettings], Source]
DS = "{http://www.w3.org/2000/09/xmldsig#}"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity"
WSSE, WSU = f"{{{OASIS}-secext-1.0.xsd}}", f"{{{OASIS}-utility-1.0.xsd}}"
DIGESTS = {"sha1": (hashlib.sha1, SHA1()), "sha256": (hashlib.sha256, SHA256())}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signing")
    write_signing_certificates(folder)
    return folder


def settings(url: str, folder: Path, **options: Any) -> SystemSettings:
    known = {"login": "none", "signing_certificate": str(folder / "signer.pem"), "longest_wait_s": 0.02, **options}
    return SystemSettings("their-soap", "soap", url, {name: value for name, value in known.items() if value}, {})


def canonical(node: Any) -> bytes:
    told: bytes = etree.tostring(node, method="c14n", exclusive=True, with_comments=False)
    return told


def verified(envelope: bytes, folder: Path) -> set[str]:
    """Names of the elements that the signature covers; it holds under the certificate it came with, which is ours."""
    root = etree.fromstring(envelope)
    signature = root.find(f".//{WSSE}Security/{DS}Signature")
    info = signature.find(f"{DS}SignedInfo")
    ours = x509.load_pem_x509_certificate((folder / "signer.crt").read_bytes())
    shown = root.findtext(f".//{WSSE}BinarySecurityToken") or signature.findtext(f".//{DS}X509Certificate")
    assert x509.load_der_x509_certificate(b64decode(shown)) == ours
    covered = set()
    for reference in info.findall(f"{DS}Reference"):
        (target,) = root.xpath("//*[@*[local-name()='Id']=$id]", id=reference.get("URI")[1:])
        name = reference.find(f"{DS}DigestMethod").get("Algorithm").rpartition("#")[2]
        assert b64decode(reference.findtext(f"{DS}DigestValue")) == DIGESTS[name][0](canonical(target)).digest()
        covered.add(etree.QName(target).localname)
    method = info.find(f"{DS}SignatureMethod").get("Algorithm").rpartition("-")[2]
    public = ours.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    value = b64decode(re.sub(r"\s", "", signature.findtext(f"{DS}SignatureValue")))
    public.verify(value, canonical(info), padding.PKCS1v15(), DIGESTS[method][1])
    return covered


def signed_requests(known: Callable[[str], SystemSettings], open_: Open) -> list[bytes]:
    def answer(asked: Asked) -> Reply:
        return KINDS["soap"].before(asked) or charge_lines("1.00")

    with scripted_server(answer) as server:
        pages = list(open_(known(server.url)).pages(SOAP.read, None))
        assert [record["amount"] for page in pages for record in page.records] == ["1.00"]
        return [asked.body for asked in server.asked if asked.method == "POST"]


@pytest.mark.parametrize("token", ["binary", "issuer"])
@pytest.mark.parametrize("digest", ["sha256", "sha1"])
def test_body_and_time_stamp_are_signed(token: str, digest: str, folder: Path, open_: Open) -> None:
    (body,) = signed_requests(lambda url: settings(url, folder, signing_token=token, signing_digest=digest), open_)
    assert verified(body, folder) == {"Body", "Timestamp"}
    assert f"rsa-{digest}".encode() in body
    root = etree.fromstring(body)
    created, expires = (datetime.fromisoformat(root.findtext(f".//{WSU}{name}")) for name in ("Created", "Expires"))
    assert expires - created == timedelta(minutes=5)
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=4)


def test_what_is_changed_on_its_way_is_noticed(folder: Path, open_: Open) -> None:
    (body,) = signed_requests(lambda url: settings(url, folder), open_)
    assert b"pageSize>10<" in body
    with pytest.raises(AssertionError):
        verified(body.replace(b"pageSize>10<", b"pageSize>11<"), folder)


def test_a_username_token_may_go_beside_it(folder: Path, open_: Open) -> None:
    def known(url: str) -> SystemSettings:
        told = settings(url, folder, login="digest", username="hub")
        return replace(told, secrets={"password": SecretStr("hush-hush-0815")})

    (body,) = signed_requests(known, open_)
    assert verified(body, folder) == {"Body", "Timestamp"}
    assert etree.fromstring(body).findtext(f".//{WSSE}Username") == "hub"
    assert b"hush-hush-0815" not in body


def test_a_key_may_stand_apart_and_be_encrypted(folder: Path, open_: Open) -> None:
    def known(url: str) -> SystemSettings:
        files = {"signing_certificate": str(folder / "signer.crt"), "signing_key": str(folder / "signer.key")}
        return replace(settings(url, folder, **files), secrets={"signing_key_password": SecretStr(KEY_PASSWORD)})

    (body,) = signed_requests(known, open_)
    assert verified(body, folder) == {"Body", "Timestamp"}


@pytest.mark.parametrize(
    ("options", "secrets", "told"),
    [
        ({"signing_certificate": "nowhere.pem"}, {}, "no readable certificate with its private key"),
        ({"signing_certificate": "signer.crt"}, {}, "no readable certificate with its private key"),
        ({"signing_certificate": "signer.crt", "signing_key": "signer.key"}, {}, "no readable certificate"),
        (
            {"signing_certificate": "signer.crt", "signing_key": "signer.key"},
            {"signing_key_password": SecretStr("not-the-right-one")},
            "no readable certificate",
        ),
        ({"signing_certificate": "other.crt", "signing_key": "signer.pem"}, {}, "does not belong to the key"),
        ({"signing_certificate": "curve.pem"}, {}, "an RSA key is expected"),
        ({"signing_certificate": "", "signing_key": "signer.pem"}, {}, "there is no signing_certificate beside it"),
    ],
)
def test_files_that_do_not_fit_are_told_before_anything_is_sent(
    options: dict[str, str], secrets: dict[str, SecretStr], told: str, folder: Path
) -> None:
    files = {name: str(folder / file) if file else "" for name, file in options.items()}
    known = replace(settings("http://127.0.0.1:9", folder, **files), secrets=secrets)
    with pytest.raises(ConfigurationError, match=told) as refused:
        open_source(known)
    assert "not-the-right-one" not in str(refused.value)


@pytest.mark.parametrize(("name", "value"), [("signing_token", "saml"), ("signing_digest", "md5")])
def test_a_way_to_sign_that_nobody_knows_is_told(name: str, value: str, folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}: '{value}' is unknown"):
        open_source(settings("http://127.0.0.1:9", folder, **{name: value}))


def test_without_the_extra_it_is_told_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without_it(name: str, *others: Any) -> Any:
        if name == "xmlsec":
            raise ImportError(name)
        return imported(name, *others)

    monkeypatch.setattr(builtins, "__import__", without_it)
    with pytest.raises(ConfigurationError, match=r"signing needs the package xmlsec.*install the extra signing"):
        open_source(settings("http://127.0.0.1:9", folder))

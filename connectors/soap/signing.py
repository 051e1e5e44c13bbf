"""WS-Security signatures with an X.509 certificate: of the body and of a time stamp, through zeep and xmlsec.

xmlsec is an extra, since few services want it. Answers are not verified; TLS vouches for them.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from lxml import etree
from zeep.wsse.signature import BinarySignature, Signature
from zeep.wsse.utils import WSU, get_security_header, get_timestamp

from canonical_model.errors import ConfigurationError
from connectors.importing import IMPORTING
from connectors.ports import SystemSettings
from connectors.settings import choice, secret

LIVES = timedelta(minutes=5)
"""How long a signed request is good for."""


class SignedMessages:
    """Signs envelopes: what zeep takes for ``wsse``."""

    def __init__(self, signature: Signature) -> None:
        self._signature = signature

    def apply(self, envelope: etree._Element, headers: Any) -> tuple[etree._Element, Any]:
        """Add a time stamp, and sign it with the body."""
        security = get_security_header(envelope)
        created = get_timestamp(zulu_timestamp=True)
        expires = datetime.fromisoformat(created) + LIVES
        stamp = WSU.Timestamp(WSU.Created(created), WSU.Expires(get_timestamp(expires, zulu_timestamp=True)))
        security.append(stamp)
        signed: tuple[etree._Element, Any] = self._signature.apply(envelope, headers)
        return signed

    def verify(self, envelope: etree._Element) -> None:
        """Answers are not verified."""


def signed_messages(settings: SystemSettings) -> SignedMessages | None:
    """What signs the requests of a system; None where nothing is to be signed.

    Raises:
        ConfigurationError: xmlsec is not there, a file cannot be read, or key and certificate are of no use.
    """
    certificate = settings.options.get("signing_certificate")
    place = f"system {settings.name}: options:"
    if certificate is None:
        if settings.options.get("signing_key") is not None:
            raise ConfigurationError(f"{place} signing_key: there is no signing_certificate beside it")
        return None
    xmlsec = _xmlsec(place)
    key = str(settings.options.get("signing_key") or certificate)
    token = choice(f"{place} signing_token", settings.options.get("signing_token", "binary"), ("binary", "issuer"))
    digest = choice(f"{place} signing_digest", settings.options.get("signing_digest", "sha256"), ("sha256", "sha1"))
    methods = {
        "sha256": (xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256),
        "sha1": (xmlsec.Transform.RSA_SHA1, xmlsec.Transform.SHA1),
    }
    # Never None: OpenSSL would ask for a password at the terminal.
    password = secret(settings, "signing_key_password") if "signing_key_password" in settings.secrets else ""
    _check(place, str(certificate), key, password)
    made = BinarySignature if token == "binary" else Signature  # noqa: S105 - no password
    return SignedMessages(made(key, str(certificate), password, *methods[digest]))


def _check(place: str, certificate: str, key: str, password: str) -> None:
    """See that the files are of use, and belong together."""
    try:
        public = load_pem_x509_certificate(Path(certificate).read_bytes()).public_key()
        private = load_pem_private_key(Path(key).read_bytes(), password.encode() or None)
    except (OSError, TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(
            f"{place} signing_certificate: no readable certificate with its private key; check signing_certificate, "
            "signing_key and signing_key_password"
        ) from error
    if not isinstance(private, RSAPrivateKey):
        raise ConfigurationError(f"{place} signing_certificate: an RSA key is expected")
    if private.public_key() != public:
        raise ConfigurationError(f"{place} signing_certificate: does not belong to the key of signing_key")


def _xmlsec(place: str) -> Any:
    try:
        with IMPORTING:
            import xmlsec  # noqa: PLC0415 - an extra
    except ImportError as error:  # not installed, or made for another libxml2 than lxml's
        raise ConfigurationError(
            f"{place} signing_certificate: signing needs the package xmlsec, made for the same libxml2 as lxml; "
            "install the extra signing"
        ) from error
    return xmlsec

"""Certificates for TLS in which both sides show who they are: an authority, a server, a client, and a stranger."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

KEY_PASSWORD = "key-password-0815"
STORE_PASSWORD = b"store-password"
_FROM = datetime.now(UTC) - timedelta(days=1)


def write_certificates(folder: Path) -> None:
    """Write ``ca.pem``, ``server.pem``, ``client.pem`` and ``stranger.pem``, each with its key.

    Also ``client.crt`` with the key apart and encrypted in ``client.key``, and for Java ``server.p12`` and
    ``trusted.p12``. The stranger's certificate was signed by somebody else.
    """
    ours = _signed("Authority", None)
    other = _signed("Other authority", None)
    (folder / "ca.pem").write_bytes(ours[1].public_bytes(Encoding.PEM))
    for name, signer in (("server", ours), ("client", ours), ("stranger", other)):
        key, certificate = _signed(name, signer)
        public = certificate.public_bytes(Encoding.PEM)
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.pem").write_bytes(plain + public)
        (folder / f"{name}.crt").write_bytes(public)
        encrypted = BestAvailableEncryption(KEY_PASSWORD.encode())
        (folder / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encrypted))
        store = pkcs12.serialize_key_and_certificates(
            name.encode(), key, certificate, None, BestAvailableEncryption(STORE_PASSWORD)
        )
        (folder / f"{name}.p12").write_bytes(store)
    trusted = pkcs12.serialize_java_truststore(
        [pkcs12.PKCS12Certificate(ours[1], b"authority")], BestAvailableEncryption(STORE_PASSWORD)
    )
    (folder / "trusted.p12").write_bytes(trusted)


def _signed(
    name: str, signer: tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer[1].subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_FROM + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    )
    return key, builder.sign(signer[0] if signer else key, SHA256())

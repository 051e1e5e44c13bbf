"""Certificates of a test: an authority, a server, a client and a stranger for TLS, and a signer of messages."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
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

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Signed = tuple[Key, x509.Certificate]


def write_certificates(folder: Path) -> None:
    """Write ``ca.pem``, and the files of ``server``, ``client`` and ``stranger``; they are good for 127.0.0.1.

    Each has ``.pem`` with key and certificate, ``.crt`` with the certificate, ``.key`` with the key that
    ``KEY_PASSWORD`` opens, ``.plain.key`` that nobody else may read, and ``.p12`` for Java, where ``trusted.p12`` is
    the authority. The stranger's certificate was signed by somebody else.
    """
    ours, other = _signed("Authority", None), _signed("Other authority", None)
    (folder / "ca.pem").write_bytes(ours[1].public_bytes(Encoding.PEM))
    for name, signer in (("server", ours), ("client", ours), ("stranger", other)):
        _write(folder, name, _signed(name, signer))
    trusted = pkcs12.serialize_java_truststore(
        [pkcs12.PKCS12Certificate(ours[1], b"authority")], BestAvailableEncryption(STORE_PASSWORD)
    )
    (folder / "trusted.p12").write_bytes(trusted)


def write_signing_certificates(folder: Path) -> None:
    """Write the files of ``signer`` and ``other``, with RSA keys, and of ``curve``, with none."""
    for name in ("signer", "other"):
        _write(folder, name, _signed(name, None, rsa.generate_private_key(65537, 2048)))
    _write(folder, "curve", _signed("curve", None))


def _write(folder: Path, name: str, signed: Signed) -> None:
    key, certificate = signed
    public = certificate.public_bytes(Encoding.PEM)
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    encrypted = BestAvailableEncryption(KEY_PASSWORD.encode())
    store = BestAvailableEncryption(STORE_PASSWORD)
    (folder / f"{name}.pem").write_bytes(plain + public)
    (folder / f"{name}.crt").write_bytes(public)
    (folder / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encrypted))
    (folder / f"{name}.plain.key").write_bytes(plain)
    (folder / f"{name}.plain.key").chmod(0o600)
    (folder / f"{name}.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, store)
    )


def _signed(name: str, signer: Signed | None, key: Key | None = None) -> Signed:
    key = key or ec.generate_private_key(ec.SECP256R1())
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

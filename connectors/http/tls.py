"""What a system trusts and shows when it speaks TLS: certificates of the other side, and one of its own."""

import ssl

from canonical_model.errors import ConfigurationError
from connectors.ports import Option, SystemSettings
from connectors.settings import CA_BUNDLE, secret

TLS_OPTIONS = (
    CA_BUNDLE,
    Option("client_certificate", "PEM file of the certificate shown to the service, issuers below it"),
    Option("client_key", "PEM file of its private key (default: it stands in client_certificate)"),
    Option("client_key_password", "of that key, where it is encrypted", secret=True),
)


def tls_context(settings: SystemSettings) -> ssl.SSLContext | None:
    """The context that the options ask for; None where they ask for nothing.

    Raises:
        ConfigurationError: a file cannot be read, holds nothing of use, or certificate and key do not match.
    """
    bundle, certificate = (settings.options.get(name) for name in ("ca_bundle", "client_certificate"))
    place = f"system {settings.name}: options:"
    if certificate is None and settings.options.get("client_key") is not None:
        raise ConfigurationError(f"{place} client_key: there is no client_certificate beside it")
    if bundle is None and certificate is None:
        return None
    try:
        context = ssl.create_default_context(cafile=None if bundle is None else str(bundle))
    except OSError as error:  # ssl.SSLError is one
        raise ConfigurationError(f"{place} ca_bundle: no readable certificates") from error
    if certificate is not None:
        _show(context, settings, str(certificate))
    return context


def _show(context: ssl.SSLContext, settings: SystemSettings, certificate: str) -> None:
    key = settings.options.get("client_key")
    # Never None: OpenSSL would ask for a password at the terminal.
    password = secret(settings, "client_key_password") if "client_key_password" in settings.secrets else ""
    try:
        context.load_cert_chain(certificate, None if key is None else str(key), password=lambda: password)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"system {settings.name}: options: client_certificate: no readable certificate with its private key; "
            "check client_certificate, client_key and client_key_password"
        ) from error

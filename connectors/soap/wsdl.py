"""A WSDL as zeep reads it: the operations of one port, and what calls them at the operator's own address.

Imported only when a system is opened, because zeep is heavy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
import zeep
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import ExternalReferenceForbidden

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.http.errors import http_errors
from connectors.ports import SystemSettings
from connectors.settings import choice
from connectors.soap.encoding import with_types
from connectors.soap.safe_xml import DoctypeError
from connectors.soap.transport import EndlessImportError, SoapTransport


@dataclass(frozen=True, slots=True)
class Wsdl:
    """What a WSDL says.

    Attributes:
        operations: zeep's operations by name.
        proxy: calls them.
        encoded: names of those with SOAP encoding, with their style.
    """

    operations: Mapping[str, Any]
    proxy: Any
    encoded: Mapping[str, str]


class _Types(zeep.Plugin):  # type: ignore[misc]  # zeep has no types
    """Tells the types of values in the requests of encoded operations."""

    def __init__(self, transport: SoapTransport) -> None:
        self._transport = transport

    def egress(self, envelope: Any, http_headers: Any, operation: Any, binding_options: Any) -> tuple[Any, Any]:  # noqa: ARG002 - zeep's names
        """See ``zeep.Plugin``."""
        key = (operation.binding.name.localname, operation.name)
        if key in self._transport.encoded and operation.input.body is not None:
            with_types(envelope, operation.input.body.type)
        return envelope, http_headers


def read_wsdl(settings: SystemSettings, place: str, security: Any, transport: SoapTransport) -> Wsdl:
    """Read a WSDL with all that it imports.

    Args:
        settings: of the system.
        place: URL or file of the WSDL.
        security: what is done to each envelope for WS-Security; None for nothing.
        transport: how it is reached.

    Raises:
        ConfigurationError: it cannot be used, or names no such service or port.
        RetryableError: it cannot be fetched now.
        UnsafeToContinue: it has a document type.
    """
    name = settings.name
    safe = zeep.Settings(strict=True, raw_response=True, forbid_dtd=True, forbid_entities=True)
    plugins = [_Types(transport)]
    with http_errors(name, "read WSDL"):
        try:
            client = zeep.Client(place, wsse=security, transport=transport, settings=safe, plugins=plugins)
            port = _port(settings, client)
        except requests.RequestException:
            raise
        except DoctypeError as error:
            raise UnsafeToContinue(
                f"{name}: the WSDL, or what it imports, has a document type; ask who runs the service"
            ) from error
        except (EndlessImportError, RecursionError) as error:
            raise ConfigurationError(
                f"{name}: the WSDL imports one document after another; save it whole and set wsdl"
            ) from error
        except ExternalReferenceForbidden as error:
            raise ConfigurationError(
                f"{name}: the WSDL imports a document from another host; save it whole and set wsdl"
            ) from error
        except (ZeepError, etree.LxmlError, OSError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationError(
                f"{name}: there is no usable WSDL ({type(error).__name__}); check address and wsdl"
            ) from error
    binding = port.binding.name.localname
    encoded = {each: style for (owner, each), style in transport.encoded.items() if owner == binding}
    # Never the address that the WSDL names: credentials go where the operator says.
    proxy = client.create_service(port.binding.name, settings.address)
    return Wsdl(dict(port.binding.all()), proxy, encoded)


def _port(settings: SystemSettings, client: Any) -> Any:
    services = client.wsdl.services
    if not services:
        raise ConfigurationError(f"{settings.name}: the WSDL names no service; check address and wsdl")
    place = f"system {settings.name}: options:"
    service = settings.options.get("service") or next(iter(services), None)
    ports = services[choice(f"{place} service", service, services)].ports
    port = settings.options.get("port") or next(iter(ports), None)
    return ports[choice(f"{place} port", port, ports)]

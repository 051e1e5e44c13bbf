"""What the answer to a question holds, or the error that it stands for.

Imported only when a system is opened, because lxml and requests are heavy.
"""

from typing import Any

import requests
from lxml import etree

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError, UnsafeToContinue
from connectors.http.errors import status_error
from connectors.soap.encoding import plain
from connectors.soap.faults import SECURITY_FAULTS, content_of, fault_told
from connectors.soap.safe_xml import DoctypeError, NotXmlError, parse
from connectors.soap.xml_records import local_name


def content_told(
    system: str, operation: Any, response: requests.Response, retry_faults: frozenset[str], encoded: Any
) -> etree._Element:
    """The element inside the body of an answer to a question.

    Args:
        system: its name, for messages.
        operation: zeep's.
        response: the answer.
        retry_faults: names of detail elements that mean "later".
        encoded: type of the answer's body where it is encoded.

    Raises:
        ConfigurationError: login, a typed fault that says the request is wrong, or another answer than the WSDL says.
        RetryableError: garbled, or a fault without detail.
        UnsafeToContinue: it holds a document type or entities, or references that lead nowhere.
    """
    doing = f"call {operation.name}"
    head = f"{system}: {doing}:"
    if response.status_code in {401, 403}:
        raise status_error(system, doing, response.status_code, response.headers)
    content = content_of(_envelope(system, doing, response, encoded))
    if content is not None and local_name(str(content.tag)) == "Fault":
        raise _fault(head, content, retry_faults, declared_faults(operation))
    if response.status_code != 200:
        raise status_error(system, doing, response.status_code, response.headers)
    if content is None:
        raise RetryableError(f"{head} the answer is no SOAP message; try again later")
    expected = answer_name(operation)
    if (name := local_name(str(content.tag))) != expected:
        raise ConfigurationError(f"{head} the answer is {name}, the WSDL says {expected}; the service has changed")
    return content


def answer_name(operation: Any) -> str:
    """The element that an answer holds; in RPC style the operation with a suffix (WS-I Basic Profile, R2729)."""
    if operation.style == "rpc":
        return f"{operation.name}Response"
    return str(operation.output.body.qname.localname)


def declared_faults(operation: Any) -> set[str]:
    """Names of the detail elements that the WSDL declares for an operation, or of their types in RPC style."""
    names = set()
    for message in operation.abstract.fault_messages.values():
        for part, told in message.parts.items():
            names |= {told.element.qname.localname} if told.element is not None else {part, told.type.name}
    return names


def _envelope(system: str, doing: str, response: requests.Response, encoded: Any) -> etree._Element:
    try:
        envelope = parse(response.content, response.headers.get("Content-Type", ""))
        if encoded is not None:
            plain(envelope, encoded)
    except DoctypeError as error:
        raise UnsafeToContinue(
            f"{system}: {doing}: the answer holds a document type or entities; ask who runs the service"
        ) from error
    except NotXmlError as error:
        if response.status_code != 200:
            raise status_error(system, doing, response.status_code, response.headers) from None
        raise RetryableError(f"{system}: {doing}: the answer is no XML; try again later") from error
    except UnsafeToContinue as error:
        raise UnsafeToContinue(f"{system}: {doing}: {error}") from error
    return envelope


def _fault(head: str, fault: etree._Element, retry_faults: frozenset[str], declared: set[str]) -> SpliceError:
    """Branches on the detail element: stacks differ in the code that they give the same fault."""
    told = fault_told(fault)
    if not told.faults:
        if told.code in SECURITY_FAULTS:
            return ConfigurationError(f"{head} {told.code}: login refused; check username, password and the clock")
        return RetryableError(f"{head} the service failed without saying why; try again later")
    names, said = told.faults, told.said
    if not set(names) & (declared | retry_faults):  # of the server's inside, a stack trace often
        return RetryableError(f"{head} {names[0]}, which the WSDL does not name: the service failed; try again later")
    if retry_faults & set(names):
        return RetryableError(f"{head} {names[0]} ({said}); try again later")
    return ConfigurationError(f"{head} {names[0]} ({said}); check the mapping's options")

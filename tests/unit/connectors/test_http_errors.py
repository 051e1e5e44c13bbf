"""What requests and httpx raise, and what a status means, in our own tree of errors."""

import ssl

import httpx
import pytest
import requests

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError
from connectors.http.errors import http_errors, status_error


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (304, ConfigurationError),
        (400, ConfigurationError),
        (401, ConfigurationError),
        (403, ConfigurationError),
        (404, ConfigurationError),
        (408, RetryableError),
        (422, ConfigurationError),
        (429, RetryableError),
        (500, RetryableError),
        (503, RetryableError),
        (529, RetryableError),
    ],
)
def test_statuses(status: int, kind: type[SpliceError]) -> None:
    error = status_error("crm", "pull Account", status, {})
    assert type(error) is kind
    assert str(error).startswith(f"crm: pull Account: HTTP {status}")


def test_the_wait_that_a_source_asks_for_is_told() -> None:
    assert "asks to wait 90 s" in str(status_error("crm", "pull", 429, {"Retry-After": "90"}))


@pytest.mark.parametrize(
    ("raised", "kind", "told"),
    [
        (requests.ConnectTimeout("key=hush"), RetryableError, "no answer in time"),
        (requests.ReadTimeout("key=hush"), RetryableError, "no answer in time"),
        (requests.ConnectionError("key=hush"), RetryableError, "cannot be reached"),
        (requests.exceptions.ChunkedEncodingError("key=hush"), RetryableError, "broke off"),
        (requests.JSONDecodeError("hush", "", 0), RetryableError, "no JSON"),
        (requests.exceptions.InvalidURL("key=hush"), ConfigurationError, "no usable URL"),
        (requests.TooManyRedirects("key=hush"), ConfigurationError, "in a circle"),
        (httpx.ReadTimeout("key=hush"), RetryableError, "no answer in time"),
        (httpx.ConnectError("key=hush"), RetryableError, "cannot be reached"),
        (httpx.RemoteProtocolError("key=hush"), RetryableError, "broke off"),
        (httpx.LocalProtocolError("key=hush"), ConfigurationError, "line breaks"),
        (httpx.UnsupportedProtocol("key=hush"), ConfigurationError, "no usable URL"),
        (httpx.InvalidURL("key=hush"), ConfigurationError, "no usable URL"),
        (httpx.ProxyError("key=hush"), RetryableError, "proxy"),
    ],
)
def test_errors_of_the_libraries(raised: Exception, kind: type[SpliceError], told: str) -> None:
    with pytest.raises(kind, match=told) as mapped, http_errors("crm", "pull Account"):
        raise raised
    assert type(mapped.value) is kind
    assert mapped.value.__cause__ is raised
    assert "hush" not in str(mapped.value)
    assert str(mapped.value).startswith("crm: pull Account: ")


def test_a_certificate_that_is_not_trusted_is_for_a_person_to_mend() -> None:
    with pytest.raises(ConfigurationError, match="no trusted certificate"), http_errors("crm", "pull"):
        raise requests.exceptions.SSLError from ssl.SSLCertVerificationError("self-signed")
    with pytest.raises(ConfigurationError, match="no trusted certificate"), http_errors("fsm", "get"):
        raise httpx.ConnectError("") from ssl.SSLCertVerificationError("self-signed")


def test_a_tls_exchange_that_breaks_off_is_worth_another_try() -> None:
    with pytest.raises(RetryableError), http_errors("crm", "pull"):
        raise requests.ConnectionError from ssl.SSLEOFError("cut")


def test_our_own_errors_and_defects_pass_unchanged() -> None:
    for error in (RetryableError("later"), KeyError("a defect")):
        with pytest.raises(type(error)) as passed, http_errors("crm", "pull"):
            raise error
        assert passed.value is error

"""How each system words an overload or a breakdown."""

import json
from http import HTTPStatus


def crm_wording(status: int) -> tuple[str, bytes]:
    """The org's REST error list."""
    if status == 429:
        code, message = "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    elif status == 500:
        code, message = "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId: 1-1 (0)"
    else:
        code, message = "SERVER_UNAVAILABLE", "We are down for maintenance. Sorry for the inconvenience."
    return "application/json;charset=UTF-8", json.dumps([{"errorCode": code, "message": message}]).encode()


def billing_wording(status: int) -> tuple[str, bytes]:
    """A SOAP fault from the application, an HTML page from the balancer before it."""
    if status == 500:
        fault = "<faultcode>soap:Server</faultcode><faultstring>Internal error</faultstring>"
        body = f"<soap:Body><soap:Fault>{fault}</soap:Fault></soap:Body>"
        envelope = f'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">{body}</soap:Envelope>'
        return "text/xml; charset=utf-8", envelope.encode()
    phrase = HTTPStatus(status).phrase
    page = f"<!DOCTYPE html>\n<html><body><h1>{status} {phrase}</h1><hr>balancer</body></html>\n"
    return "text/html", page.encode()


def field_service_wording(status: int) -> tuple[str, bytes]:
    """A problem document."""
    kind = "rate-limited" if status == 429 else "unavailable"
    problem = {
        "type": f"https://field-service.invalid/problems/{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": "Too many requests, see Retry-After" if status == 429 else "The service cannot answer now",
    }
    return "application/problem+json", json.dumps(problem).encode()

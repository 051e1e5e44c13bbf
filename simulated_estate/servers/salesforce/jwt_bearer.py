"""The JWT bearer flow: an assertion signed with the key whose certificate the connected app holds."""

import jwt

AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def accepts(assertion: str, certificate: str, consumer_key: str, username: str) -> bool:
    """Whether an assertion is signed, fresh, and made by the app for a user who approved it.

    Args:
        assertion: a signed JWT; a My Domain may stand for the login host as its audience.
        certificate: the public key, PEM; empty where the app holds none.
        consumer_key: the connected app.
        username: the only user who approved it.
    """
    try:
        claims = jwt.decode(
            assertion, certificate, algorithms=["RS256"], options={"verify_aud": False, "require": ["exp"]}
        )
    except (jwt.PyJWTError, ValueError):
        return False
    audience = str(claims.get("aud", ""))
    is_for_us = audience in AUDIENCES or audience.endswith(".my.salesforce.com")
    return is_for_us and (claims.get("iss"), claims.get("sub")) == (consumer_key, username)

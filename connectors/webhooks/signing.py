"""Whether a request is signed by who shares a secret with us, and was signed just now.

HMAC-SHA256 (RFC 2104, FIPS 198-1). Senders agree on that and on little else: where the signature stands, how it is
spelled, and what is signed beside the body are a convention of the sender.
"""

import hashlib
import hmac
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from canonical_model.errors import ConfigurationError

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}$")]
FEWEST_SECRET_BYTES = 16
_PART = re.compile(r"\{(\w+)\}")
_PARTS = frozenset({"body", "timestamp", "id"})
_SPELLINGS: dict[str, Callable[[str], bytes]] = {
    "hex": bytes.fromhex,
    "base64": lambda text: b64decode(text, validate=True),
}
_MILLISECONDS_FROM = 10**11
"""A whole number from here on counts milliseconds; as seconds it would lie in the year 5138."""


class SigningConvention(BaseModel):
    """How a sender signs; the defaults are our own convention.

    Attributes:
        signature_header: header that holds the signature, or several with blanks between.
        prefix: what stands before each signature, as in ``sha256=``; others are passed over.
        encoding: how the 32 bytes of a signature are spelled.
        timestamp_header: header that holds the moment of signing: seconds or milliseconds since 1970, or ISO 8601
            with an offset. None where the sender signs no moment; nothing but the event's id then tells a replay.
        id_header: header that holds the event's id, where it does not stand in the body.
        signed: what is signed: text with ``{body}``, ``{timestamp}`` and ``{id}`` in it.
        secret_encoding: whether the secret is the key itself or spells it in base64 (also behind ``whsec_``).
        replay_window_s: seconds that the moment of signing may lie in the past or in the future.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    signature_header: HeaderName = "X-Splice-Signature"
    prefix: Annotated[str, StringConstraints(max_length=20, pattern=r"^[!-~]*$")] = "sha256="
    encoding: Literal["hex", "base64"] = "hex"
    timestamp_header: HeaderName | None = "X-Splice-Timestamp"
    id_header: HeaderName | None = None
    signed: Annotated[str, StringConstraints(max_length=200, pattern=r"^[ -~]*$")] = ""
    secret_encoding: Literal["text", "base64"] = "text"  # noqa: S105 - no secret
    replay_window_s: Annotated[int, Field(ge=1, le=86_400)] = 300

    @model_validator(mode="after")
    def _signs_what_it_relies_on(self) -> Self:
        parts = _PART.findall(self.template)
        if unknown := set(parts) - _PARTS:
            raise ValueError(f"signed: {{{min(unknown)}}} is unknown; there are {{body}}, {{timestamp}} and {{id}}")
        if parts.count("body") != 1:
            raise ValueError("signed: {body} must stand in it, once")
        for part, header in (("timestamp", self.timestamp_header), ("id", self.id_header)):
            if (part in parts) != (header is not None):
                raise ValueError(
                    f"signed: {{{part}}} and {part}_header go together: a header that is not signed proves nothing"
                )
        return self

    @property
    def template(self) -> str:
        """``signed``, or what is usual: the body, behind the moment and a point where there is one."""
        usual = "{timestamp}.{body}" if self.timestamp_header else "{body}"
        return self.signed or (f"{{id}}.{usual}" if self.id_header else usual)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a signature proves.

    Attributes:
        refusal: why the request is not believed, for our own log and never for the sender; None where it is.
        signed_at: the moment of signing, where the sender signs one.
    """

    refusal: str | None = None
    signed_at: datetime | None = None


def read_key(secret: str, convention: SigningConvention, named: str) -> bytes:
    """The key behind a secret.

    Raises:
        ConfigurationError: it is no base64 where it should be, or too short to keep anybody out.
    """
    if convention.secret_encoding == "base64":  # noqa: S105 - no secret
        try:
            key = b64decode(secret.removeprefix("whsec_"), validate=True)
        except (Base64Error, ValueError):
            raise ConfigurationError(f"{named}: the secret is no base64, as secret_encoding says it is") from None
    else:
        key = secret.encode()
    if len(key) < FEWEST_SECRET_BYTES:
        raise ConfigurationError(f"{named}: a secret of at least {FEWEST_SECRET_BYTES} bytes is expected")
    return key


def verify(
    convention: SigningConvention, keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: datetime
) -> Verdict:
    """Judge a request.

    Args:
        convention: how its sender signs.
        keys: every key that counts now; two while a secret is being replaced.
        headers: looked up without regard to capitals.
        body: as it came, to the byte.
        now: our own clock.
    """
    given = _signatures(convention, headers.get(convention.signature_header, ""))
    if not given:
        return Verdict("no signature that can be read")
    parts = {"timestamp": "", "id": ""}
    signed_at = None
    if convention.timestamp_header is not None:
        parts["timestamp"] = headers.get(convention.timestamp_header, "")
        signed_at = _moment(parts["timestamp"])
        if signed_at is None:
            return Verdict("no moment of signing that can be read")
    if convention.id_header is not None:
        parts["id"] = headers.get(convention.id_header, "")
    content = _content(convention, parts, body)
    expected = [hmac.new(key, content, hashlib.sha256).digest() for key in keys]
    # every pair is compared, so that the time it takes does not tell which key or signature came near
    if not any([hmac.compare_digest(one, other) for one in expected for other in given]):  # noqa: C419
        return Verdict("the signature does not fit")
    if signed_at is not None and abs(now - signed_at) > timedelta(seconds=convention.replay_window_s):
        return Verdict("signed too long ago, or in the future")
    return Verdict(None, signed_at)


def _content(convention: SigningConvention, parts: Mapping[str, str], body: bytes) -> bytes:
    before, after = convention.template.split("{body}")
    return b"".join((_filled(before, parts), body, _filled(after, parts)))


def _filled(text: str, parts: Mapping[str, str]) -> bytes:
    # a header is Latin-1 text, so that its bytes come back as they were sent
    return _PART.sub(lambda part: parts[part[1]], text).encode("latin-1", "replace")


def _signatures(convention: SigningConvention, header: str) -> list[bytes]:
    found = []
    for text in header.split():
        if text.startswith(convention.prefix):
            try:
                spelled = text.removeprefix(convention.prefix)
                found.append(_SPELLINGS[convention.encoding](spelled))
            except ValueError:
                continue
    return found


def _moment(text: str) -> datetime | None:
    try:
        if text.isascii() and text.isdigit():
            number = int(text[:20])
            seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
            return datetime.fromtimestamp(seconds, UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo is not None else None

"""Signatures of webhooks: those that vendors publish as examples, and everything that must not be believed."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from starlette.datastructures import Headers

from canonical_model.errors import ConfigurationError
from connectors.webhooks.signing import SigningConvention, Verdict, read_key, verify

NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)
BODY = b'{"id": 1}'
KEY, OLD_KEY = b"the secret that counts", b"the secret before it"

SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
PUBLISHED: dict[str, tuple[dict[str, Any], str, bytes, dict[str, str]]] = {
    "github": (
        {"signature_header": "X-Hub-Signature-256", "timestamp_header": None},
        "It's a Secret to Everybody",
        b"Hello, World!",
        {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
    ),
    "slack": (
        {
            "signature_header": "X-Slack-Signature",
            "prefix": "v0=",
            "timestamp_header": "X-Slack-Request-Timestamp",
            "signed": "v0:{timestamp}:{body}",
        },
        "8f742231b10e8888abcd99yyyzzz85a5",
        SLACK_BODY,
        {
            "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            "x-slack-request-timestamp": "1531420618",
        },
    ),
    "standard webhooks": (
        {
            "signature_header": "webhook-signature",
            "prefix": "v1,",
            "encoding": "base64",
            "timestamp_header": "webhook-timestamp",
            "id_header": "webhook-id",
            "signed": "{id}.{timestamp}.{body}",
            "secret_encoding": "base64",
        },
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        b'{"test": 2432232314}',
        {
            "webhook-signature": "v1a,c29tZXRoaW5n v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            "webhook-timestamp": "1614265330",
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        },
    ),
}


@pytest.mark.parametrize("sender", PUBLISHED)
def test_the_example_that_a_sender_publishes_is_believed_and_no_other_body(sender: str) -> None:
    words, secret, body, headers = PUBLISHED[sender]
    convention = SigningConvention(**words)
    keys = [read_key(secret, convention, "test")]
    stamp = next((value for name, value in headers.items() if name.endswith("timestamp")), None)
    now = NOW if stamp is None else datetime.fromtimestamp(int(stamp), UTC) + timedelta(minutes=4)
    assert verify(convention, keys, Headers(headers), body, now).refusal is None
    assert verify(convention, keys, Headers(headers), body + b" ", now).refusal == "the signature does not fit"
    for name in headers:
        changed = headers | {name: headers[name][:-3] + ("012" if headers[name][-3:] != "012" else "345")}
        assert verify(convention, keys, Headers(changed), body, now).refusal is not None, name


def headers_of(body: bytes = BODY, key: bytes = KEY, stamp: str | None = None, **more: str) -> Headers:
    stamp = str(int(NOW.timestamp())) if stamp is None else stamp
    signature = hmac.new(key, stamp.encode("latin-1") + b"." + body, hashlib.sha256).hexdigest()
    return Headers({"x-splice-signature": f"sha256={signature}", "x-splice-timestamp": stamp} | more)


def judged(headers: Headers, now: datetime = NOW, keys: tuple[bytes, ...] = (KEY,)) -> Verdict:
    return verify(SigningConvention(), keys, headers, BODY, now)


def test_what_is_signed_as_agreed_is_believed_and_tells_when_it_was() -> None:
    assert judged(headers_of()) == Verdict(None, NOW)


def test_both_secrets_count_while_one_replaces_the_other() -> None:
    for key in (KEY, OLD_KEY):
        assert judged(headers_of(key=key), keys=(KEY, OLD_KEY)).refusal is None
    assert judged(headers_of(key=OLD_KEY)).refusal == "the signature does not fit"


@pytest.mark.parametrize(("seconds", "is_believed"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_the_moment_of_signing_may_differ_by_five_minutes_either_way(seconds: int, is_believed: bool) -> None:
    verdict = judged(headers_of(), NOW + timedelta(seconds=seconds))
    assert (verdict.refusal is None) is is_believed


@pytest.mark.parametrize(
    "stamp", ["1775390400", "1775390400000", "2026-04-05T12:00:00Z", "2026-04-05T08:00:00-04:00"]
)
def test_the_moment_may_be_spelled_in_seconds_milliseconds_or_iso(stamp: str) -> None:
    assert judged(headers_of(stamp=stamp)) == Verdict(None, NOW)


@pytest.mark.parametrize(
    "stamp", ["", "soon", "-5", "2026-04-05T12:00:00", "9" * 30, "\xb2", "1775390400.5", " 1775390400"]
)
def test_a_moment_that_cannot_be_read_is_no_moment(stamp: str) -> None:
    assert judged(headers_of(stamp=stamp)).refusal == "no moment of signing that can be read"


@pytest.mark.parametrize("signature", [None, "", "sha256=", "sha256=zz", "sha1=00", "00" * 32, "sha256=" + "00" * 31])
def test_a_signature_that_cannot_be_read_or_has_another_length_is_refused(signature: str | None) -> None:
    headers = dict(headers_of())
    if signature is None:
        del headers["x-splice-signature"]
    else:
        headers["x-splice-signature"] = signature
    assert judged(Headers(headers)).refusal is not None


def test_the_moment_is_part_of_what_is_signed() -> None:
    later = str(int(NOW.timestamp()) + 1)
    assert judged(Headers(dict(headers_of()) | {"x-splice-timestamp": later})).refusal == "the signature does not fit"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"signed": "{timestamp}"}, "{body} must stand in it"),
        ({"signed": "{body}{body}{timestamp}"}, "{body} must stand in it, once"),
        ({"signed": "{body}"}, "{timestamp} and timestamp_header go together"),
        ({"timestamp_header": None, "signed": "{timestamp}.{body}"}, "go together"),
        ({"id_header": "X-Id", "signed": "{timestamp}.{body}"}, "{id} and id_header go together"),
        ({"signed": "{when}.{body}"}, "{when} is unknown"),
        ({"encoding": "rot13"}, "hex"),
        ({"signature_header": "no header: at all"}, "signature_header"),
        ({"replay_window_s": 0}, "replay_window_s"),
    ],
)
def test_a_convention_that_proves_nothing_is_refused(words: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as error:
        SigningConvention(**words)
    assert told in str(error.value)


def test_a_secret_that_keeps_nobody_out_is_refused_and_not_repeated() -> None:
    for secret, convention in (
        ("short", SigningConvention()),
        ("no base64!", SigningConvention(secret_encoding="base64")),
    ):
        with pytest.raises(ConfigurationError) as error:
            read_key(secret, convention, "operator.yaml: systems.fsm.webhook.secrets.0")
        assert secret not in str(error.value)
        assert "systems.fsm.webhook.secrets.0" in str(error.value)


def test_the_conventions_that_the_how_to_page_shows_are_those_that_were_checked() -> None:
    page = (Path(__file__).parents[3] / "docs/how-to/receive-webhooks.md").read_text(encoding="utf-8")
    shown = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)]
    conventions = [SigningConvention(**part["signing"]) for part in shown if "signing" in part]
    assert conventions == [SigningConvention(**words) for words, *_ in PUBLISHED.values()]
    usual = SigningConvention(**shown[0]["systems"]["fsm"]["webhook"]["signing"])
    assert usual == SigningConvention(signed="{timestamp}.{body}")
    assert usual.template == SigningConvention().template

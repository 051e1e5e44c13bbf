"""Settings of systems: addresses, secrets, options, checked before anything is opened."""

from typing import Any

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError
from connectors.ports import Capabilities, Option, StreamRead, SystemSettings
from connectors.settings import (
    at_path,
    checked,
    choice,
    host_and_port,
    http_address,
    near,
    option,
    secret,
    secret_key_text,
    stream_options,
)

CAN = Capabilities(
    "toy",
    "toy",
    ("key",),
    incremental=False,
    deletes="invisible",
    total=True,
    system_options=(Option("colour", "a colour"), Option("key", "a key", secret=True)),
    stream_options=(Option("rows", "where rows stand", required=True), Option("size", "how many")),
)


def system(
    address: str = "https://crm.example", secrets: dict[str, str] | None = None, **options: Any
) -> SystemSettings:
    hidden = {name: SecretStr(value) for name, value in (secrets or {}).items()}
    return SystemSettings("crm", "toy", address, options, hidden)


@pytest.mark.parametrize(
    "address",
    [
        "https://crm.example",
        "https://crm.example:8443/api",
        "http://127.0.0.1:80/x",
        "http://localhost",
        "http://[::1]:9",
    ],
)
def test_addresses_that_speak_http(address: str) -> None:
    assert http_address(system(address)).geturl() == address


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("crm.example", "expected a URL"),
        ("ftp://crm.example", "expected a URL"),
        ("https://", "expected a URL"),
        ("https://crm.example:port", "no URL"),
        ("https://me:hush@crm.example", "holds credentials"),
        ("https://crm.example/?key=hush", "without \\? and #"),
        ("http://crm.example", "unencrypted"),
        ("http://127.0.0.1.example", "unencrypted"),
    ],
)
def test_addresses_that_are_refused_without_being_repeated(address: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=f"system crm: address: .*{told}") as refused:
        http_address(system(address))
    assert "hush" not in str(refused.value)


def test_plain_http_needs_leave() -> None:
    assert http_address(system("http://crm.example", plain_http=True)).hostname == "crm.example"


def test_host_and_port() -> None:
    assert host_and_port(system("10.0.0.1:1161"), 161) == ("10.0.0.1", 1161)
    assert host_and_port(system("olt-1"), 161) == ("olt-1", 161)
    assert host_and_port(system("[2001:db8::1]:1161"), 161) == ("2001:db8::1", 1161)
    for wrong in ("", ":161", "public@olt-1", "udp://olt-1:161", "olt-1:many", "olt-1:99999"):
        with pytest.raises(ConfigurationError, match="expected host:port"):
            host_and_port(system(wrong), 161)


@pytest.mark.parametrize("value", ["", " hush", "hush\n", "hu\x00sh"])
def test_a_secret_that_a_header_could_not_carry_is_refused_without_being_repeated(value: str) -> None:
    with pytest.raises(ConfigurationError, match="secrets: key") as refused:
        secret(system(secrets={"key": value}), "key")
    assert "hush" not in str(refused.value)


def test_secrets() -> None:
    assert secret(system(secrets={"key": "hush"}), "key") == "hush"
    assert secret_key_text(system(secrets={"key": "-----BEGIN\nKEY-----\n"}), "key") == "-----BEGIN\nKEY-----\n"
    with pytest.raises(ConfigurationError, match="key is missing"):
        secret_key_text(system(secrets={"key": " \n"}), "key")
    assert "hush" not in repr(system(secrets={"key": "hush"}))


def test_options() -> None:
    assert option(system(colour="blue"), "colour") == "blue"
    assert option(system(), "colour", "red") == "red"
    with pytest.raises(ConfigurationError, match="options: colour is missing"):
        option(system(), "colour")


def test_known_settings_pass_and_a_stream_option_may_stand_in_the_system() -> None:
    settings = system(secrets={"key": "hush"}, colour="blue", rows="data")
    assert checked(settings, CAN) is settings


@pytest.mark.parametrize(
    ("options", "secrets", "told"),
    [
        ({"color": "blue"}, {}, "color is unknown to toy; did you mean colour"),
        ({"key": "hush"}, {}, "key belongs under secrets"),
        ({}, {"kee": "hush"}, "kee is no secret of toy; did you mean key"),
        ({}, {"colour": "hush"}, "colour is no secret of toy"),
    ],
)
def test_settings_that_are_refused(options: dict[str, Any], secrets: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as refused:
        checked(system(secrets=secrets, **options), CAN)
    assert "hush" not in str(refused.value)


def test_options_of_a_mapping_win_over_those_of_the_system() -> None:
    read = StreamRead("things", "Thing", ("id",), ("id",), options={"size": 3})
    assert stream_options(system(rows="data", size=1, colour="blue"), read, CAN) == {"rows": "data", "size": 3}


def test_a_mapping_is_told_what_is_missing_and_what_is_unknown() -> None:
    with pytest.raises(ConfigurationError, match="things: options: rows is missing"):
        stream_options(system(), StreamRead("things", "Thing", ("id",), ("id",)), CAN)
    unknown = StreamRead("things", "Thing", ("id",), ("id",), options={"rows": "x", "sise": 1})
    with pytest.raises(ConfigurationError, match="sise is unknown to toy; did you mean size"):
        stream_options(system(), unknown, CAN)


def test_choices_and_the_words_near_them() -> None:
    assert choice("login", "key", ("key", "none")) == "key"
    with pytest.raises(ConfigurationError, match="login: 'kez' is unknown; did you mean key"):
        choice("login", "kez", ("key", "none"))
    assert near("zzz", ["b", "a"]) == "; there are: a, b"
    assert near("zzz", []) == ""


def test_paths() -> None:
    body = {"data": {"items": [1]}}
    assert at_path(body, "data.items") == [1]
    assert at_path(body, "") == body
    with pytest.raises(KeyError, match="rows"):
        at_path(body, "data.rows")

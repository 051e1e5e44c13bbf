"""The ways to log in that a kind offers, beyond the one of its harness."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import SecretStr
from source_harnesses import REST, SALESFORCE, SNMP, SOAP, Harness
from test_source_contract import keys_of

from canonical_model.errors import ConfigurationError
from connectors.ports import Source, SystemSettings
from simulated_estate.servers.serve import RunningEstate

Serve = Callable[..., RunningEstate]
Open = Callable[[SystemSettings], Source]

LOGINS = {
    "salesforce-password": (
        {"login": "password"},
        {"username": "username"},
        {"password": "password", "security_token": "security_token"},
    ),
    "soap-text": ({"login": "text"}, {"username": "username"}, {"password": "password"}),
    "rest-api_key": ({"login": "api_key"}, {}, {"api_key": "api_key"}),
    "snmp-v3": (
        {"login": "v3", "profile": "calix_axos"},
        {"user": "v3_user"},
        {"auth_key": "v3_auth_key", "priv_key": "v3_priv_key"},
    ),
}
"""Options as they are; options and secrets by the estate's name for them."""

KINDS = {each.kind: each for each in (SALESFORCE, SOAP, REST, SNMP)}


def settings(name: str, estate: RunningEstate) -> SystemSettings:
    plain, options, secrets = LOGINS[name]
    usual = KINDS[name.partition("-")[0]].settings(estate)
    known = estate.credentials["network" if usual.kind == "snmp" else usual.name]
    return replace(
        usual,
        options={**plain, **{option: known[theirs] for option, theirs in options.items()}},
        secrets={secret: SecretStr(known[theirs]) for secret, theirs in secrets.items()},
    )


@pytest.mark.parametrize("name", LOGINS)
def test_another_login_reads_as_much(name: str, serve: Serve, open_: Open) -> None:
    harness = KINDS[name.partition("-")[0]]
    books = harness.books()
    pages = list(open_(settings(name, serve(books))).pages(harness.read, None))
    assert set(keys_of(pages, harness)) == harness.keys(books)


@pytest.mark.parametrize("name", LOGINS)
def test_another_login_is_refused_with_wrong_secrets(name: str, serve: Serve, open_: Open) -> None:
    harness = KINDS[name.partition("-")[0]]
    known = settings(name, serve(harness.books()))
    wrong = replace(known, secrets=dict.fromkeys(known.secrets, SecretStr("not-the-right-one")))
    with pytest.raises(ConfigurationError, match=harness.address) as refused:
        list(open_(wrong).pages(harness.read, None))
    assert "not-the-right-one" not in str(refused.value)


def test_a_login_that_a_kind_does_not_know_is_told_with_the_nearest(
    harness: Harness, serve: Serve, open_: Open
) -> None:
    usual = harness.settings(serve(harness.books()))
    with pytest.raises(ConfigurationError, match="login: 'nobody' is unknown"):
        open_(replace(usual, options={**usual.options, "login": "nobody"}))


@pytest.mark.parametrize("kind", ["salesforce", "soap", "snmp"])
def test_a_field_that_does_not_exist_is_told_before_any_record_comes(kind: str, serve: Serve, open_: Open) -> None:
    harness = KINDS[kind]
    near = {"salesforce": "AccountNumbr", "soap": "lineIdd", "snmp": "seriall"}[kind]
    read = replace(harness.read, fields=(*harness.read.fields, near))
    with pytest.raises(ConfigurationError, match=rf"{near}.* did you mean {near[:6]}"):
        next(iter(open_(harness.settings(serve(harness.books()))).pages(read, None)))


def test_an_element_that_a_new_wsdl_renames_is_told_with_its_new_name(serve: Serve, open_: Open) -> None:
    read = replace(SOAP.read, fields=(*SOAP.read.fields, "billingCode"))
    estate = serve(SOAP.books())
    list(open_(SOAP.settings(estate)).pages(read, None))
    estate.set_faults("billing:rename=billingCode")
    with pytest.raises(ConfigurationError, match=r"billingCode.*billingCodeValue"):
        list(open_(SOAP.settings(estate)).pages(read, None))


def test_the_profile_of_a_system_wins_over_the_object_of_its_mapping(serve: Serve, open_: Open) -> None:
    settings = SNMP.settings(serve(SNMP.books()))
    read = replace(SNMP.read, source_object="devices")
    with pytest.raises(ConfigurationError, match="no device profile devices"):
        list(open_(settings).pages(read, None))
    found = list(open_(replace(settings, options={"profile": "calix_axos"})).pages(read, None))
    assert len(keys_of(found, SNMP)) == SNMP.size

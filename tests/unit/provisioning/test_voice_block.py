"""How a telephone is registered: by market and technology, the password by reference alone."""

from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.network_file import NetworkFile
from provisioning.profile import Voice
from provisioning.standing import wanted
from tests.fakes.lines import line, profile

ANY = {"registrar": "sip.example", "secret": "file:/run/secrets/sip/{service}"}
PON = {"technology": "pon", "registrar": "pon.example", "user": "u{account}", "secret": "env:SIP_{account}"}
HILL = {**PON, "markets": ["hill"], "registrar": "hill.example"}


def network(*blocks: dict[str, Any]) -> NetworkFile:
    return NetworkFile.model_validate({"voice": list(blocks)})


def test_a_block_of_the_technology_goes_before_any_and_one_of_the_market_before_all() -> None:
    told = network(ANY, PON, HILL)
    pon = told.voice_of("town", "pon", "700", "42")
    assert pon == Voice(sip_user="u42", sip_server="pon.example", secret_reference="env:SIP_42")
    hill, radio = told.voice_of("hill", "pon", "700", "42"), told.voice_of("hill", "fixed_wireless", "700", "42")
    assert hill is not None
    assert radio is not None
    assert (hill.sip_server, radio.secret_reference) == ("hill.example", "file:/run/secrets/sip/700")
    assert network(PON).voice_of("town", "fixed_wireless", "700", "42") is None


@pytest.mark.parametrize("wrong", [{"secret": "s3cret"}, {"user": "{name}"}, {"secret": "env:SIP_{number}"}])
def test_a_bare_secret_and_an_unknown_name_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        network({**ANY, **wrong})


def test_the_router_is_told_of_a_telephone_with_the_reference_of_its_password() -> None:
    voice = Voice(sip_user="42", sip_server="sip.example", secret_reference="env:SIP_42")
    assert wanted("cpe", "active", line(), profile(voice=voice, cpe={"wifi": True})) == {
        "wifi": True,
        "voice_on": True,
        "voice_user": "42",
        "voice_server": "sip.example",
        "voice_password": "env:SIP_42",
    }
    assert wanted("cpe", "active", line(), profile(cpe={"wifi": True})) == {"wifi": True}

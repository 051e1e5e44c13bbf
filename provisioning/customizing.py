"""What a subscriber may have otherwise on his router: which settings, in which form, and what he asks for; pure."""

from collections.abc import Mapping
from typing import Literal

from provisioning.acs_secrets import is_reference
from provisioning.line import Setting
from provisioning.profile import ProvisioningProfile

SettingForm = Literal["text", "number", "switch"]
LONGEST = 256
"""Characters of a text."""

_SWITCH = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


def customized(
    profile: ProvisioningProfile, allowed: Mapping[str, SettingForm], asked: Mapping[str, str]
) -> ProvisioningProfile:
    """The profile with a subscriber's own settings; one that is asked to be empty goes back to the operator's.

    Args:
        profile: of the service as it is.
        allowed: the settings that a subscriber may have otherwise, by the operator's word for each.
        asked: what he wants of each, as it was typed.

    Raises:
        ValueError: a setting may not be had otherwise, or the value is none of its form.
    """
    own = dict(profile.customizations)
    for word, text in asked.items():
        if word not in allowed:
            raise ValueError(
                f"{word} may not be set for one subscriber: {', '.join(sorted(allowed)) or 'nothing'} may"
            )
        if text:
            own[word] = _value(word, allowed[word], text)
        elif word in profile.cpe:
            own.pop(word, None)
        else:
            raise ValueError(f"{word} has no value of the operator's to go back to: give it another one")
    return profile.model_copy(update={"customizations": own})


def _value(word: str, form: SettingForm, text: str) -> Setting:
    if form == "switch":
        if text.lower() not in _SWITCH:
            raise ValueError(f"{word}: on or off is expected, and not {text}")
        return _SWITCH[text.lower()]
    if form == "number":
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"{word}: a whole number is expected, and not {text}") from None
    if is_reference(text):
        raise ValueError(f"{word}: a text may not name a secret")  # it would be read for whoever may ask for settings
    if len(text) > LONGEST or not text.isprintable():
        raise ValueError(f"{word}: at most {LONGEST} printable characters are expected")
    return text

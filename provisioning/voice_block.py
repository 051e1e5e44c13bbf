"""How telephones are registered that are sold with an access: the block ``voice`` of network.yaml."""

import re
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from canonical_model.network import Technology
from canonical_model.record import MarketId, ShortText
from provisioning.profile import Voice

_NAMES_IN_BRACES = re.compile(r"\{(\w*)\}")


class VoiceBlock(BaseModel):
    """How a telephone is registered that is sold with an access; `{service}` and `{account}` stand for their numbers.

    Attributes:
        technology: of the line; any where none is stated.
        markets: all where none is stated.
        registrar: the SIP server.
        user: the SIP user of a subscriber.
        secret: his password, as `env:NAME` or `file:PATH`; it is resolved when it is sent to the router.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    technology: Technology | None = None
    markets: tuple[MarketId, ...] = ()
    registrar: ShortText
    user: ShortText = "{account}"
    secret: Annotated[str, Field(pattern=r"^(env|file):.+$")]

    @model_validator(mode="after")
    def _knows_its_names(self) -> Self:
        for text in (self.user, self.secret):
            if unknown := set(_NAMES_IN_BRACES.findall(text)) - {"service", "account"}:
                raise ValueError(f"{text}: {', '.join(sorted(unknown))} is not known: service and account are")
        return self

    def line_of(self, service_id: str, account_number: str) -> Voice:
        """The SIP line of a subscriber."""

        def filled(text: str) -> str:
            return text.replace("{service}", service_id).replace("{account}", account_number)

        return Voice(sip_user=filled(self.user), sip_server=self.registrar, secret_reference=filled(self.secret))

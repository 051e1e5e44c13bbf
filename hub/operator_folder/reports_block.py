"""``reports`` of ``operator.yaml``: who gets finished reports, and how."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from canonical_model.errors import ConfigurationError, Fault
from canonical_model.record import MarketId, ShortText
from canonical_model.yaml_source import YamlSource
from connectors.mail.messages import address
from hub.operator_folder.known_markets import unknown_market

ReportFile = Literal["board", "workbook", "page", "findings_csv", "report_json"]


def _address(text: str) -> str:
    try:
        return address(text, "to")
    except ConfigurationError as error:
        raise ValueError("one mail address in plain letters is expected") from error


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MailBlock(_Part):
    """A message to each of some people when a report is finished.

    Attributes:
        system: the mail server: a system of kind `smtp`, whose login and secrets hold here too.
        to: addresses; everyone gets a message of their own.
        attach: which files come with it, the most wanted first.
        largest_mb: all attachments together; what is too large is left out, and said so.
        link: where the files are found, as far as the folder; each is named below it.
    """

    system: ShortText
    to: tuple[Annotated[str, AfterValidator(_address)], ...] = Field(min_length=1, max_length=50)
    attach: tuple[ReportFile, ...] = ("board", "workbook")
    largest_mb: Annotated[int, Field(ge=0, le=100)] = 15
    link: ShortText | None = None


class DeliverBlock(_Part):
    """Where finished reports go, once a run; only those of runs whose findings stand.

    Attributes:
        markets: whose reports; of all where none is named.
        email: by mail.
        folder: into a folder that is there already, each file whole or not at all; below the workspace where it is
            no whole path.
    """

    markets: tuple[MarketId, ...] = ()
    email: MailBlock | None = None
    folder: ShortText | None = None


class ReportsBlock(_Part):
    """What becomes of finished reports.

    Attributes:
        deliver: where they go; nowhere but the workspace where nothing is said.
    """

    deliver: DeliverBlock = DeliverBlock()


def check_reports(
    source: YamlSource, block: ReportsBlock, kinds: Mapping[str, str], markets: list[str], faults: list[Fault]
) -> None:
    """Add what is wrong with names in the block.

    Args:
        source: the file.
        block: what it says.
        kinds: kind of each system.
        markets: that the file names.
        faults: gets them.
    """
    deliver = block.deliver
    for place, market in enumerate(deliver.markets):
        faults.extend(unknown_market(source.place("reports", "deliver", "markets", place), market, markets))
    if deliver.email is not None and kinds.get(deliver.email.system) != "smtp":
        servers = ", ".join(sorted(name for name, kind in kinds.items() if kind == "smtp")) or "none"
        at = source.place("reports", "deliver", "email", "system")
        faults.append(at.fault(f"{deliver.email.system} is no system of kind smtp; of that kind are: {servers}"))

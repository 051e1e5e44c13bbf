"""The acquisition of a market, as the operator's folder names it."""

from datetime import timedelta

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from handoffs.questions import People
from hub.operator_folder.acquisitions_file import ACQUISITIONS_FILE, AcquisitionBlock
from hub.snapshots import market_of
from hub.workplace import Hub


def acquisition_of(hub: Hub, market: str) -> AcquisitionBlock:
    """What the file says of the operator that is brought in as a market.

    Raises:
        ConfigurationError: there is no such market, or nothing is brought in as it.
    """
    market_of(hub.operator, market)
    block = hub.operator.acquisitions.acquisitions.get(market)
    if block is None:
        known = ", ".join(hub.operator.acquisitions.acquisitions) or "none"
        raise ConfigurationError(f"{ACQUISITIONS_FILE} brings nothing in as {market} (it has: {known})")
    return block


def checked_wave(block: AcquisitionBlock, wave: str) -> str:
    """A wave that the file names.

    Raises:
        ConfigurationError: it names no such wave.
    """
    if wave not in block.waves:
        raise ConfigurationError(f"{ACQUISITIONS_FILE} has no wave {wave}{nearest(wave, list(block.waves))}")
    return wave


def people_of_acquisition(block: AcquisitionBlock) -> People:
    """Who begins a wave, and signs it."""
    return People(
        block.approvers,
        block.deputies,
        timedelta(hours=block.remind_every_hours),
        timedelta(hours=block.deputies_after_hours),
    )

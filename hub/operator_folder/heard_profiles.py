"""Streams that are heard by a device profile, held against the profile of each of their systems."""

from collections.abc import Iterator, Sequence

from canonical_model.errors import ConfigurationError, Fault
from connectors.mapping import StreamMapping
from connectors.systems.snmp import notifications_of
from hub.operator_folder.operator_file import OperatorFile


def wrong_profiles(file: OperatorFile, mappings: Sequence[StreamMapping]) -> Iterator[Fault]:
    """Systems whose device profile is not there, or knows no notifications."""
    for mapping in mappings:
        for name in mapping.systems if mapping.listens is not None and mapping.listens.by_profile else ():
            try:
                notifications_of(name, file.systems[name].stream_options, mapping.read)
            except ConfigurationError as error:
                yield Fault(mapping.file, 0, "listens.profile", str(error))

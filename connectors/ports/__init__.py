"""The contract between the hub and a kind of system.

A kind of system is one file in ``connectors/systems/`` with ``CAPABILITIES`` and ``open_source``, ``open_sink`` or
both: what is read comes as pages (``reading``), what is written goes as one write at a time (``writing``). Nothing
inherits from anything here.
"""

from connectors.ports.reading import REPLAY, Page, RawRecord, Rereader, ResumePoint, Source, StreamRead
from connectors.ports.systems import Capabilities, Deletes, KeyNames, Looks, Option, SystemSettings, Writes
from connectors.ports.writing import Expected, Look, Observer, ObserverOfMany, Part, Receipt, Sink, Write

__all__ = [
    "REPLAY",
    "Capabilities",
    "Deletes",
    "Expected",
    "KeyNames",
    "Look",
    "Looks",
    "Observer",
    "ObserverOfMany",
    "Option",
    "Page",
    "Part",
    "RawRecord",
    "Receipt",
    "Rereader",
    "ResumePoint",
    "Sink",
    "Source",
    "StreamRead",
    "SystemSettings",
    "Write",
    "Writes",
]

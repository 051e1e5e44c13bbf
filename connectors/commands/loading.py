"""Read command files, hold them against the systems and our commands, and tell every fault at once."""

from collections.abc import Collection, Mapping

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import validated
from connectors.commands.compilation import CommandCompiler, Known
from connectors.commands.document import CommandDocument
from connectors.commands.plan import CommandFile
from connectors.mapping.plan import MappedSystem
from connectors.ports import Writes
from handoffs.commands import COMMANDS


def read_command_files(
    files: Mapping[str, str],
    faults: list[Fault],
    *,
    systems: Mapping[str, MappedSystem],
    doubtful_systems: Collection[str] = (),
    streams: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
) -> tuple[CommandFile, ...]:
    """Read all command files of an operator together.

    Args:
        files: content by file name, as the person knows it.
        faults: whatever is wrong is added here.
        systems: the operator's systems by name.
        doubtful_systems: systems whose blocks are wrong, so that nothing is said of what depends on them.
        streams: the key fields of each stream by system and name; None where mappings are wrong, too.

    Returns:
        The files that could be read; to be used only where no fault was added.
    """
    read: list[CommandFile] = []
    owners: dict[tuple[str, str], str] = {}
    known = Known(systems, doubtful_systems, streams)
    for name, text in files.items():
        source = read_yaml(text, name, faults)
        document = validated(source, CommandDocument, faults) if source is not None else None
        if source is None or document is None:
            continue
        owner = owners.setdefault((document.command, document.system), name)
        if owner != name:
            faults.append(source.place("command").fault(f"{owner} says already how {document.system} takes it"))
        if document.system in doubtful_systems:
            continue
        writes = _writes(source, document, systems, faults)
        if document.command in COMMANDS and writes is not None:
            found: list[Fault] = []
            compiled = CommandCompiler(source, document, writes, known, found).compiled()
            faults.extend(dict.fromkeys(found))
            read += [] if found else [compiled]
    return tuple(read)


def _writes(
    source: YamlSource, document: CommandDocument, systems: Mapping[str, MappedSystem], faults: list[Fault]
) -> Writes | None:
    """How the system takes commands; None, with a fault, where it takes none."""
    if document.command not in COMMANDS:
        near = nearest(document.command, COMMANDS)
        faults.append(source.place("command").fault(f"there is no command {document.command}{near}"))
    system = systems.get(document.system)
    if system is None:
        near = nearest(document.system, systems)
        faults.append(source.place("system").fault(f"there is no system {document.system} in operator.yaml{near}"))
        return None
    writes = system.capabilities.writes
    if writes is None:
        faults.append(source.place("system").fault(f"{system.capabilities.kind} takes no commands"))
    elif writes.commands and document.command not in writes.commands:
        known = ", ".join(writes.commands)
        faults.append(source.place("command").fault(f"{system.capabilities.kind} takes only {known}"))
    return writes

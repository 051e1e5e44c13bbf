"""Read an operator's folder whole, and list everything that is wrong with it at once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from canonical_model.catalogue import Catalogue
from canonical_model.errors import ConfigurationError, Fault, configuration_error
from canonical_model.intervals import DateInterval
from canonical_model.markets import Market
from canonical_model.yaml_source import YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import Readable, readable, validated
from connectors.commands import CommandFile, read_command_files
from connectors.discovery import capabilities_by_kind
from connectors.mapping import MappedSystem, StreamMapping, pull_order, read_mappings
from handoffs.stages import HANDOFFS
from hub.operator_folder.acquisitions_file import (
    ACQUISITIONS_FILE,
    AcquisitionsFile,
    read_acquisitions,
    with_acquired_codes,
)
from hub.operator_folder.comparisons_folder import Comparisons, read_comparisons_folder, shipped_comparisons
from hub.operator_folder.gates_folder import read_gates_folder
from hub.operator_folder.handoffs_file import HANDOFFS_FILE, TakeoverPolicy, plan_warnings, read_handoffs
from hub.operator_folder.heard_profiles import wrong_profiles
from hub.operator_folder.identity_settings import matching_by_subject
from hub.operator_folder.known_markets import unknown_market
from hub.operator_folder.network_block import read_network
from hub.operator_folder.operator_file import STAND_INS, OperatorFile, Role
from hub.operator_folder.remedies_file import REMEDIES_FILE, RemedyPolicy, read_remedies
from hub.operator_folder.reports_block import check_reports
from hub.operator_folder.system_options import wrong_options
from identity.settings import MatchSettings, Subject
from provisioning.network_file import NETWORK_FILE, NetworkFile
from reconciliation.analysis_views import VIEWS
from reconciliation.golden_accounts import GOLDEN_FILE, read_golden_accounts, wrong_references
from reconciliation.price_book import build_price_book
from rules.compiled import compile_rules
from rules.compiled_gate import CompiledGates
from rules.rulebook import Rulebook, read_folder, read_rulebook

OPERATOR_FILE = "operator.yaml"
_URL_WITH_PASSWORD = re.compile(r"://[^/@:\s]*:[^/@\s]+@")
CATALOGUE_FILE = "catalogue.yaml"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Operator:
    """Everything an operator's folder says, checked.

    Attributes:
        folder: where it was read from.
        file: ``operator.yaml``.
        mappings: by system, in the order in which they are pulled.
        commands: how systems take commands of ours, by the command's name.
        sources: content of every file by name, for snapshots.
        matching: how customers and premises are matched.
        remedies: what may be done about findings, and who may approve it.
        network: the elements that are told of services, and what they are told.
        gates: by what completed jobs are judged before billing starts.
        own_comparisons: how hand-offs are compared with what legacy does, where that is not our way.
        handoffs: what a take-over asks for, and what was taken over before.
        acquisitions: operators that were bought and are brought in.
        warnings: what is allowed and probably not meant.
    """

    folder: Path
    file: OperatorFile
    markets: Mapping[str, Market]
    catalogue: Catalogue
    rulebook: Rulebook
    mappings: Mapping[str, tuple[StreamMapping, ...]]
    mapped_systems: Mapping[str, MappedSystem]
    sources: Mapping[str, str] = field(repr=False)
    commands: Mapping[str, tuple[CommandFile, ...]] = field(default_factory=dict)
    matching: Mapping[Subject, MatchSettings] = field(default_factory=dict)
    remedies: RemedyPolicy = field(default_factory=RemedyPolicy)
    network: NetworkFile = field(default_factory=NetworkFile)
    gates: CompiledGates = field(default_factory=CompiledGates)
    own_comparisons: Comparisons = field(default_factory=dict)
    handoffs: TakeoverPolicy = field(default_factory=TakeoverPolicy)
    acquisitions: AcquisitionsFile = field(default_factory=AcquisitionsFile)
    warnings: tuple[str, ...] = ()

    @property
    def comparisons(self) -> Comparisons:
        """How each hand-off is compared; ours are compiled when they are first asked for."""
        return {**shipped_comparisons(), **self.own_comparisons}


def load_operator(folder: Path) -> Operator:
    """Read and check every file of an operator's folder.

    Raises:
        ConfigurationError: anything is wrong; all faults are listed, each with file, line, key and expectation.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"there is no folder {folder}: name the operator's folder with --operator")
    faults: list[Fault] = []
    operator_source = _source(folder, OPERATOR_FILE, faults)
    read = readable(operator_source, OperatorFile, faults, STAND_INS) if operator_source else None
    catalogue_source = _source(folder, CATALOGUE_FILE, faults)
    catalogue = validated(catalogue_source, Catalogue, faults) if catalogue_source else None
    if read is None:
        raise configuration_error(faults)
    file = read.model
    _check_no_passwords(read.source, file, faults)
    markets, systems = _markets(read, faults), dict(_systems(read.source, file, faults))
    written = {key: list(read.source.data[key]) for key in ("markets", "systems")}
    if catalogue_source is not None and catalogue is not None:
        _check_catalogue(catalogue_source, catalogue, markets, faults)
    texts = read_folder(folder / "mappings", "mappings", faults)
    doubtful = [name for name in written["systems"] if name not in systems]
    found: list[Fault] = []
    mappings = read_mappings(texts, found, systems=systems, markets=written["markets"], doubtful_systems=doubtful)
    faults.extend(found := [*found, *wrong_profiles(file, mappings)])
    keys = {(name, mapping.stream): tuple(mapping.read.key) for mapping in mappings for name in mapping.systems}
    command_texts = read_folder(folder / "commands", "commands", faults)
    commands = read_command_files(
        command_texts, faults, systems=systems, doubtful_systems=doubtful, streams=None if found else keys
    )
    handoffs = read_handoffs(_text_if_there(folder, HANDOFFS_FILE, faults), file.markets, faults)
    bought, named = _text_if_there(folder, ACQUISITIONS_FILE, faults), [*written["markets"], *written["systems"]]
    acquisitions = read_acquisitions(bought, markets, file.systems, catalogue, faults, named)
    kinds = {name: block.kind for name, block in file.systems.items()}
    check_reports(read.source, file.reports, kinds, written["markets"], faults)
    matching = matching_by_subject(read_folder(folder / "identity", "identity", faults), written["systems"], faults)
    remedies = read_remedies(_text_if_there(folder, REMEDIES_FILE, faults), written["markets"], faults)
    network = read_network(_text_if_there(folder, NETWORK_FILE, faults), written["markets"], catalogue, faults, kinds)
    golden = dict(_golden_accounts(folder, catalogue, written["markets"], faults))
    rule_texts = read_folder(folder / "rules", "rules", faults)
    rulebook = _rulebook(rule_texts, written["markets"], faults)
    gates = read_gates_folder(folder, written["markets"], faults)
    own_comparisons = read_comparisons_folder(folder, faults)
    if faults or catalogue is None:
        raise configuration_error(faults)
    return Operator(
        folder=folder,
        file=file,
        markets=markets,
        catalogue=with_acquired_codes(catalogue, acquisitions),
        rulebook=rulebook,
        mappings=_by_system(mappings),
        mapped_systems=systems,
        sources=texts | rule_texts | golden | {name: _text(folder, name) for name in (OPERATOR_FILE, CATALOGUE_FILE)},
        commands=_by_command(commands),
        matching=matching,
        remedies=remedies,
        network=network,
        gates=gates,
        own_comparisons=own_comparisons,
        handoffs=handoffs,
        acquisitions=acquisitions,
        warnings=(*_warnings(mappings, commands, handoffs), *_unused_webhooks(read.source, file, mappings)),
    )


def our_rules(faults: list[Fault]) -> dict[str, str]:
    """The leakage rules that come with Splice, by file name."""
    return read_folder(Path(str(files("rules").joinpath("packs", "leakage"))), "rules/packs/leakage", faults)


def _warnings(
    mappings: Sequence[StreamMapping], commands: Sequence[CommandFile], handoffs: TakeoverPolicy
) -> Iterator[str]:
    for mapping in mappings:
        yield from mapping.warnings
    for command in commands:
        yield from command.warnings
    yield from plan_warnings(handoffs)


def _source(folder: Path, name: str, faults: list[Fault]) -> YamlSource | None:
    try:
        return read_yaml(_text(folder, name), name, faults)
    except OSError:
        faults.append(Fault(name, 0, "", f"is missing in {folder}"))
    except UnicodeDecodeError as error:
        faults.append(Fault(name, 0, "", f"is not UTF-8 text: {error.reason} at byte {error.start}"))
    return None


def _text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def _text_if_there(folder: Path, name: str, faults: list[Fault]) -> str | None:
    try:
        return _text(folder, name)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        faults.append(Fault(name, 0, "", f"is not UTF-8 text: {error.reason} at byte {error.start}"))
        return None


def _markets(read: Readable[OperatorFile], faults: list[Fault]) -> dict[str, Market]:
    """The markets of which nothing is doubtful."""
    markets = {}
    for market_id, block in read.model.markets.items():
        try:
            market = Market(id=market_id, **block.model_dump(exclude={"holidays"}))
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False):
                place = read.source.place("markets", market_id, *detail["loc"])
                faults.append(place.fault(detail["msg"].removeprefix("Value error, ")))
        else:
            if not read.names_below("markets", market_id):
                markets[market_id] = market
    return markets


def _systems(source: YamlSource, file: OperatorFile, faults: list[Fault]) -> Iterator[tuple[str, MappedSystem]]:
    kinds = capabilities_by_kind()
    for name, block in file.systems.items():
        place = source.part("systems", name)
        capabilities = kinds.get(block.kind)
        if capabilities is None:
            faults.append(
                place.place("kind").fault(f"there is no connector {block.kind}{nearest(block.kind, kinds)}")
            )
            continue
        if block.market is not None:
            faults.extend(unknown_market(place.place("market"), block.market, file.markets))
        faults.extend(wrong_options(place, block, capabilities))
        yield (
            name,
            MappedSystem(
                name,
                capabilities,
                block.market,
                block.stream_options,
                block.webhook is not None,
                block.listens is not None,
            ),
        )


def _unused_webhooks(source: YamlSource, file: OperatorFile, mappings: tuple[StreamMapping, ...]) -> Iterator[str]:
    used = {system for mapping in mappings if mapping.webhook is not None for system in mapping.systems}
    heard = {system for mapping in mappings if mapping.listens is not None for system in mapping.systems}
    for name, block in file.systems.items():
        if block.webhook is not None and name not in used:
            place = source.place("systems", name, "webhook")
            yield str(place.fault("no mapping has a webhook for this system: nothing it sends is taken"))
        if block.listens is not None and name not in heard:
            place = source.place("systems", name, "listens")
            yield str(place.fault("no mapping listens to this system: nothing it sends is taken"))


def _check_no_passwords(source: YamlSource, file: OperatorFile, faults: list[Fault]) -> None:
    """The file is copied into every snapshot, so that no password may stand in it."""
    places: list[tuple[tuple[str, ...], object]] = [(("database",), file.database)]
    for name, block in file.systems.items():
        places.append((("systems", name, "address"), block.address))
        for key, options in (("options", block.options), ("stream_options", block.stream_options)):
            places += [(("systems", name, key, option), value) for option, value in options.items()]
    for steps, value in places:
        if isinstance(value, str) and _URL_WITH_PASSWORD.search(value):
            faults.append(source.place(*steps).fault("holds a password: name a variable instead, as in env:NAME"))


def _check_catalogue(
    source: YamlSource, catalogue: Catalogue, markets: Mapping[str, Market], faults: list[Fault]
) -> None:
    for market_id, market in markets.items():
        if market_id not in catalogue.proration:
            faults.append(source.place("proration").fault(f"states no convention for market {market_id}"))
        try:
            build_price_book(catalogue, market, [DateInterval(date(2000, 1, 1), date(2000, 2, 1))], date(2000, 1, 1))
        except ConfigurationError as error:
            faults.append(source.place().fault(str(error).removeprefix("catalogue: ")))


def _golden_accounts(
    folder: Path, catalogue: Catalogue | None, markets: Sequence[str], faults: list[Fault]
) -> Iterator[tuple[str, str]]:
    """The text of the file of golden accounts, if there is one."""
    if not (folder / GOLDEN_FILE).exists():
        return
    text = _text(folder, GOLDEN_FILE)
    if (found := read_golden_accounts(text, faults)) and catalogue is not None:
        faults.extend(wrong_references(*found, catalogue, markets))
    yield GOLDEN_FILE, text


def _rulebook(own: Mapping[str, str], markets: Sequence[str], faults: list[Fault]) -> Rulebook:
    rulebook = read_rulebook(our_rules(faults) | dict(own), faults, markets=markets, roles=get_args(Role))
    schemas = {name: view.schema for name, view in VIEWS.items()}
    for rule in rulebook.rules:
        if rule.handoff is not None and rule.handoff not in HANDOFFS:
            known = nearest(rule.handoff, list(HANDOFFS))
            place = rulebook.sources[rule.id].place("handoff")
            faults.append(place.fault(f"there is no hand-off {rule.handoff}{known}"))
    compile_rules(rulebook.rules, schemas, faults, sources=rulebook.sources, read=rulebook.readable)
    return rulebook


def _by_command(commands: tuple[CommandFile, ...]) -> dict[str, tuple[CommandFile, ...]]:
    by_command: dict[str, tuple[CommandFile, ...]] = {}
    for command in commands:
        by_command[command.command] = (*by_command.get(command.command, ()), command)
    return by_command


def _by_system(mappings: tuple[StreamMapping, ...]) -> dict[str, tuple[StreamMapping, ...]]:
    """The mappings of each system in the order in which they are pulled."""
    by_system: dict[str, dict[str, StreamMapping]] = {}
    for mapping in mappings:
        for system in mapping.systems:
            by_system.setdefault(system, {})[mapping.stream] = mapping
    return {
        system: tuple(found[stream] for _, stream in pull_order(mappings, [(system, name) for name in found]))
        for system, found in by_system.items()
    }

"""Read an operator's folder whole, and list everything that is wrong with it at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from canonical_model.catalogue import Catalogue
from canonical_model.errors import Fault, configuration_error
from canonical_model.markets import Market
from canonical_model.yaml_source import YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import validated
from connectors.discovery import capabilities_of_kinds
from connectors.mapping.compiled import CompiledMapping, compile_mappings
from hub.operator_folder.operator_file import OperatorFile, SystemBlock
from reconciliation.price_book import build_price_book
from reconciliation.run import VIEW_SCHEMAS
from rules.compiled import compile_rules
from rules.rulebook import Rulebook, read_folder, read_rulebook

PACKS = "rules/packs"


@dataclass(frozen=True, slots=True)
class Operator:
    """Everything an operator's folder says, checked.

    Attributes:
        folder: where it was read from.
        file: ``operator.yaml``.
        mappings: by system, in the order in which they are pulled.
        sources: content of every file by name, for snapshots.
        warnings: what is allowed and probably not meant.
    """

    folder: Path
    file: OperatorFile
    markets: Mapping[str, Market]
    catalogue: Catalogue
    rulebook: Rulebook
    mappings: Mapping[str, tuple[CompiledMapping, ...]]
    sources: Mapping[str, str] = field(repr=False)
    warnings: tuple[str, ...] = ()

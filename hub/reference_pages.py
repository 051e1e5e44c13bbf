"""Reference pages made from the code itself, so that they cannot say anything else."""

from collections.abc import Iterable, Sequence
from typing import Literal, get_args, get_origin

from canonical_model.entities import ENTITIES
from canonical_model.errors import Fault, configuration_error
from canonical_model.record_fields import fields_of
from connectors.discovery import capabilities_by_kind
from connectors.ports import Capabilities, KeyNames, Looks, Writes
from handoffs.commands import BUILT_IN, COMMANDS
from hub.comparison_reference import comparison_sections
from hub.device_profile_page import device_profile_sections
from hub.driver_reference import driver_sections
from hub.gate_reference import gate_sections
from hub.kpi_reference import kpi_sections
from hub.markdown_tables import options_table, table
from hub.operator_folder.load import our_rules
from hub.operator_reference import PARTS, keys_of, summary_of
from hub.takeover_reference import takeover_sections
from reconciliation.analysis_views import VIEWS
from rules.expressions.functions import FUNCTIONS
from rules.rule import Rule
from rules.rulebook import read_rulebook

_MADE = "<!-- Made by `splice docs`; change the code, not this page. -->\n"


def reference_pages() -> dict[str, str]:
    """Text of each page by file name.

    Raises:
        ConfigurationError: a rule pack is wrong.
    """
    return {
        "operator.md": _operator(),
        "rules.md": _rules(),
        "gates.md": _page("Gates", gate_sections()),
        "comparisons.md": _page("Comparisons of hand-offs", comparison_sections()),
        "take-over.md": _page("Gates and rollback rules of a take-over", takeover_sections()),
        "views.md": _views(),
        "connectors.md": _connectors(),
        "drivers.md": _page("Drivers of the network", driver_sections()),
        "device-profiles.md": _page("Device profiles", device_profile_sections()),
        "commands.md": _commands(),
        "entities.md": _entities(),
        "functions.md": _functions(),
        "kpis.md": _page("KPIs", kpi_sections()),
    }


def _operator() -> str:
    headings = ("key", "takes", "default", "meaning")
    sections = []
    for name, part in PARTS.items():
        rows = ((f"`{key.name}`", key.takes, key.default or "required", key.meaning) for key in keys_of(part))
        sections.append(f"## {name}\n\n{summary_of(part)}\n\n{table(headings, rows)}\n")
    return _page("operator.yaml", sections)


def _rules() -> str:
    faults: list[Fault] = []
    rulebook = read_rulebook(our_rules(faults), faults)
    if faults:
        raise configuration_error(faults)
    return _page("Leakage rules", (_rule(rule) for rule in rulebook.rules))


def _rule(rule: Rule) -> str:
    facts = [
        ("over", f"`{rule.over}`"),
        ("when", f"`{rule.when}`"),
        ("exposure", f"`{rule.exposure}`"),
        ("direction", rule.direction.replace("_", " ")),
        ("class", rule.exposure_class.replace("_", " ")),
        ("fresh feeds", ", ".join(f"{role} {age.total_seconds() / 3600:g} h" for role, age in rule.needs.items())),
        ("explained by", ", ".join(rule.explained_by)),
        ("remedy", f"`{rule.remedy.name}` ({', '.join(rule.remedy.kinds).replace('_', ' ')})"),
        ("hand-off", (rule.handoff or "").replace("_", " ")),
        ("owner", rule.owner.replace("_", " ")),
    ]
    facts += [
        (f"parameter `{name}`", f"{one.value} ({one.type}) {one.meaning or ''}")
        for name, one in rule.parameters.items()
    ]
    rows = table(("", ""), ((name, value) for name, value in facts if value))
    examples = table(
        ("given", "expect"),
        (
            (", ".join(f"`{name}` {value}" for name, value in example.given.items()), str(example.expect))
            for example in rule.examples
        ),
    )
    return f"## {rule.id} {rule.title}\n\n{rows}\n\n{examples}\n"


def _views() -> str:
    return _page(
        "Analysis views",
        (
            f"## {view.name}\n\n{view.meaning} A finding is about a {view.subject}.\n\n"
            + table(("column", "type"), ((f"`{name}`", str(kind)) for name, kind in view.schema.items()))
            + "\n"
            for view in VIEWS.values()
        ),
    )


def _connectors() -> str:
    sections = []
    for kind, can in capabilities_by_kind().items():
        facts = [
            ("protocol", can.protocol),
            ("logins", ", ".join(can.logins)),
            ("asks for changes only", _changes(can)),
            ("deletions", can.deletes),
            ("tells how many records it holds", "yes" if can.total else "no"),
        ]
        facts = facts if can.reads else facts[:2]
        facts += [("can be listened to", can.hears)] if can.hears else []
        facts += [("reads single records again", "yes")] if can.rereads else []
        parts = [f"## {kind}", table(("", ""), facts)]
        parts += ["Its block in `operator.yaml`:", options_table(can.system_options)]
        parts += ["`read.options` of its mappings:", options_table(can.stream_options)] if can.reads else []
        parts += _writes(can.writes) if can.writes is not None else []
        parts += _looks(can.observation) if can.observation is not None else []
        sections.append("\n\n".join(parts) + "\n")
    return _page("Connectors", sections)


def _changes(can: Capabilities) -> str:
    """What a pull brings."""
    if can.incremental:
        return "yes"
    return "each file once" if can.takes_once else "no, everything each time"


def _writes(writes: Writes) -> list[str]:
    facts = [
        ("takes", ", ".join(writes.commands) or "any command"),
        ("a second sending is", " or ".join(writes.repeats)),
        ("carries our request id", "yes" if writes.idempotency_keys else "no"),
        ("can be asked about our request id", "yes" if writes.look_up_by_request_id else "no"),
        ("records in one write, all or none", str(writes.most_records)),
        ("`send.object`", ", ".join(writes.targets)),
        ("`send.key`", _key(writes.key, writes.key_fields)),
        ("`send.fields`", ", ".join(writes.fields)),
    ]
    parts = ["Commands:", table(("", ""), [(name, value) for name, value in facts if value])]
    parts += ["`send.options` of its command files:", options_table(writes.options)]
    return parts


def _looks(looks: Looks) -> list[str]:
    facts = [("`look.object`", ", ".join(looks.targets)), ("`look.key`", _key(looks.key, looks.key_fields))]
    head = "Can be looked at, to see whether a command was done, its own or another system's:"
    parts = [head, table(("", ""), [(name, value) for name, value in facts if value])]
    return [*parts, "`look.options`:", options_table(looks.options)]


def _key(names: KeyNames, fields: Sequence[str]) -> str:
    """What a key names."""
    words = {"placeholders": "placeholders of the object, if it has any", "field": "one field of the record"}
    return ", ".join(fields) or words.get(names, "fields of the record")


def _commands() -> str:
    sections = []
    for name, schema in COMMANDS.items():
        rows = ((f"`{field}`", kind.name, _need(kind.nullable)) for field, kind in schema.items())
        sections.append(f"## {name}\n\n{table(('field', 'type', ''), rows)}\n")
    built_in = ", ".join(f"`{name}`" for name in BUILT_IN)
    head = f"Expressions of a command file may use these fields, and {built_in}.\n"
    return _page("Commands", [head, *sections])


def _entities() -> str:
    sections = []
    for name, entity in ENTITIES.items():
        summary = (entity.__doc__ or "").strip().splitlines()[0]
        rows = (
            (f"`{field.name}`", field.kind, _words(entity.model_fields[field.name].annotation), _need(field.nullable))
            for field in fields_of(entity)
            if not field.name.startswith("source_") and field.name != "market"
        )
        sections.append(f"## {name}\n\n{summary}\n\n{table(('field', 'type', 'words', ''), rows)}\n")
    return _page("Canonical entities", sections)


def _need(nullable: bool) -> str:
    return "may be missing" if nullable else ""


def _words(annotation: object) -> str:
    """The words that a field of few words allows."""
    if get_origin(annotation) is Literal:
        return ", ".join(str(word) for word in get_args(annotation))
    return next((words for part in get_args(annotation) if (words := _words(part))), "")


def _functions() -> str:
    rows = ((f"`{function.signature}`", function.meaning) for function in FUNCTIONS)
    return _page("Functions of expressions", [table(("function", "meaning"), rows) + "\n"])


def _page(title: str, sections: Iterable[str]) -> str:
    return f"# {title}\n\n{_MADE}\n" + "\n".join(sections)

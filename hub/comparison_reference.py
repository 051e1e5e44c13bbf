"""The reference page of comparisons: how each hand-off is compared, field by field, from the packs themselves."""

from collections.abc import Iterator

from handoffs.shadow.rows import schema_of
from handoffs.stages import HANDOFFS
from hub.markdown_tables import table
from hub.operator_folder.comparisons_folder import shipped_comparisons
from rules.comparison_pack import ComparisonPack, FieldComparison
from rules.types import Schema

_HEAD = (
    "In the shadow of legacy the hub states what it would do, and compares it with what legacy was seen to do"
    " ([how to](../how-to/shadow-and-replay.md)). A field is the same, the same once it is spelled alike, or differs;"
    " then evidence tells who is wrong, or nobody knows. Evidence against both sides is none. `intent_` is what the"
    " hub would say, `observed_` what legacy did; the other columns are evidence.\n"
)


def comparison_sections() -> Iterator[str]:
    """The text of the page, part by part.

    Raises:
        ConfigurationError: a pack is wrong.
    """
    yield _HEAD
    comparisons = shipped_comparisons()
    for handoff in HANDOFFS:
        yield _section(comparisons[handoff].pack, schema_of(handoff))


def _section(pack: ComparisonPack, schema: Schema) -> str:
    facts = table(
        ("", ""),
        [("owner", pack.owner.replace("_", " ")), ("waits for legacy", f"{pack.patience_days} days")],
    )
    fields = "\n".join(_field(name, field) for name, field in pack.fields.items())
    columns = table(("column", "type"), ((f"`{column}`", str(kind)) for column, kind in schema.items()))
    head = f"## `{pack.handoff}`: {pack.title}\n\n{pack.why}\n\n{facts}\n"
    return f"{head}\n{fields}\n### Columns of `{pack.handoff}`\n\n{columns}\n"


def _field(name: str, field: FieldComparison) -> str:
    rows = [
        ("is compared where", field.compared),
        ("is the same where", field.equal or f"intent_{name} IS NOT DISTINCT FROM observed_{name}"),
        ("is the same, spelled otherwise, where", field.after_normalising),
        ("legacy is wrong where", field.legacy_wrong),
        ("the hub is wrong where", field.hub_wrong),
        ("would harm somebody where", field.critical),
        ("money", field.money or ""),
    ]
    told = [(what, f"`{' '.join(text.split())}`") for what, text in rows if text not in ("", "FALSE", "TRUE")]
    told += [("would harm somebody", "always, where nobody explains it")] if field.critical == "TRUE" else []
    told += [("evidence shown", ", ".join(f"`{each}`" for each in field.evidence))] if field.evidence else []
    return f"### {name}: {field.title}\n\n{table(('', ''), told)}\n"

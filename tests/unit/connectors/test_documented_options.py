"""The blocks that the how-to pages of single kinds show would be accepted: every option exists and makes sense."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from connectors.discovery import capabilities_by_kind
from connectors.files.plan import plan_of as files_plan
from connectors.ports import StreamRead, SystemSettings
from connectors.salesforce.stream_options import read_options
from connectors.settings import checked, stream_options
from connectors.sql.mariadb import DIALECT
from connectors.sql.plan import plan_of as sql_plan

HOW_TO = Path(__file__).parents[3] / "docs/how-to"
PAGES = ("read-databases-and-files.md", "read-a-salesforce-org.md")
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TYPED = {
    "sql": lambda read, options: sql_plan(read, options, DIALECT),
    "files": files_plan,
    "salesforce": read_options,
}


def shown(page: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each ``read`` of a page, with the block of the system that stands before it."""
    found, block = [], {}
    for text in YAML.findall((HOW_TO / page).read_text(encoding="utf-8")):
        part = yaml.safe_load(text)
        (block,) = part.get("systems", {"": block}).values()
        if "read" in part:
            found.append((block, part["read"]))
    return found


@pytest.mark.parametrize(
    ("block", "read"),
    [pytest.param(*each, id=f"{each[0]['kind']}-{each[1]['object']}") for page in PAGES for each in shown(page)],
)
def test_what_a_page_shows_would_be_accepted(block: dict[str, Any], read: dict[str, Any]) -> None:
    can = capabilities_by_kind()[block["kind"]]
    secrets = {name: SecretStr("x") for name in block["secrets"]}
    settings = checked(SystemSettings("shown", block["kind"], block["address"], block["options"], secrets), can)
    lists = {**read.get("lists", {}), **read.get("options", {}).get("lists", {})}
    stream = StreamRead(
        "shown",
        read["object"],
        (*read["key"], *lists),
        read["key"],
        read.get("cursor"),
        options=read.get("options", {}),
        lists=dict.fromkeys(read.get("lists", {}), ()),
    )
    TYPED[block["kind"]](stream, stream_options(settings, stream, can))

"""Every link from one of our pages to a file of ours leads somewhere."""

import re

from source_tree import ROOT, text_files

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


def test_no_link_between_pages_is_dead() -> None:
    pages = {name: CODE.sub("", text) for name, text in text_files() if name.endswith(".md")}
    links = [(name, target) for name, text in pages.items() for target in LINK.findall(text)]
    assert links
    assert [(name, target) for name, target in links if not ((ROOT / name).parent / target).exists()] == []

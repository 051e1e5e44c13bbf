"""What is committed works on any machine, from any package index, and speaks of the product only."""

import re

import pytest
from source_tree import ROOT, text_files

THIS_FILE = "tests/architecture/test_committed_text.py"
LOCK = "requirements.lock"
MOST_TARGETS = 10
INDEX_HOST = ".".join(("pythonhosted", "org"))
"""Put together here, so that not even this file holds what no file may hold."""

FOREIGN = {
    "package index": re.compile(
        r"\bpypi\.org|pythonhosted\.org|registry\.npmjs|\bconda\.anaconda|deb\.debian\.org"
        r"|--(extra-)?index-url|--find-links|index-url\s*="
    ),
    "path of one machine": re.compile(r"(?<![\w.:/-])/(work|root|home|Users)/[\w.]"),
    "notes that are not part of the project": re.compile(r"\b(design|style|domain|peers|platform)\.md\b"),
    "how the project was written": re.compile(
        r"\b(sub-?agents?|issue [A-Z]\b|(another|other|each|every) helpers?\b|language model|(this|coding) session)"
    ),
    "unfinished work": re.compile(r"\b(TODO|FIXME|XXX)\b"),
}
REPOSITORY_HOST = re.compile(r"\b(github|gitlab|bitbucket)\.(com|org)\b|https?://")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("package index", "uv pip install --index-url https://example.net/simple"),
        ("package index", "https://files." + INDEX_HOST + "/packages/x"),
        ("path of one machine", "see /" + "work/main/README.md"),
        ("path of one machine", 'open("/' + 'root/.ssh/config")'),
        ("notes that are not part of the project", "(domain.md section 3)"),
        ("how the project was written", "as issue B asks"),
        ("unfinished work", "# TODO: later"),
    ],
)
def test_foreign_text_is_noticed(kind: str, text: str) -> None:
    assert FOREIGN[kind].search(text)


@pytest.mark.parametrize("text", ["/v1/work/orders", "https://host/work/x", "a database session", "issue a refund"])
def test_words_of_the_product_are_left_alone(text: str) -> None:
    assert not [kind for kind, pattern in FOREIGN.items() if pattern.search(text)]


@pytest.mark.parametrize("kind", FOREIGN)
def test_no_committed_file_holds_foreign_text(kind: str) -> None:
    pattern = FOREIGN[kind]
    assert [
        f"{name}:{number}: {line.strip()}"
        for name, text in text_files()
        if name != THIS_FILE
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ] == []


def test_every_requirement_of_the_lock_is_one_version_with_its_hashes() -> None:
    text = (ROOT / LOCK).read_text(encoding="utf-8")
    assert not REPOSITORY_HOST.search(text)
    entries = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if not entry.startswith("#")]
    wanted = re.compile(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+")
    assert entries
    assert [entry.splitlines()[0] for entry in entries if not wanted.fullmatch(entry)] == []


def test_pre_commit_fetches_nothing() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert not REPOSITORY_HOST.search(text)
    assert set(re.findall(r"repo: *(\S+)", text)) == {"local"}
    assert set(re.findall(r"language: *(\S+)", text)) == {"system"}


def test_the_makefile_has_at_most_ten_targets() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][\w-]*):(?!=)", text, re.MULTILINE)
    assert 0 < len(targets) <= MOST_TARGETS, targets
    (phony,) = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert sorted(phony.split()) == sorted(targets)

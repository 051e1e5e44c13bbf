"""A broken file in the plug-in folder is told by its name; none vanishes quietly."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError
from connectors.discovery import capabilities_by_kind, open_sink, open_source
from connectors.ports import SystemSettings

SOUND = """
from connectors.ports import Capabilities
CAPABILITIES = Capabilities("{kind}", "pigeon", ("none",), incremental=False, deletes="invisible", total=False)
def open_source(settings): return settings
"""


@pytest.fixture
def package(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / f"plugins_{abs(hash(request.node.name))}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    capabilities_by_kind.cache_clear()


def test_a_file_in_the_folder_is_a_kind(package: Path) -> None:
    (package / "pigeon.py").write_text(SOUND.format(kind="pigeon"))
    (package / "notes.txt").write_text("no plug-in")
    assert [(name, can.protocol) for name, can in capabilities_by_kind(package.name).items()] == [
        ("pigeon", "pigeon")
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def open_source(:", "SyntaxError"),
        ("import a_library_that_is_not_there", "a_library_that_is_not_there"),
        ("CAPABILITIES = Capabilities()", "NameError"),
        ("from connectors.ports import Capabilities\nCAPABILITIES = Capabilities(colour=1)", "TypeError"),
        ("CAPABILITIES = 3", "CAPABILITIES and open_source are expected"),
        (SOUND.format(kind="dove"), "says kind 'dove'"),
        (SOUND.format(kind="pigeon").replace("def open_source", "def open"), "CAPABILITIES and open_source"),
        (
            SOUND.format(kind="pigeon")
            .replace("Capabilities\n", "Capabilities, Writes\n", 1)
            .replace("total=False", "total=False, writes=Writes(('keyed',))"),
            "CAPABILITIES and open_sink are expected",
        ),
    ],
)
def test_a_broken_file_is_told_by_its_name(package: Path, text: str, told: str) -> None:
    (package / "dove_in_the_folder.py").write_text(SOUND.format(kind="dove_in_the_folder"))
    (package / "pigeon.py").write_text(text)
    with pytest.raises(ConfigurationError, match=r"/pigeon\.py.*" + told):
        capabilities_by_kind(package.name)


def test_a_kind_that_does_not_exist_is_told_with_the_nearest() -> None:
    settings = SystemSettings("crm", "salesfroce", "https://x.invalid", {}, {"client_secret": SecretStr("x")})
    with pytest.raises(ConfigurationError, match=r"system crm: no connector salesfroce.*salesforce"):
        open_source(settings)


def test_what_a_kind_cannot_do_is_told_before_anything_is_opened() -> None:
    mail = SystemSettings("post", "smtp", "mail.invalid:25")
    with pytest.raises(ConfigurationError, match="system post: smtp takes commands; nothing is read from it"):
        open_source(mail)
    with pytest.raises(ConfigurationError, match="system drop: files takes no commands"):
        open_sink(SystemSettings("drop", "files", "/no/such/folder"))

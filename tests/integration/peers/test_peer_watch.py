"""With REQUIRE_PEERS=1 no peer is forgotten and no test is skipped unseen; without it, missing peers skip."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers import listed_peers

ROOT = Path(__file__).parents[3]

CONFTEST = """
from pathlib import Path

import pytest

import tests.peers

tests.peers.LISTED = Path(__file__).parents[1] / "peers.toml"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "peer(name): a real peer")
    config.pluginmanager.register(tests.peers.PeerWatch(config))
"""

PEERS = """
[shell]
for = "being there"
debian = ["dash"]
commands = ["sh"]

[tool]
for = "lying in a folder of its own"
debian = ["tool"]
commands = ["tool"]
folders = ["{folder}/tool-*/bin"]
files = ["{folder}/tool-*/lib/*.jar"]
"""

USES_BOTH = """
import pytest
from tests.peers import require_peer

@pytest.mark.peer("shell")
def test_marked(): pass

def test_asking(): assert require_peer("tool")["tool"].parent.parent.name == "tool-10"
"""

SKIPS = """
import pytest

def test_skipped(): pytest.skip("not today")
"""

WANTS_A_RECORDING = """
from tests.peers import require_recording

def test_recorded(): require_recording("no-such-recording")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    checks = tmp_path / "checks"
    checks.mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = checks\n")
    (checks / "conftest.py").write_text(CONFTEST)
    (tmp_path / "peers.toml").write_text(PEERS.format(folder=tmp_path))
    install_tool(tmp_path)
    (checks / "test_peers_in_use.py").write_text(USES_BOTH)
    return tmp_path


def install_tool(project: Path) -> None:
    for version in ("9", "10"):
        for place in ("bin/tool", "lib/tool.jar"):
            path = project / f"tool-{version}" / place
            path.parent.mkdir(parents=True)
            path.touch(0o755)


def run(project: Path, *arguments: str, require: bool = True) -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "REQUIRE_PEERS": "1" if require else ""}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [(), ("-n", "2")])
def test_a_whole_run_that_used_every_peer_passes(project: Path, arguments: tuple[str, ...]) -> None:
    code, output = run(project, *arguments)
    assert (code, "2 passed" in output) == (0, True), output


@pytest.mark.parametrize("arguments", [(), ("-n", "2")])
def test_a_whole_run_fails_for_an_unused_peer_and_for_a_skipped_test(
    project: Path, arguments: tuple[str, ...]
) -> None:
    (project / "checks" / "test_peers_in_use.py").write_text(
        USES_BOTH.split("def test_asking", maxsplit=1)[0] + SKIPS
    )
    code, output = run(project, *arguments)

    assert code == 1, output
    assert "peer tool is listed in peers.toml and no test used it" in output
    assert "test_skipped: not today" in output
    assert "peer shell" not in output


def test_a_module_that_skips_as_a_whole_fails_the_run_too(project: Path) -> None:
    (project / "checks" / "test_absent.py").write_text("import pytest\npytest.importorskip('no_such_library')\n")
    code, output = run(project, "-n", "2")
    assert code == 1, output
    assert "no_such_library" in output.split("REQUIRE_PEERS=1")[1]


def test_a_part_of_the_tests_need_not_use_every_peer(project: Path) -> None:
    assert run(project, "-k", "marked")[0] == 0
    assert run(project, "checks/test_peers_in_use.py::test_marked")[0] == 0


def test_recordings_may_be_absent(project: Path) -> None:
    (project / "checks" / "test_recordings.py").write_text(WANTS_A_RECORDING)
    code, output = run(project)
    assert (code, "1 skipped" in output) == (0, True), output


def test_a_peer_that_is_not_installed_skips_with_the_package_that_brings_it(project: Path) -> None:
    for version in ("9", "10"):
        (project / f"tool-{version}" / "lib" / "tool.jar").unlink()
    code, output = run(project, require=False)
    assert code == 0, output
    assert "tool is not installed: no " in output
    assert "(Debian: tool)" in output

    code, output = run(project)
    assert (code, "1 failed" in output) == (1, True), output


@pytest.mark.parametrize(
    ("package", "required", "told"), [("json", True, "3 passed"), ("nojson", False, "1 skipped")]
)
def test_a_peer_may_be_a_python_package(project: Path, package: str, required: bool, told: str) -> None:
    listed = project / "peers.toml"
    listed.write_text(f'{listed.read_text()}\n[extra]\nfor = "an extra"\npython = ["{package}"]\n')
    uses_extra = "import pytest\n@pytest.mark.peer('extra')\ndef test_extra(): pass\n"
    (project / "checks" / "test_extra.py").write_text(uses_extra)
    code, output = run(project, require=required)
    assert (code, told in output) == (0, True), output
    if package == "none":
        assert "extra is not installed: no none (Python: requirements.lock has it" in output
        code, output = run(project)
        assert (code, "1 error" in output) == (1, True), output


def test_the_list_says_what_each_peer_is_for_and_which_package_brings_it() -> None:
    for name, peer in listed_peers().items():
        assert peer.purpose, name
        assert peer.debian or peer.python, name
        assert peer.commands or peer.files or peer.python, name

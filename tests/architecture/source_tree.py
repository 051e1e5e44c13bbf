"""The project's own files, as the architecture tests read them."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: tuple[str, ...] = tuple(
    name.removesuffix("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
)
WRITTEN_BY_HAND = (*PACKAGES, "tests", "benchmarks", "examples")


def files(suffix: str, *folders: str) -> list[Path]:
    """Every file with a suffix below the folders, in order; folders that do not exist hold none."""
    found = (path for folder in folders for path in (ROOT / folder).rglob(f"*{suffix}"))
    return sorted(path for path in found if "__pycache__" not in path.parts)


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Path (relative to the project) and syntax tree of every Python module below the folders."""
    return ((shown(path), _parsed(path)) for path in files(".py", *folders))


def text_files() -> Iterator[tuple[str, str]]:
    """Path and text of every file that is committed, or would be with ``git add``."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in sorted(filter(None, listed.split("\0"))):
        path = ROOT / name
        content = path.read_bytes() if path.is_file() else b"\0"
        if b"\0" not in content:
            yield name, content.decode("utf-8")


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))

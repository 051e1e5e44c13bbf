"""`splice stream reset` as a person types it."""

import getpass
import json
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from storage.schema.audit import AUDIT
from tests.fakes.books_operator import small_books


def test_a_reset_says_what_is_next_and_who_did_it_stands_in_the_audit(tmp_path: Path) -> None:
    with small_books(tmp_path) as books:
        books.lines(L1=1)
        books.pulled(tmp_path / "work", "bills")
        where = ["--operator", str(books.folder), "--workspace", str(tmp_path / "work")]

        def run(*words: str) -> str:
            told = CliRunner().invoke(app, ["stream", "reset", *words, *where], env=books.environment)
            if told.exception is not None and not isinstance(told.exception, SystemExit):
                raise told.exception
            return told.output

        assert "Missing option '--why'" in run("bills", "lines")
        with pytest.raises(ConfigurationError, match="nearest: lines"):
            run("bills", "line", "--why", "x")
        assert run("bills", "lines", "--why", "a new field") == "bills lines begins anew; next: splice sync bills\n"
        run("bills", "lines", "--why", "once more", "--as", "ada")
        with books.hub(tmp_path / "work") as hub, hub.database.reading() as connection:
            noted = [(row.actor, json.loads(row.detail)["why"]) for row in connection.execute(select(AUDIT))]
        assert noted == [(getpass.getuser(), "a new field"), ("ada", "once more")]

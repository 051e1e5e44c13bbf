"""A small estate of hand-made rows, served afresh for every test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from estate_clients import close_clients
from estate_rows import small_books

from simulated_estate.books import Books
from simulated_estate.servers.serve import RunningEstate, serve_estate


@pytest.fixture
def books() -> Books:
    return small_books()


@pytest.fixture
def serve() -> Iterator[Callable[..., RunningEstate]]:
    """Starts estates that end with the test."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(serve_estate(*args, **{"smallest_page": 2, **options}))


@pytest.fixture
def estate(books: Books, serve: Callable[..., RunningEstate]) -> RunningEstate:
    return serve(books)


@pytest.fixture(autouse=True)
def _closed_clients() -> Iterator[None]:
    yield
    close_clients()

"""The options of a stream that is read from an org, and the calls that are left to others."""

from dataclasses import replace
from typing import Any

import pytest
import requests

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.ports import StreamRead, SystemSettings
from connectors.salesforce.api_usage import ApiUsage
from connectors.salesforce.stream_options import read_options

READ = StreamRead("orders", "Order", ("Id",), ("Id",), "SystemModstamp")


def test_the_usual_is_to_choose_by_size_and_to_sweep_once_a_day() -> None:
    options = read_options(READ, {})
    assert (options.mode, options.bulk_from, options.bulk_page, options.sweep_hours) == ("auto", 20_000, 50_000, 24)
    assert read_options(READ, {"sweep_hours": "never"}).sweep_hours is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"mode": "bluk"}, "mode: 'bluk' is unknown; did you mean bulk"),
        ({"bulk_from": "many"}, "bulk_from: a number from 0 on"),
        ({"bulk_page": 0}, "bulk_page: a number from 1 on"),
        ({"sweep_hours": "sometimes"}, "sweep_hours: a number"),
        ({"bulk_wait_s": -1}, "bulk_wait_s: a number"),
        ({"bulk_wait_s": float("inf")}, "bulk_wait_s: a number"),
    ],
)
def test_an_option_of_no_use_is_told(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read_options(READ, given)


def test_nested_lists_whose_changes_the_cursor_would_hide_are_refused() -> None:
    nested = replace(READ, fields=("Id", "OrderItems"), lists={"OrderItems": ("Id",)})
    with pytest.raises(ConfigurationError, match="inside OrderItems does not move SystemModstamp of Order"):
        read_options(nested, {})
    read_options(nested, {"children_touch_parent": True})
    read_options(replace(nested, cursor_field=None), {})


def usage(reserve: Any = 10, told: str = "") -> ApiUsage:
    found = ApiUsage(SystemSettings("crm", "salesforce", "https://x", {"reserve_percent": reserve}))
    if told:
        answer = requests.Response()
        answer.headers["Sforce-Limit-Info"] = told
        found.note(answer)
    return found


def test_the_last_calls_of_an_org_are_left_to_others() -> None:
    usage(told="api-usage=89/100").hold("pull Account")
    with pytest.raises(RetryableError, match=r"used 90 of its 100 API calls .* the last 10 % are left to others"):
        usage(told="api-usage=90/100; per-app-api-usage=1/250(appName=hub)").hold("pull Account")
    usage(0, "api-usage=99/100").hold("pull Account")
    with pytest.raises(RetryableError):
        usage(0, "api-usage=100/100").hold("pull Account")


def test_before_the_first_answer_nothing_is_held_back() -> None:
    assert usage().left is None
    usage(told="per-app-api-usage=250/250(appName=hub)").hold("pull Account")
    usage(told="garbage").hold("pull Account")


@pytest.mark.parametrize("reserve", ["much", -1, 91])
def test_a_reserve_of_no_use_is_told(reserve: Any) -> None:
    with pytest.raises(ConfigurationError, match="reserve_percent is a number from 0 to 90"):
        usage(reserve)

"""A server of our own: nobody is called, nothing of the person's Prefect is used, and it ends with its block."""

import re
import socket
import time
from pathlib import Path

import httpx
import pytest
from server_api import ServerApi

from canonical_model.errors import ConfigurationError, RetryableError
from flows.child_process import child
from flows.server import PrefectServer, local_server
from flows.server_settings import client_environment, server_environment

pytestmark = pytest.mark.xdist_group("prefect")

ADDRESS = re.compile(r"https?://([\w.-]+)")
PERSONAL = {"PREFECT_API_URL": "https://api.example.com", "PREFECT_API_KEY": "pnu_1", "PREFECT_PROFILE": "cloud"}


def test_no_setting_that_reports_to_somebody_is_on(api: ServerApi) -> None:
    settings = api.get("/admin/settings")
    assert settings["server"]["analytics_enabled"] is False
    assert settings["telemetry"]["enable_resource_metrics"] is False
    assert settings["cloud"]["enable_orchestration_telemetry"] is False
    assert settings["server"]["ui"]["show_promotional_content"] is False
    assert settings["server"]["ui"]["v2_enabled"] is False


def test_runs_that_ended_long_ago_are_dropped_and_slots_outlive_the_server(api: ServerApi) -> None:
    settings = api.get("/admin/settings")["server"]
    assert sorted(settings["services"]["db_vacuum"]["enabled"]) == ["events", "flow_runs"]
    assert settings["concurrency"]["lease_storage"].endswith(".filesystem")


def test_the_page_speaks_to_this_server_only(server: PrefectServer) -> None:
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=60) as client:
        settings = client.get(f"{server.ui_url}/ui-settings").raise_for_status()
        page = client.get(server.ui_url, headers={"Accept": "text/html"}).raise_for_status()
    assert settings.json()["api_url"] == "/api"
    assert settings.json()["default_ui"] == "v1"
    assert set(ADDRESS.findall(settings.text)) <= {"127.0.0.1"}
    assert page.url.path == "/"
    assert "<html" in page.text
    assert set(ADDRESS.findall(page.text)) <= {"127.0.0.1"}


def test_everything_it_keeps_lies_in_its_folder(server: PrefectServer, api: ServerApi) -> None:
    assert api.get("/admin/settings")["home"] == str(server.home)
    assert (server.home / "prefect.db").is_file()


def test_what_a_person_told_prefect_is_not_taken_over() -> None:
    ours = server_environment({**PERSONAL, "PATH": "/bin"}, Path("home"), 4242)
    assert ours["PATH"] == "/bin"
    assert ours["PREFECT_SERVER_API_PORT"] == "4242"
    assert not PERSONAL.keys() & ours.keys()
    client = client_environment(PERSONAL, Path("home"), "http://127.0.0.1:4242/api")
    assert client["PREFECT_API_URL"] == "http://127.0.0.1:4242/api"
    assert not {"PREFECT_API_KEY", "PREFECT_PROFILE"} & client.keys()
    assert client["DO_NOT_TRACK"] == ours["DO_NOT_TRACK"] == "1"


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} is taken"), local_server(tmp_path, port):
            pass


def test_a_program_that_ends_by_itself_is_noticed_with_the_end_of_its_log(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", "echo out of paper; exit 3"]
    with child("the printer", command, {}, tmp_path / "log", patience_s=5) as printer:
        printer.process.wait(60)
        assert not printer.is_running
        with pytest.raises(RetryableError, match=r"(?s)the printer ended with status 3.*out of paper"):
            printer.must_run()


def test_a_program_that_hears_no_signal_is_killed_with_what_it_started(tmp_path: Path) -> None:
    script = "trap '' TERM; (trap '' TERM; while :; do date > beat; sleep 0.05; done) & echo up; wait"
    command = ["/bin/sh", "-c", f"cd {tmp_path}; {script}"]
    log = tmp_path / "log"
    with child("the deaf one", command, {"PATH": "/usr/bin:/bin"}, log, patience_s=0.3) as deaf:
        while not (tmp_path / "beat").exists():
            deaf.must_run()
            time.sleep(0.02)
    assert not deaf.is_running
    last = (tmp_path / "beat").stat().st_mtime_ns
    time.sleep(0.3)
    assert (tmp_path / "beat").stat().st_mtime_ns == last

"""Variables set on net-snmp's agent and read back: by community and by user, in a context, and what it refuses."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError
from connectors.commands import sight_of
from connectors.discovery import open_sink
from connectors.ports import Expected, Look, Part, Receipt, SystemSettings, Write
from tests.peers import require_peer

CONTACT, DESCRIPTION, PLACE = (f"1.3.6.1.2.1.1.{number}" for number in (4, 1, 6))
OWN = "1.3.6.1.4.1.8072.9999.9999"
READS, WRITES, BEHIND = "reads-only", "reads-and-writes", "behind"
USER, READER, AUTH_KEY, PRIV_KEY = "writer", "reader", "writer-auth-key", "writer-priv-key"
CONTEXT = "provisioning"
STATUSES = {1: "wrong-value", 2: "wrong-length", 3: "inconsistent-value", 4: "not-writable", 5: "wrong-type"}
SCRIPT = """\
#!/bin/sh
case $1 in
-g) printf '%s\\ninteger\\n1\\n' $2 ;;
-s) case $2 in
"""


@contextmanager
def snmpd(folder: Path, *lines: str, address: str = "") -> Iterator[str]:
    """The address of an agent with a configuration; it remembers in its folder how often it was started."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log").unlink(missing_ok=True)
    address = address or _free_address()
    (folder / "snmpd.conf").write_text("\n".join([f"agentAddress udp:{address}", *lines, ""]), encoding="utf-8")
    program = str(require_peer("net-snmp")["snmpd"])
    where = ["-c", str(folder / "snmpd.conf"), "-Lf", str(folder / "log"), "-p", str(folder / "pid")]
    environment = {
        "SNMP_PERSISTENT_DIR": str(folder / "state"),
        "PATH": "/usr/bin:/bin",
        "MIBS": "",
        "SNMPCONFPATH": str(folder / "state"),
    }
    with subprocess.Popen([program, "-f", *where], env=environment) as agent:
        try:
            deadline = time.monotonic() + 60
            while "NET-SNMP version" not in (log := _text(folder / "log")):
                assert agent.poll() is None, log
                assert time.monotonic() < deadline, log
                time.sleep(0.05)
            yield address
        finally:
            agent.terminate()


def _free_address() -> str:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """An agent, and another that it shows in a context."""
    folder = tmp_path_factory.mktemp("snmpd")
    script = folder / "statuses"
    cases = "".join(f"*.{number}.0) echo {status} ;;\n" for number, status in STATUSES.items())
    script.write_text(f"{SCRIPT}{cases}esac ;;\nesac\n", encoding="utf-8")
    script.chmod(0o755)
    with snmpd(folder / "behind", f"rwcommunity {BEHIND} 127.0.0.1") as behind:
        keys = f'SHA-256 "{AUTH_KEY}" AES "{PRIV_KEY}"'
        lines = [
            f"rocommunity {READS} 127.0.0.1",
            f"rwcommunity {WRITES} 127.0.0.1",
            *(f"createUser {user} {keys}" for user in (USER, READER)),
            "view all included .1",
            f"rwuser {USER} authPriv -V all {CONTEXT}",
            f"rwuser {USER} authPriv",
            f"rouser {READER} authPriv",
            f"proxy -Cn {CONTEXT} -v2c -c {BEHIND} {behind} .1.3.6.1.2.1.1",
            f"pass .{OWN} {script}",
        ]
        with snmpd(folder / "front", *lines) as front:
            yield front, behind


def v2c(address: str, *communities: str, timeout_s: float = 30.0) -> SystemSettings:
    secrets = dict(zip(("community", "write_community"), map(SecretStr, communities), strict=False))
    return SystemSettings("olt-1", "snmp", address, {}, secrets, timeout_s)


def v3(address: str, user: str = USER, timeout_s: float = 30.0, **options: Any) -> SystemSettings:
    known = {"login": "v3", "user": user, "auth_protocol": "sha256", "priv_protocol": "aes", **options}
    keys = {"auth_key": SecretStr(AUTH_KEY), "priv_key": SecretStr(PRIV_KEY)}
    return SystemSettings("olt-1", "snmp", address, known, keys, timeout_s)


def setting(values: dict[str, Any], index: str = "0", **options: Any) -> Write:
    expected = tuple(
        Expected(name, "integer" if isinstance(value, int) else "text", value) for name, value in values.items()
    )
    part = Part(index, {}, values, options)
    return Write("label_device", "key-1", "harmless", (part,), (Look(index, {}, {}, expected),))


def sent(settings: SystemSettings, write: Write) -> Receipt:
    with closing(open_sink(settings)) as sink:
        return sink.send(write)


def shown(settings: SystemSettings, write: Write) -> str:
    with closing(open_sink(settings)) as sink:
        return sight_of(write.looks[0], sink.observe(write.looks[0]))


def login(agents: tuple[str, str], name: str) -> SystemSettings:
    front, behind = agents
    return {
        "v2c": v2c(front, READS, WRITES),
        "one community": v2c(behind, BEHIND),
        "v3": v3(front),
        "v3 in a context": v3(front, context=CONTEXT),
    }[name]


@pytest.mark.parametrize("name", ["v2c", "one community", "v3", "v3 in a context"])
def test_variables_are_set_and_read_back(agents: tuple[str, str], name: str) -> None:
    settings = login(agents, name)
    write = setting({CONTACT: f"by {name}", PLACE: "Ünder the roof"})
    assert shown(settings, write) == "differs"
    assert not sent(settings, write).is_refusal
    assert shown(settings, write) == "applied"


def test_a_context_is_another_set_of_variables(agents: tuple[str, str]) -> None:
    front, behind = agents
    sent(v3(front), setting({CONTACT: "in front"}))
    sent(v3(front, context=CONTEXT), setting({CONTACT: "behind"}))
    assert shown(v3(front), setting({CONTACT: "in front"})) == "applied"
    assert shown(v2c(behind, BEHIND), setting({CONTACT: "behind"})) == "applied"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({DESCRIPTION: "ours"}, f"SNMP notWritable ({DESCRIPTION}.0)"),
        ({CONTACT: 3}, f"SNMP wrongType ({CONTACT}.0)"),
        ({CONTACT: "x" * 300}, f"SNMP wrongLength ({CONTACT}.0)"),
        ({"1.3.6.1.4.1.77777.1": 3}, "SNMP notWritable (1.3.6.1.4.1.77777.1.0)"),
        ({f"{OWN}.1": 3}, f"SNMP wrongValue ({OWN}.1.0)"),
        ({f"{OWN}.2": 3}, f"SNMP wrongLength ({OWN}.2.0)"),
    ],
)
@pytest.mark.parametrize("name", ["v2c", "v3"])
def test_what_the_agent_refuses_is_told_by_variable(
    agents: tuple[str, str], name: str, values: dict[str, Any], told: str
) -> None:
    receipt = sent(login(agents, name), setting(values))
    assert (receipt.is_refusal, receipt.said) == (True, told)


def test_all_of_a_request_is_set_or_nothing(agents: tuple[str, str]) -> None:
    settings = login(agents, "v2c")
    sent(settings, setting({CONTACT: "before"}))
    receipt = sent(settings, setting({CONTACT: "after", DESCRIPTION: "ours"}))
    assert (receipt.is_refusal, receipt.said) == (True, f"SNMP notWritable ({DESCRIPTION}.0)")
    assert shown(settings, setting({CONTACT: "before"})) == "applied"


def test_what_the_agent_cannot_do_now_is_tried_again(agents: tuple[str, str]) -> None:
    with pytest.raises(RetryableError, match=r"inconsistentValue.*nothing was set; try again later"):
        sent(login(agents, "v2c"), setting({f"{OWN}.3": 3}))


def test_a_login_that_may_only_read_is_refused(agents: tuple[str, str]) -> None:
    for settings in (v2c(agents[0], READS), v3(agents[0], READER)):
        receipt = sent(settings, setting({CONTACT: "by a reader"}))
        assert (receipt.is_refusal, receipt.said) == (True, f"SNMP noAccess ({CONTACT}.0)")
        assert shown(settings, setting({CONTACT: "by a reader"})) == "differs"


def test_a_wrong_user_or_key_is_told_and_a_wrong_community_is_silence(agents: tuple[str, str]) -> None:
    write, right = setting({CONTACT: "by a stranger"}), v3(agents[0])
    wrong_key = replace(right, secrets={name: SecretStr("not-the-right-one") for name in right.secrets})
    for settings in (v3(agents[0], "nobody"), wrong_key):
        with pytest.raises(ConfigurationError, match=r"refused \(.*check user, keys, protocols and context") as told:
            sent(settings, write)
        assert "not-the-right-one" not in str(told.value)
    with pytest.raises(OutcomeUnknown, match=r"no answer within 1 s; .*an agent answers a wrong one with silence"):
        sent(v2c(agents[0], "not-the-right-one", timeout_s=1.0), write)
    assert shown(right, write) == "differs"


def test_a_context_that_is_not_there_sets_nothing(agents: tuple[str, str]) -> None:
    write = setting({CONTACT: "nowhere"})
    with pytest.raises((ConfigurationError, OutcomeUnknown), match="context"):
        sent(v3(agents[0], timeout_s=2.0, context="nowhere"), write)
    assert shown(v3(agents[0]), write) == "differs"


def test_an_agent_that_has_gone_leaves_it_unknown(tmp_path: Path) -> None:
    write = setting({CONTACT: "late"})
    with snmpd(tmp_path / "gone", f"rwcommunity {WRITES} 127.0.0.1") as address:
        assert shown(v2c(address, WRITES), write) == "differs"
    with pytest.raises(OutcomeUnknown, match=r"no answer within 1 s"):
        sent(v2c(address, WRITES, timeout_s=1.0), write)


def test_an_agent_that_has_started_anew_is_written_to_all_the_same(tmp_path: Path) -> None:
    lines = (f'createUser {USER} SHA-256 "{AUTH_KEY}" AES "{PRIV_KEY}"', f"rwuser {USER} authPriv")
    with snmpd(tmp_path / "agent", *lines) as address:
        assert not sent(v3(address), setting({CONTACT: "first"})).is_refusal
    with snmpd(tmp_path / "agent", *lines, address=address):
        assert not sent(v3(address), setting({CONTACT: "second"})).is_refusal
        assert shown(v3(address), setting({CONTACT: "second"})) == "applied"

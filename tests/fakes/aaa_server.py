"""FreeRADIUS with its tables in SQLite, private to a test; it plays the NAS for orders, too."""

import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_ports

SECRET = "a-secret-of-two"
DEBIAN = Path("/etc/freeradius/3.0")
SEED = """
INSERT INTO radcheck(username,attribute,op,value) VALUES('line-7','Cleartext-Password',':=','s3cret-of-7');
INSERT INTO radreply(username,attribute,op,value) VALUES('line-7','Framed-IP-Address',':=','100.64.1.10');
INSERT INTO radusergroup(username,groupname,priority) VALUES('line-7','tier-1000',1);
INSERT INTO radgroupreply(groupname,attribute,op,value) VALUES('tier-1000','Filter-Id',':=','SVC-1000');
INSERT INTO radcheck(username,attribute,op,value) VALUES('line-8','Cleartext-Password',':=','s3cret-of-8');
INSERT INTO radusergroup(username,groupname,priority) VALUES('line-8','suspended',1);
INSERT INTO radgroupcheck(groupname,attribute,op,value) VALUES('suspended','Auth-Type',':=','Reject');
INSERT INTO radgroupreply(groupname,attribute,op,value) VALUES('suspended','Reply-Message',':=','account suspended');
"""
CONFIGURATION = """
prefix = /usr
exec_prefix = /usr
libdir = /usr/lib/freeradius
raddbdir = {folder}/raddb
confdir = {folder}/raddb
modconfdir = {folder}/raddb/mods-config
logdir = {folder}/log
run_dir = {folder}/run
radacctdir = {folder}/log/radacct
name = lab
pidfile = {folder}/run/radiusd.pid
correct_escapes = true
max_request_time = 5
cleanup_delay = 2
max_requests = 4096
hostname_lookups = no
log {{
  destination = files
  file = {folder}/log/radius.log
}}
security {{
  max_attributes = 200
  reject_delay = 0
  status_server = yes
}}
proxy_requests = no
thread pool {{
  start_servers = 2
  max_servers = 4
  min_spare_servers = 1
  max_spare_servers = 2
  max_requests_per_server = 0
}}
client lab {{
  ipaddr = 127.0.0.1
  secret = {secret}
  require_message_authenticator = no
}}
modules {{
  pap {{ }}
  expr {{ }}
  always ok {{
    rcode = ok
  }}
  always reject {{
    rcode = reject
  }}
  linelog orders {{
    filename = {folder}/log/orders.log
    format = "%{{Packet-Type}} user=%{{User-Name}} filter=%{{Filter-Id}}"
  }}
  sql {{
    dialect = "sqlite"
    driver = "rlm_sql_${{dialect}}"
    sqlite {{
      filename = "{folder}/radius.db"
      busy_timeout = 20000
    }}
    radius_db = "radius"
    acct_table1 = "radacct"
    acct_table2 = "radacct"
    postauth_table = "radpostauth"
    authcheck_table = "radcheck"
    groupcheck_table = "radgroupcheck"
    authreply_table = "radreply"
    groupreply_table = "radgroupreply"
    usergroup_table = "radusergroup"
    delete_stale_sessions = yes
    pool {{
      start = 1
      min = 1
      max = 4
      spare = 1
      uses = 0
      lifetime = 0
      idle_timeout = 60
    }}
    read_clients = no
    client_table = "nas"
    group_attribute = "SQL-Group"
    read_groups = yes
    $INCLUDE ${{modconfdir}}/sql/main/${{dialect}}/queries.conf
  }}
}}
policy {{
  unique {{
    update request {{
      &Acct-Unique-Session-Id := "%{{md5:%{{User-Name}},%{{Acct-Session-Id}},%{{NAS-IP-Address}}}}"
    }}
  }}
}}
server default {{
  listen {{
    type = auth
    ipaddr = 127.0.0.1
    port = {auth}
  }}
  listen {{
    type = acct
    ipaddr = 127.0.0.1
    port = {acct}
  }}
  listen {{
    type = coa
    ipaddr = 127.0.0.1
    port = {orders}
  }}
  authorize {{
    sql
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
  }}
  preacct {{
    unique
  }}
  accounting {{
    sql
  }}
  post-auth {{
    Post-Auth-Type REJECT {{
      sql
    }}
  }}
  recv-coa {{
    orders
    if (&User-Name == "nobody") {{
      update reply {{
        &Error-Cause := Session-Context-Not-Found
      }}
      reject
    }}
    else {{
      ok
    }}
  }}
  send-coa {{
    ok
  }}
}}
"""


@dataclass(frozen=True)
class AaaServer:
    """A running server."""

    folder: Path
    auth: int
    acct: int
    orders: int
    radclient: Path

    def account(
        self, port: int | None = None, secret: str = SECRET, repeats: int = 30, **attributes: str | int
    ) -> int:
        """Send an Accounting-Request as a NAS does, again each second; 0 if it was answered."""
        said = ", ".join(f'{name.replace("_", "-")} = "{value}"' for name, value in attributes.items())
        patience = ["-r", str(repeats), "-t", "1"]
        command = [str(self.radclient), "-q", *patience, f"127.0.0.1:{port or self.acct}", "acct", secret]
        return subprocess.run(command, input=said, text=True, capture_output=True, check=False).returncode

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.folder / "radius.db", timeout=60)) as database, database:
            return database.execute(statement).fetchall()

    @property
    def ordered(self) -> list[str]:
        """The orders that came."""
        log = self.folder / "log" / "orders.log"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


@contextmanager
def aaa_server(folder: Path, programs: dict[str, Path]) -> Iterator[AaaServer]:
    """A server on three free ports; ends with the block."""
    for name in ("raddb", "run", "log"):
        (folder / name).mkdir(parents=True)
    shutil.copytree(DEBIAN / "mods-config", folder / "raddb" / "mods-config")
    shutil.copy(DEBIAN / "dictionary", folder / "raddb" / "dictionary")
    with closing(
        sqlite3.connect(folder / "radius.db")
    ) as database:  # before the start: a busy database drops packets
        database.executescript((DEBIAN / "mods-config/sql/main/sqlite/schema.sql").read_text(encoding="utf-8"))
        database.executescript(SEED)
    auth, acct, orders = free_ports(3, socket.SOCK_DGRAM)
    told = CONFIGURATION.format(folder=folder, secret=SECRET, auth=auth, acct=acct, orders=orders)
    (folder / "raddb" / "radiusd.conf").write_text(told, encoding="utf-8")
    (folder / "raddb" / "radiusd.conf").chmod(0o640)
    command = [str(programs["freeradius"]), "-f", "-l", "stdout", "-d", str(folder / "raddb"), "-n", "radiusd"]
    with (folder / "log" / "started").open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_for(programs["radclient"], auth, process, folder)
        yield AaaServer(folder, auth, acct, orders, programs["radclient"])
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait_for(radclient: Path, port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    command = [str(radclient), "-q", "-r", "1", "-t", "0.3", f"127.0.0.1:{port}", "status", SECRET]
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        asked = subprocess.run(
            command, input="Message-Authenticator = 0x00", text=True, capture_output=True, check=False
        )
        if asked.returncode == 0:
            return
        assert process.poll() is None, (folder / "log" / "started").read_text(encoding="utf-8")
        time.sleep(0.1)
    raise AssertionError("the AAA server never answered")

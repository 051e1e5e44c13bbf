"""Builds and runs the two services of ``jaxws/`` on the JAX-WS reference implementation."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SOURCES = Path(__file__).parent / "jaxws"
USER, PASSWORD = "hub", "s3cret & more"
_SAAJ = "com.sun.xml.messaging.saaj.soap."
_OPTIONS = (
    "-Xmx128m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Dcom.sun.xml.ws.monitoring.endpoint=false",
    # JDK 17 has no SAAJ of its own, and the library looks for one there first
    f"-Djavax.xml.soap.SAAJMetaFactory={_SAAJ}SAAJMetaFactoryImpl",
    f"-Djavax.xml.soap.MessageFactory={_SAAJ}ver1_1.SOAPMessageFactory1_1Impl",
)


def build(peer: Mapping[str, Path], folder: Path) -> list[str]:
    """Let wsimport write the stubs of our WSDLs and compile them with the server; gives the command that runs it."""
    jars = ":".join(str(place) for name, place in peer.items() if name.endswith(".jar"))
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    for name in ("receivables", "rates"):
        _run(
            [
                *(str(peer["java"]), "-cp", jars, "com.sun.tools.ws.WsImport", "-quiet", "-Xnocompile", "-keep"),
                *("-s", ".", "-p", f"peer.{name}", "-wsdllocation", f"{name}.wsdl", f"{name}.wsdl"),
            ],
            folder,
        )
    sources = [str(path.relative_to(folder)) for path in folder.rglob("*.java")]
    _run([str(peer["javac"]), "-nowarn", "-proc:none", "-cp", jars, "-d", ".", *sources], folder)
    return [str(peer["java"]), *_OPTIONS, "-cp", f"{folder}:{jars}", "PeerServer"]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def running(command: list[str], folder: Path, held: int, certificates: Path | None = None) -> Iterator[str]:
    """Run the server on a free port of loopback; gives its URL. With certificates it wants one of the client."""
    stores = [str(certificates / name) for name in ("server.p12", "trusted.p12")] if certificates else []
    log = folder / "server.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [*command, str(held), *stores], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            word, _, port = process.stdout.readline().strip().partition(" ")
            assert word == "ready", log.read_text()
            yield f"{'https' if stores else 'http'}://127.0.0.1:{port}"
        finally:
            process.stdin.close()  # it ends when nobody holds it any more
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()

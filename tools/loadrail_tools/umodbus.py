"""Fetch umodbus (PyPI: micropython-modbus) through pip's own index settings.

Its source archive has no installer, so pip cannot install it. But pip can fetch it, check its
SHA-256 and unpack it before it finds that out; we take the unpacked files from there. That way a
mirror, a proxy or a certificate that pip knows is used here too.

Two copies are kept, none is committed:
  host/umodbus    the package as it is (bench charger, oracle in tests)
  device/umodbus  what the controller uses: the PDUs, with a `typing` of three names
                  (its own costs 6.8 KB of RAM on a board, and nothing there evaluates a type)
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAME = "micropython-modbus"
VERSION = "2.3.7"
SHA256 = "b9351a66af0ff29dd585900e53827a989dedcb02ec63b1041358165089652271"

DEVICE_FILES = ("__init__.py", "const.py", "functions.py", "version.py")
DEVICE_TYPING = "List = Optional = Union = None\n"


class FetchError(Exception):
    """The archive could not be had, or is not the one that is pinned."""


def download(scratch: Path, sha256: str = SHA256) -> Path:
    """Have pip fetch, check and unpack the archive below `scratch`; return its umodbus folder.

    Raises FetchError with pip's own words where the hash differs or nothing arrives.
    """
    wanted = scratch / "wanted.txt"
    wanted.write_text(f"{NAME}=={VERSION} --hash=sha256:{sha256}\n")
    unpacked = scratch / "unpacked"
    unpacked.mkdir()
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--no-clean",
        "--require-hashes",
    ]
    command += ["--no-binary", ":all:", "--dest", str(scratch / "dest"), "-r", str(wanted)]
    run = subprocess.run(
        command,
        env={**os.environ, "TMPDIR": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [path.parent for path in unpacked.rglob("umodbus/functions.py")]
    if len(found) != 1:
        said = [
            line for line in run.stderr.splitlines() if not line.startswith("WARNING: Location")
        ]
        raise FetchError(f"{NAME} {VERSION} was not fetched. pip said:\n" + "\n".join(said))
    return found[0]


def install(source: Path, target: Path) -> None:
    """Lay both copies out below `target`, in the place of older ones."""
    for copy in ("host", "device"):
        shutil.rmtree(target / copy, ignore_errors=True)
    shutil.copytree(source, target / "host" / "umodbus")
    device = target / "device" / "umodbus"
    device.mkdir(parents=True)
    for name in DEVICE_FILES:
        shutil.copy(source / name, device / name)
    (device / "typing.py").write_text(DEVICE_TYPING)
    (target / ".ready").write_text(f"{NAME} {VERSION} sha256:{SHA256}\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=f"Fetch {NAME} {VERSION}.")
    parser.add_argument("target", type=Path, help="folder for the two copies")
    target = parser.parse_args().target
    with tempfile.TemporaryDirectory() as scratch:
        try:
            install(download(Path(scratch)), target)
        except FetchError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

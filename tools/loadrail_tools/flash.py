"""Put the firmware on a board: what changed only, verified by hash, and nothing stale left.

    python -m loadrail_tools.flash --port /dev/ttyACM0 --board rp_pico

main.py leaves first and comes last. So a board that is unplugged in between starts nothing when
it comes back, and its chargers stay with their own watchdogs; flashing again mends it.
The configuration and all else that is not the firmware's stays as it is.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import manifest, ports
from .build import MPY_VERSION, BuildError, build
from .device import Device, DeviceError, Facts, connect, sha256

OLDEST, NEWEST = (1, 24), (1, 29)  # that the firmware is made for
MAIN = "/main.py"
SPARE = 16 * 1024  # bytes that stay free, for the configuration and the log

Progress = Callable[[int, int, str], None]  # bytes done, bytes in all, the file


@dataclass
class Report:
    """What was done."""

    board: str
    facts: Facts
    written: list[str] = field(default_factory=list)
    kept: int = 0
    removed: list[str] = field(default_factory=list)
    warning: str = ""


def image(board: str) -> dict[str, bytes]:
    """The files of a board by their paths on it, main.py last."""
    with tempfile.TemporaryDirectory() as scratch:
        build(Path(scratch), board)
        paths = sorted(path for path in Path(scratch).rglob("*") if path.is_file())
        files = {f"/{path.relative_to(scratch).as_posix()}": path.read_bytes() for path in paths}
    files[MAIN] = files.pop(MAIN)
    return files


def refusal(board: str, facts: Facts) -> str | None:
    """Why this firmware does not fit that board, and which MicroPython would."""
    wanted = "MicroPython {}.{} to {}.{}".format(*OLDEST, *NEWEST)
    here = "it has {}".format(".".join(map(str, facts.version)))
    if facts.mpy != MPY_VERSION:
        return (
            f"the firmware is .mpy version {MPY_VERSION}, the board takes {facts.mpy}: "
            f"put {wanted} on it ({here})"
        )
    if facts.version[:2] < OLDEST:
        return f"the board's MicroPython is too old: put {wanted} on it ({here})"
    port = manifest.BOARDS[board]
    if facts.platform != port:
        fitting = [name for name, other in manifest.BOARDS.items() if other == facts.platform]
        return (
            f"{board} is a board of the port {port}, this one is {facts.platform} "
            f"({facts.machine}); boards of that port: {', '.join(fitting) or 'none'}"
        )
    return None


def _check_shadows(device: Device) -> None:
    """A file or folder in the root would be found before the one in /lib."""
    tops = [f"/{name}{end}" for name in manifest.OWN_FOLDERS for end in ("", ".py", ".mpy")]
    tree = device.tree(*tops)
    found = sorted({"/" + path.split("/")[1] for path in [*tree.hashes, *tree.folders]})
    if found:
        raise DeviceError(
            f"{', '.join(found)} in the board's root would be found before the firmware; "
            "remove it first (mpremote rm -r)"
        )


def _own(path: str, wanted: dict[str, bytes]) -> bool:
    """Whether a path on the board is the firmware's business."""
    parts = path.split("/")  # "", "lib", "loadrail", ...
    if len(parts) > 3:
        return parts[2] in manifest.OWN_FOLDERS
    stem = path.rpartition(".")[0]
    return any(other.rpartition(".")[0] == stem for other in wanted)


def put(
    device: Device, wanted: dict[str, bytes], report: Report, progress: Progress | None = None
) -> None:
    """Make the board's files those of `wanted`, and see by their hashes that they are."""
    hashes = {path: sha256(data) for path, data in wanted.items()}
    tree = device.tree("/lib", MAIN)
    changed = [path for path in wanted if tree.hashes.get(path) != hashes[path]]
    stale = [path for path in tree.hashes if path not in wanted and _own(path, wanted)]
    report.kept = len(wanted) - len(changed)
    if not changed and not stale:
        return
    if MAIN in tree.hashes:
        device.remove(MAIN)
    if MAIN not in changed:
        changed.append(MAIN)
        report.kept -= 1
    for path in [*stale, *(path for path in changed if path in tree.hashes and path != MAIN)]:
        device.remove(path)
    for folder in tree.folders:
        if folder.count("/") > 1 and folder.split("/")[2] in manifest.OWN_FOLDERS:
            device.remove_folder(folder)
    _write(device, {path: wanted[path] for path in changed}, progress)
    after = device.tree("/lib", MAIN).hashes
    wrong = [path for path in wanted if after.get(path) != hashes[path]]
    if wrong:
        if MAIN in after:
            device.remove(MAIN)  # it must not start with half a firmware
        raise DeviceError(f"not what was written: {', '.join(wrong)}; flash again")
    report.written, report.removed = changed, stale


def _write(device: Device, files: dict[str, bytes], progress: Progress | None) -> None:
    total = sum(map(len, files.values()))
    free = device.free()
    if total + SPARE > free:
        raise DeviceError(f"{total + SPARE} bytes are needed, {free} are free on the board")
    folders = {str(parent) for path in files for parent in Path(path).parents} - {"/"}
    for folder in sorted(folders):
        device.make_folder(folder)
    done = 0
    for path, data in files.items():
        if progress:
            progress(done, total, path)
        device.write(path, data)
        done += len(data)
    if progress:
        progress(done, total, "")


def flash(port: str, board: str, progress: Progress | None = None) -> Report:
    """Put the firmware for `board` on what is at `port`, and start it.

    Raises DeviceError or BuildError, with what to do about it.
    """
    if board not in manifest.BOARDS:
        raise DeviceError(f'"{board}": no such board; known are {", ".join(manifest.BOARDS)}')
    wanted = image(board)
    with connect(port) as device:
        facts = device.facts()
        report = Report(board, facts)
        why = refusal(board, facts)
        if why:
            raise DeviceError(why)
        if facts.version[:2] > NEWEST:
            report.warning = "this MicroPython is newer than any that the firmware was tried with"
        _check_shadows(device)
        put(device, wanted, report, progress)
        device.restart()
    return report


def told(report: Report) -> str:
    """A report in words."""
    lines = [report.warning] if report.warning else []
    lines += [f"removed {path}" for path in report.removed]
    lines.append(
        f"{report.board}: {len(report.written)} files written, {report.kept} were right already, "
        f"{len(report.removed)} removed; restarted"
    )
    return "\n".join(lines)


def main() -> int:
    from rich.progress import Progress as Bar

    parser = argparse.ArgumentParser(description="Put the firmware on a board.")
    parser.add_argument("--port", help="/dev/ttyACM0, COM5, ...; not needed where there is one")
    parser.add_argument("--board", required=True, help=", ".join(manifest.BOARDS))
    asked = parser.parse_args()
    try:
        with Bar(transient=True) as bar:
            task = bar.add_task("building", total=None)
            report = flash(
                asked.port or ports.find(),
                asked.board,
                lambda done, total, name: bar.update(
                    task, completed=done, total=total, description=name or "verifying"
                ),
            )
    except (DeviceError, BuildError, ports.LinkError) as error:
        print(error, file=sys.stderr)
        return 1
    print(told(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())

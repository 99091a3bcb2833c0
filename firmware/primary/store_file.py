# Files of JSON that are known to be whole: written aside, read back, put in place by one rename.
#
# The second line is the checksum of all that follows it, so the file stays JSON, and a person who
# edits it removes that line:
#     {
#     "crc32": "1a2b3c4d",
#     "bus": {"baud": 19200},
#     ...
# Keys are in order, a row of a list has a line of its own. Each call takes `files`, what the file
# system offers: open, rename, remove and stat, all raising OSError (see Files). On littlefs a
# power cut at any moment leaves the old file or the new one.

import json
import os
from binascii import crc32

_HEAD = b'{\n"crc32": "'
_HEAD_LENGTH = len(_HEAD) + 8 + 3  # the checksum, and the end of its line
_CHUNK = 256
_MOST_BYTES = 16_384  # the longest configuration has 6 KB; more is junk
_ENOENT = 2


class Files:
    """The file system that is mounted here."""

    open = staticmethod(open)
    rename = staticmethod(os.rename)
    remove = staticmethod(os.remove)
    stat = staticmethod(os.stat)


def write(files, path: str, value: dict) -> "str | None":
    """Keep `value`, which has at least one key; None, or why the old file is still there."""
    crc = 0
    for line in _lines(value):
        crc = crc32(line, crc)

    def put(file):
        file.write(_HEAD + b'%08x",\n' % crc)
        for line in _lines(value):
            file.write(line)

    def is_whole(aside):
        return _crc_of(files, aside, _HEAD_LENGTH) == crc and _stated(files, aside) == crc

    return _replace(files, path, put, is_whole)


def copy(files, source: str, path: str) -> "str | None":
    """Make `path` the same as `source`, with the same promises."""
    if same(files, source, path):
        return None

    def put(file):
        with files.open(source, "rb") as old:
            chunk = old.read(_CHUNK)
            while chunk:
                file.write(chunk)
                chunk = old.read(_CHUNK)

    return _replace(files, path, put, lambda aside: same(files, source, aside))


def same(files, one: str, other: str) -> bool:
    """Whether two files have the same bytes; False where one is not there."""
    try:
        if files.stat(one)[6] != files.stat(other)[6]:
            return False
        return _crc_of(files, one) == _crc_of(files, other)
    except OSError:
        return False


def read(files, path: str):
    """(value, whether it has a checksum, None), or (None, False, what is wrong with the file)."""
    try:
        if files.stat(path)[6] > _MOST_BYTES:
            return None, False, "%s: has more than %d bytes" % (path, _MOST_BYTES)
        with files.open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        if error.errno == _ENOENT:
            return None, False, "%s: is not there" % path
        return None, False, "%s: cannot be read (%s)" % (path, error)
    sealed = data[: len(_HEAD)] == _HEAD
    if sealed and data[len(_HEAD) : len(_HEAD) + 8] != b"%08x" % crc32(data[_HEAD_LENGTH:]):
        told = 'is damaged: its checksum differs; if you have edited it, remove the line "crc32"'
        return None, False, "%s: %s" % (path, told)
    try:
        value = json.loads(data)
    except (ValueError, RuntimeError, MemoryError):  # RuntimeError: nested too deep
        return None, False, "%s: is not JSON" % path
    if sealed:
        del value["crc32"]
    return value, sealed, None


def is_there(files, path: str) -> bool:
    """Whether there is such a file, as far as the file system can tell."""
    try:
        files.stat(path)
    except OSError as error:
        return error.errno != _ENOENT
    return True


def _replace(files, path, put, is_whole) -> "str | None":
    aside = path + ".new"
    try:
        with files.open(aside, "wb") as file:
            put(file)
            file.flush()
        if is_whole(aside):
            files.rename(aside, path)
            return None
        fault = "%s: reads back otherwise than it was written; is the flash worn out?" % path
    except OSError as error:
        fault = "%s: cannot be written (%s)" % (path, error)
    try:
        files.remove(aside)
    except OSError:
        pass  # it was not there, or nothing can be written any more
    return fault


def _stated(files, path) -> "int | None":
    """The checksum that a file says it has."""
    with files.open(path, "rb") as file:
        head = file.read(_HEAD_LENGTH)
    return int(head[len(_HEAD) :][:8], 16) if head[: len(_HEAD)] == _HEAD else None


def _crc_of(files, path, start=0) -> int:
    crc = 0
    with files.open(path, "rb") as file:
        file.read(start)
        chunk = file.read(_CHUNK)
        while chunk:
            crc = crc32(chunk, crc)
            chunk = file.read(_CHUNK)
    return crc


def _lines(value):
    """The lines after the checksum, as bytes."""
    keys = sorted(value)
    for key in keys:
        end = "\n" if key == keys[-1] else ",\n"
        item = value[key]
        if isinstance(item, list) and item:
            yield ("%s: [\n" % json.dumps(key)).encode()
            for k, row in enumerate(item):
                yield (_text(row) + (",\n" if k + 1 < len(item) else "]" + end)).encode()
        else:
            yield ("%s: %s%s" % (json.dumps(key), _text(item), end)).encode()
    yield b"}\n"


def _text(value) -> str:
    """JSON with its keys in order, whatever order a dict keeps them in."""
    if isinstance(value, dict):
        keys = sorted(value)
        return "{%s}" % ", ".join(["%s: %s" % (json.dumps(k), _text(value[k])) for k in keys])
    if isinstance(value, list):
        return "[%s]" % ", ".join([_text(item) for item in value])
    return json.dumps(value)

# Tables that keep a column (a list or array) a fact, one or more places a charger.

from array import array

# By their types: on MicroPython they have no __getitem__ that one could ask for.
_COLUMNS = (list, array, bytearray)


def inherit(mine, i: int, old, k: int, n_old: int, own=()) -> None:
    """Charger `i` of a table takes over what charger `k` of an `old` table of n_old knows.

    What is no column, and the columns named in `own`, stay as they are.
    """
    for name, column in old.__dict__.items():
        if name in own or not isinstance(column, _COLUMNS) or not column:
            continue
        places = len(column) // n_old
        if places * n_old == len(column):
            here = getattr(mine, name)
            here[places * i : places * (i + 1)] = column[places * k : places * (k + 1)]


def clip_stamps(table, clip, now_ms: int) -> None:
    """Keep the stamps of a table (columns named *_at) from outliving the counter."""
    for name, column in table.__dict__.items():
        if name.endswith("_at") and isinstance(column, _COLUMNS):
            for i in range(len(column)):
                column[i] = clip(now_ms, column[i])

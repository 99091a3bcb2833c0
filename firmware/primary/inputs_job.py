# The job of the local inputs: what the board's power selector and contact show goes to the core.
#
# An input that cannot be read is handed over as None; the core then finds out for itself how long
# that has been so, and likewise if this job stands still. Who orders that nobody may charge ends a
# `maint`: else the order would reach no charger before that is over.


class InputsJob:
    """`source`: what board.inputs() gave, see boards/unix.py. `now_ms`: the core's counter.
    `hush`: what keeps the buses quiet."""

    def __init__(self, primary, source, now_ms, hush):
        self._primary = primary
        self._source = source
        self._now_ms = now_ms
        self._hush = hush
        self.run()  # before the first decision: until then nothing is known of them

    def run(self) -> None:
        """Read both, for the scheduler."""
        position, closed = _read(self._source.selector), _read(self._source.contact)
        self._primary.local_inputs(self._now_ms(), position, closed)
        if self._primary.inputs.shut and self._hush.maint_left_ms():
            self._hush.maint(0)


def _read(call):
    try:
        return call()
    except OSError:  # a chip between the input and us that does not answer
        return None

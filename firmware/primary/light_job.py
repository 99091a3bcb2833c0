# The job of the status light: what loadrail.lights makes of the group goes to the board, and only
# where it is another colour than before: a steady light costs nothing.

from loadrail import lights

_LOOK_EVERY = 5  # runs; what the light has to tell takes longer to find out than a breath


class LightJob:
    """`board` has light(red, green, blue), 0..255 each. `now_ms`: the core's counter."""

    def __init__(self, primary, board, now_ms):
        self._primary = primary
        self._board = board
        self._now_ms = now_ms
        self._kind = lights.STARTING
        self._runs = 0
        self._shown = None

    def run(self) -> None:
        """Show the colour of now, for the scheduler."""
        now_ms = self._now_ms()
        if self._runs % _LOOK_EVERY == 0:
            self._kind = lights.kind(self._primary, now_ms)
        self._runs = (self._runs + 1) % _LOOK_EVERY
        color = lights.color(self._kind, now_ms)
        if color != self._shown:
            self._shown = color
            self._board.light(*color)

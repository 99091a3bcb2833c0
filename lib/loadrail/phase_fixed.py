# Stands in for phase_control.py and switching.py where no charger may be switched: there is
# nothing to do, and neither their code nor their columns take any memory.


def phase_control(rows: list):
    """A PhaseControl where one of the configuration's chargers may be switched, else this."""
    if [row for row in rows if row["phase_switching"] == "on"]:
        from loadrail.phase_control import PhaseControl

        return PhaseControl(len(rows))
    return PhasesFixed(len(rows))


class PhasesFixed:
    """What PhaseControl and, as its `switching`, Switching are asked for."""

    wishes = None

    def __init__(self, n: int):
        self.switching = self
        self.allowed = bytes(n)

    def configure(self, i: int, row: dict, group: dict) -> None:
        pass

    def inherit(self, i: int, old, k: int) -> None:
        pass

    def clip_stamps(self, now_ms: int) -> None:
        pass

    def before(self, now_ms: int, c, log) -> None:
        pass

    def after(self, now_ms: int, c, log, left_a: list, start_left_a: list) -> None:
        pass

    def seen(self, i: int, c) -> None:
        pass

    def any_to_write(self) -> bool:
        return False

    def code_to_write(self, i: int, now_ms: int, c) -> None:
        return None

    def read_back_due(self, i: int, c) -> bool:
        """Whether its settings should be read soon: what it is set to is shown to people."""
        return c.phase_to_use[i] is None

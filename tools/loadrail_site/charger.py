# A TeltoCharge charger, electrically: terminals, signal, session, states.
#
# It holds the settings that the primary writes and turns them into the current that its car may
# draw. `tables.py` shows it as registers. Currents are milliamperes, times milliseconds.
# The signal to the car follows a new limit after `signal_delay_ms` (1 s; a real one may need 5 s).
# `reading` answers what the register table leaves open, see readings.py.

from . import readings
from . import teltocharge as tc
from .car import VOLTS
from .delay import DelayLine
from .device import Device
from .session import Session
from .tables import RegisterTable
from .watchdog import Watchdog

FLOWING_MA = 1000  # a contactor that moves above this wears, a car may fault


class Charger(Device):
    """One charger; `phases` names the grid phase on each of its terminals: "L2L3L1", "L2"."""

    registers = 256  # beyond its 45 all are refused; the range that is worth asking

    def __init__(
        self,
        address,
        phases="L1L2L3",
        max_a=32,
        *,
        amps_a=0,
        signal_delay_ms=1000,
        boot_ms=8000,
        cable_a=32,
        reading=None,
        cars=(),
    ):
        Device.__init__(self, address)
        self.reading = readings.choose(reading)
        self.hears_broadcasts = self.reading["hears_broadcasts"]
        self.grid_phases = [int(name) - 1 for name in phases.split("L")[1:]]
        self.max_a = max_a
        self.boot_ms = boot_ms
        self.cable_a = cable_a
        self.cars = list(cars)

        self.settings = {}  # register -> word, all that can be written
        self.user_max_a = 32
        self.max_grid_a = 63
        self.authorization_required = False
        self.error_bits = 0
        self.warning_bits = 0
        self.forced_status = None  # an evse_status to show whatever happens: 6, 9
        self.grid_voltages = [VOLTS, VOLTS, VOLTS]

        self.now_ms = 0
        self.watchdog = Watchdog(self.reading["fed_by"])
        self.signal_a = 0  # what the car is told now
        self.draws_ma = [0] * len(self.grid_phases)  # by terminal
        self.car = None  # the one that is plugged in
        self.status = tc.NO_EV
        self.status_since_ms = 0
        self.session = Session()
        self.lifetime_uj = 0
        self.switches_under_load = 0
        self._signal = DelayLine(signal_delay_ms)
        self._boot_until_ms = None
        self._load_defaults(amps_a)
        self._table = RegisterTable(self)

    def read(self, function, register, count):
        return self._table.read(function, register, count)

    def write(self, function, register, values):
        self._table.write(function, register, values)

    def is_deaf(self):
        return self.deaf or self._boot_until_ms is not None

    def restart(self):
        """Reboot as of the last step: the contactor opens, nothing is heard for `boot_ms`."""
        self._boot_until_ms = self.now_ms + self.boot_ms
        self._cut()
        if self.reading["after_restart"] == "defaults":
            self._load_defaults(self.max_a)

    def step(self, now_ms):
        passed_ms = now_ms - self.now_ms
        self.now_ms = now_ms
        if self._boot_until_ms is not None and now_ms >= self._boot_until_ms:
            self._boot_until_ms = None
            self.watchdog.restart(now_ms)
        self._look_for_car()
        self._count_energy(passed_ms)
        self._drive_car()
        status = self._evse_status()
        if status != self.status:
            self.status = status
            self.status_since_ms = now_ms

    def grid_current_ma(self):
        """What it draws on the grid's L1, L2, L3."""
        grid = [0, 0, 0]
        for phase, draw_ma in zip(self.grid_phases, self.draws_ma):
            grid[phase] += draw_ma
        return grid

    def limit_and_cause(self):
        """The ampere limit that holds now, and its current_limit_cause."""
        caps = [
            (self._primary_a(), self._primary_cause()),
            (self.max_a, tc.CAUSE_HARDWARE),
            (self.max_grid_a, tc.CAUSE_MAX_GRID),
            (self.user_max_a, tc.CAUSE_USER),
            (self.cable_a, tc.CAUSE_CABLE),
        ]
        least = caps[0]
        for cap in caps:
            if cap[0] < least[0]:
                least = cap
        return least if least[0] >= tc.MIN_A else (0, least[1])

    def connected_bits(self):
        bits = 0
        for phase in self.grid_phases:
            bits |= 1 << phase
        return bits

    def terminals_in_use(self):
        """The terminals that phase_to_use leaves on.

        A three-phase charger can't know how its terminals were wired, so there the setting means
        its own terminals; else it means the grid's phases, as phase_connected does.
        """
        bits = tc.PHASE_BITS[self.settings[tc.PHASE_TO_USE]]
        labels = [0, 1, 2] if len(self.grid_phases) == 3 else self.grid_phases
        return [terminal for terminal, label in enumerate(labels) if bits >> label & 1]

    def switch_phases(self, code):
        if max(self.draws_ma) >= FLOWING_MA and code != self.settings[tc.PHASE_TO_USE]:
            self.switches_under_load += 1
        self.settings[tc.PHASE_TO_USE] = code

    def ask_session(self, request):
        """session_request: 0 nothing, 1 stop, 2 start again."""
        if request:
            self.session.stopped = request == 1
        if self.reading["session_request_clears"]:
            self.settings[tc.SESSION_REQUEST] = 0

    def authorize(self, yes):
        self.session.authorized = self.session.authorized or bool(yes)
        self.settings[tc.AUTHORIZE_REQUEST] = 0

    def _load_defaults(self, amps_a):
        self.settings = {
            tc.PHASE_TO_USE: tc.phase_code(self.connected_bits()),
            tc.AMPS_TO_USE: amps_a,
            tc.SESSION_REQUEST: 0,
            tc.AUTHORIZE_REQUEST: 0,
            tc.SOCKET_LOCK_REQUEST: 0,
            tc.COMMUNICATION_TIMEOUT: 30,
            tc.FAILSAFE_CURRENT: tc.MIN_A,
            tc.REBOOT_REQUEST: 0,
        }
        self.watchdog.timeout_s = 30

    def _look_for_car(self):
        here = None
        for car in self.cars:
            if car.is_here(self.now_ms):
                here = car
        if here is self.car:
            return
        if self.car:
            self.car.cut()
        self.car = here
        self.session = Session(self.authorization_required)
        if here is None and self.settings[tc.SOCKET_LOCK_REQUEST] == 2:
            self.settings[tc.SOCKET_LOCK_REQUEST] = 0

    def _count_energy(self, passed_ms):
        if self.car is None:
            return
        taken_uj = sum(self.draws_ma) * VOLTS * passed_ms
        self.session.count(passed_ms, taken_uj)
        self.lifetime_uj += taken_uj

    def _drive_car(self):
        self.draws_ma = [0] * len(self.grid_phases)
        if self._contactor_is_held_open():
            self._cut()
        wanted_a = self.limit_and_cause()[0] if self._wants_to_signal() else 0
        self.signal_a = self._signal.step(self.now_ms, wanted_a)
        if self.car is None:
            return
        terminals = self.terminals_in_use()
        draws_ma = self.car.step(self.now_ms, self.signal_a * 1000, len(terminals))
        for terminal, draw_ma in zip(terminals, draws_ma):
            self.draws_ma[terminal] = draw_ma
        if max(self.draws_ma) > 0:
            self.session.has_charged = True

    def _cut(self):
        """Open the contactor: no signal, no current, at once."""
        self._signal.reset()
        if self.car:
            self.car.cut()

    def _contactor_is_held_open(self):
        return self._boot_until_ms is not None or self.error_bits != 0

    def _wants_to_signal(self):
        if self._contactor_is_held_open() or self.forced_status == tc.NOT_ALLOWED:
            return False
        return self.car is not None and self.session.may_charge()

    def _primary_a(self):
        amps_a = self.settings[tc.AMPS_TO_USE]
        if not self.watchdog.expired(self.now_ms):
            return amps_a
        after = self.reading["after_timeout"]
        if after == "stop":
            return 0
        failsafe_a = self.settings[tc.FAILSAFE_CURRENT]
        return failsafe_a if after == "failsafe" else min(amps_a, failsafe_a)

    def _primary_cause(self):
        expired = self.watchdog.expired(self.now_ms)
        return tc.CAUSE_EVSE_DEFAULTS if expired else tc.CAUSE_LOAD_BALANCE

    def _evse_status(self):
        if self.error_bits:
            return tc.ERROR
        if self.forced_status is not None:
            return self.forced_status
        return tc.NO_EV if self.car is None else self._status_with_car()

    def _status_with_car(self):
        if not self.session.may_charge():
            return tc.NOT_AUTHORIZED
        if max(self.draws_ma) > 0:
            return tc.CHARGING
        if self.car.is_full():
            return tc.STOPPED_BY_EV
        if self.signal_a:
            return tc.WAITING_FOR_EV
        return tc.PAUSED_AFTER_CHARGE if self.session.has_charged else tc.PAUSED_BEFORE_CHARGE

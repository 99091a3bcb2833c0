# A TeltoCharge charger, electrically: terminals, signal, session, and what may go wrong with it.
#
# It holds the settings that the primary writes and turns them into the current that its car may
# draw. `tables.py` shows it as registers. Currents are milliamperes, times milliseconds.
# The signal to the car follows a new limit after `signal_delay_ms` (1 s; a real one may need 5 s).
# `reading` answers what the register table leaves open, see readings.py; `lie` makes it a broken
# one, see lies.py. Twenty are stepped for simulated days: a step calls and builds little.

from . import lies, readings
from . import teltocharge as tc
from .car import VOLTS
from .delay import DelayLine
from .device import Device
from .limits import limit_and_cause
from .phases import OwnChoice, phases_on_terminals, terminals_by_code
from .session import Session
from .states import evse_status
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
        turnaround_ms=None,
        reading=None,
        cars=(),
    ):
        Device.__init__(self, address)
        self.turnaround_ms = turnaround_ms
        self.reading = readings.choose(reading)
        self.hears_broadcasts = self.reading["hears_broadcasts"]
        self.grid_phases = phases_on_terminals(phases)
        self._terminals = terminals_by_code(self.grid_phases)
        self.max_a = max_a
        self.boot_ms = boot_ms
        self.cable_a = cable_a
        self.cars = list(cars)

        self.serial = tc.SERIAL_NUMBER_BASE + address
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
        self.switches_under_load = 0  # by command
        self.frozen_writes = "obeyed"  # while its answers are frozen; or "dropped"
        self.held_a = amps_a  # what a parrot goes on with
        self._lie = None
        self._signal = DelayLine(signal_delay_ms)
        self._boot_until_ms = None
        by_itself = self.reading["phase_choice"] == "itself" and len(self.grid_phases) > 1
        self.own_choice = OwnChoice(self.grid_phases) if by_itself else None
        self._load_defaults(amps_a)
        self.table = RegisterTable(self)

    def read(self, function, register, count):
        return self.table.read(function, register, count)

    def write(self, function, register, values):
        self.table.write(function, register, values)

    def is_deaf(self):
        return self.deaf or self._boot_until_ms is not None

    def restart(self, boot_ms=None):
        """Reboot as of the last step: the contactor opens, nothing is heard for `boot_ms`."""
        self._boot_until_ms = self.now_ms + (self.boot_ms if boot_ms is None else boot_ms)
        self.thaw()
        self._cut()
        if self.reading["after_restart"] == "defaults":
            self._load_defaults(self.max_a)

    def lose_registers(self):
        """All settings are back at their defaults, without a word and without a pause."""
        self._load_defaults(self.max_a)

    def swap(self):
        """Somebody hangs another unit of the same kind in its place, fresh from the box."""
        self.serial += 100_000
        self.lie = None
        self.restart()
        self._load_defaults(self.max_a)

    def freeze(self):
        """Reads show what the registers hold now, until `thaw`; see `frozen_writes`."""
        self.table.freeze()

    def thaw(self):
        self.table.thaw()

    @property
    def lie(self):
        """None or one of lies.LIES."""
        return self._lie

    @lie.setter
    def lie(self, lie):
        if lie is not None and lie not in lies.LIES:
            raise ValueError("%s is none of %s" % (lie, lies.LIES))
        self._lie = lie
        self.held_a = self.settings[tc.AMPS_TO_USE]

    # --- its life

    def step(self, now_ms):
        passed_ms = now_ms - self.now_ms
        self.now_ms = now_ms
        if self._boot_until_ms is not None and now_ms >= self._boot_until_ms:
            self._boot_until_ms = None
            self.watchdog.restart(now_ms)
        self._look_for_car()
        if self.car is not None:
            self._count_energy(passed_ms)
        if self.car is not None or not self._signal.is_still() or self.is_drawing():
            self._drive_car()
        status = evse_status(self)
        if status != self.status:
            self.status = status
            self.status_since_ms = now_ms

    def grid_current_ma(self):
        """What it draws on the grid's L1, L2, L3."""
        grid_ma = [0, 0, 0]
        self.add_current_ma(grid_ma)
        return grid_ma

    def add_current_ma(self, grid_ma):
        """Add what it draws to the currents of the grid's phases."""
        if self.car is None:
            return
        for phase, draw_ma in zip(self.grid_phases, self.draws_ma):
            grid_ma[phase] += draw_ma

    def is_drawing(self):
        return any(self.draws_ma)

    def limit_and_cause(self):
        """The ampere limit that truly holds now, and its current_limit_cause."""
        return limit_and_cause(self)

    def connected_bits(self):
        bits = 0
        for phase in self.grid_phases:
            bits |= 1 << phase
        return bits

    def terminals_in_use(self):
        """The terminals that phase_to_use leaves on."""
        return self._terminals[self.settings[tc.PHASE_TO_USE]]

    def switch_phases(self, code):
        """By command; one under current is counted."""
        if max(self.draws_ma) >= FLOWING_MA and code != self.settings[tc.PHASE_TO_USE]:
            self.switches_under_load += 1
        self.table.put(tc.PHASE_TO_USE, code)

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
        self.held_a = amps_a
        if self.own_choice:
            self.own_choice.is_commanded()

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
        if self.own_choice:
            self.own_choice.car_has_left(self.settings)
        if here is None and self.settings[tc.SOCKET_LOCK_REQUEST] == 2:
            self.settings[tc.SOCKET_LOCK_REQUEST] = 0

    def _count_energy(self, passed_ms):
        taken_uj = sum(self.draws_ma) * VOLTS * passed_ms if self.car.draw_ma else 0
        self.session.count(passed_ms, taken_uj)
        self.lifetime_uj += taken_uj

    def _drive_car(self):
        held_open = self._boot_until_ms is not None or self.error_bits != 0
        if held_open:
            self._cut()
        car, now_ms = self.car, self.now_ms
        may_signal = car is not None and not held_open and self._wants_to_signal()
        wanted_a = limit_and_cause(self)[0] if may_signal else 0
        self.signal_a = self._signal.step(now_ms, wanted_a)
        draws_ma = [0] * len(self.grid_phases)
        self.draws_ma = draws_ma
        if car is None:
            return
        terminals = self.terminals_in_use()
        used = car.step(now_ms, self.signal_a * 1000, len(terminals))
        if used and car.draw_ma:
            self.session.has_charged = True
            for terminal in terminals[:used]:
                draws_ma[terminal] = car.draw_ma
        if self.own_choice:
            self.own_choice.step(now_ms, self.settings, len(terminals), draws_ma)

    def _cut(self):
        """Open the contactor: no signal, no current, at once."""
        self._signal.reset()
        if self.car:
            self.car.cut()

    def _wants_to_signal(self):
        return self.forced_status != tc.NOT_ALLOWED and self.session.may_charge()

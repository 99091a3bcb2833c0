# A charger as its 45 registers: what a read shows, what a write may set.
#
# Refusals are ModbusError: 1 function, 2 register, 3 value or count. A write of several registers
# is taken whole or not at all. What happens to a bad value is one of the open readings.
# Frozen, it shows the words of one moment for ever; checks, and what is refused, stay as they are.

from . import teltocharge as tc
from .device import ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE, ModbusError
from .lies import DEAF_EAR
from .watchdog import AMPS, ANY, WRITE

FIRMWARE = 11200  # 1.12.00
UJ_PER_CENTI_KWH = 36_000_000_000  # 0.01 kWh, the unit of the energy registers


class RegisterTable:
    """The Modbus side of one charger."""

    def __init__(self, charger):
        self._charger = charger
        self._reading = charger.reading
        self._frozen = None  # the words that every read shows

    def freeze(self):
        self._frozen = self._words(0, tc.COUNT)

    def thaw(self):
        self._frozen = None

    def read(self, function, register, count):
        self._feed(ANY)
        if function not in self._reading["read_functions"]:
            raise ModbusError(ILLEGAL_FUNCTION)
        if not 1 <= count <= self._reading["max_read"]:
            raise ModbusError(ILLEGAL_VALUE)
        if register + count > tc.COUNT:
            raise ModbusError(ILLEGAL_ADDRESS)
        end = register + count
        words = self._words(register, end) if self._frozen is None else self._frozen
        return words[register:end]

    def write(self, function, register, values):
        self._feed(ANY)
        if function not in self._reading["write_functions"]:
            raise ModbusError(ILLEGAL_FUNCTION)
        for offset in range(len(values)):
            if register + offset not in tc.WRITABLE:
                raise ModbusError(ILLEGAL_ADDRESS)
        accepted = []
        for offset, value in enumerate(values):
            taken = self._valid(register + offset, value)
            if taken is not None:
                accepted.append((register + offset, taken))
        if self._drops_writes():
            return
        for target, value in accepted:
            self._obey(target, value)
            self._feed(AMPS if target == tc.AMPS_TO_USE else WRITE)

    def put(self, register, value):
        """Set a valid value, with all that follows from it."""
        charger = self._charger
        charger.settings[register] = value
        if register == tc.PHASE_TO_USE and charger.own_choice:
            charger.own_choice.is_commanded()
        elif register == tc.COMMUNICATION_TIMEOUT:
            charger.watchdog.timeout_s = value
        elif register == tc.SESSION_REQUEST:
            charger.ask_session(value)
        elif register == tc.AUTHORIZE_REQUEST:
            charger.authorize(value)
        elif register == tc.REBOOT_REQUEST and value:
            charger.settings[register] = 0
            charger.restart()

    def nearest(self, register, value):
        """The value itself where the table allows it, else the one to move it to."""
        charger = self._charger
        if register == tc.PHASE_TO_USE:
            return self._nearest_phases(value)
        if register in tc.CURRENTS:
            return 0 if value == 0 else min(max(value, tc.MIN_A), charger.max_a)
        low, high = tc.RANGES[register]
        if register == tc.SESSION_REQUEST:
            high = self._reading["session_request_max"]
        return min(max(value, low), high)

    def _obey(self, register, value):
        charger = self._charger
        if register == tc.PHASE_TO_USE:
            charger.switch_phases(value)
        elif register != tc.AMPS_TO_USE or charger.lie != DEAF_EAR:
            self.put(register, value)

    def _drops_writes(self):
        return self._frozen is not None and self._charger.frozen_writes == "dropped"

    def _feed(self, food):
        # What is dropped reaches nothing inside, its watchdog included.
        if not self._drops_writes():
            self._charger.watchdog.feed(self._charger.now_ms, food)

    def _valid(self, register, value):
        """The value to set, None for "leave it"; raises where the reading says so."""
        nearest = self.nearest(register, value)
        if nearest == value:
            return value
        if self._reading["bad_value"] == "exception":
            raise ModbusError(ILLEGAL_VALUE)
        return nearest if self._reading["bad_value"] == "clamp" else None

    def _nearest_phases(self, code):
        charger = self._charger
        connected = tc.phase_code(charger.connected_bits())
        if code > 7:
            return connected
        if len(charger.grid_phases) == 1:
            return connected
        return code if tc.PHASE_BITS[code] & ~charger.connected_bits() == 0 else connected

    def _words(self, first, end):
        """All words; those outside first..end - 1 may be missing, which are most of the work."""
        words = [0] * tc.COUNT
        if first <= tc.CURRENT_L3:
            self._show_line(words)
        if first <= tc.CURRENT_LIMIT_CAUSE and end > tc.EVSE_STATUS:
            self._show_state(words)
        if first <= tc.MAX_SUPPORTED_POWER and end > tc.EVSE_ID:
            self._show_identity(words)
            for register, word in self._charger.settings.items():
                words[register] = word
        if end > tc.ACTIVE_POWER:
            self._show_energy(words)
        return words

    def _show_line(self, words):
        charger = self._charger
        for terminal, phase in enumerate(charger.grid_phases):
            words[tc.VOLTAGE_L1 + terminal] = charger.grid_voltages[phase]
            words[tc.CURRENT_L1 + terminal] = (charger.draws_ma[terminal] + 50) // 100

    def _show_identity(self, words):
        charger = self._charger
        three = len(charger.grid_phases) == 3
        words[tc.EVSE_ID] = tc.IDENTITY
        words[tc.THREE_PHASE_POSSIBLE] = int(three)
        words[tc.PHASE_CHANGE_POSSIBLE] = int(len(charger.grid_phases) > 1)
        words[tc.AMP_LIMIT] = charger.max_a
        words[tc.PHASE_CONNECTED] = tc.phase_code(charger.connected_bits())
        words[tc.AUTHORIZATION_REQUIRED] = int(charger.authorization_required)
        words[tc.PRODUCT_CODE] = 1234
        words[tc.SERIAL_NUMBER_LO] = charger.serial & 0xFFFF
        words[tc.SERIAL_NUMBER_HI] = charger.serial >> 16
        words[tc.FIRMWARE_VERSION] = FIRMWARE
        words[tc.MAX_GRID_CURRENT] = charger.max_grid_a
        words[tc.USER_MAX_CURRENT] = charger.user_max_a
        words[tc.MAX_SUPPORTED_POWER] = 0 if not three else 1 if charger.max_a <= 16 else 2

    def _show_state(self, words):
        charger = self._charger
        status_s = (charger.now_ms - charger.status_since_ms) // 1000
        words[tc.EVSE_STATUS] = charger.status
        words[tc.EVSE_STATUS_TIME_LO] = status_s & 0xFFFF
        words[tc.EVSE_STATUS_TIME_HI] = status_s >> 16 & 0xFFFF
        words[tc.IEC_STATE] = tc.IEC_STATES[charger.status]
        words[tc.CHARGE_POINT_STATE] = tc.CHARGE_POINT_STATES[charger.status]
        if charger.session.stopped and charger.status == tc.NOT_AUTHORIZED:
            words[tc.CHARGE_POINT_STATE] = tc.STOPPED_BY_USER
        words[tc.LOCK_STATUS] = int(charger.car is not None)
        words[tc.INTERNAL_TEMPERATURE] = 350
        words[tc.WARNING_CODE] = charger.warning_bits
        words[tc.ERROR_CODE] = charger.error_bits
        words[tc.CURRENT_LIMIT_CAUSE] = charger.limit_and_cause()[1]

    def _show_energy(self, words):
        charger = self._charger
        words[tc.ACTIVE_POWER] = power_w(charger)
        words[tc.SESSION_ENERGY] = charger.session.energy_uj // UJ_PER_CENTI_KWH & 0xFFFF
        words[tc.SESSION_DURATION] = charger.session.duration_ms // 1000 & 0xFFFF
        lifetime = charger.lifetime_uj // UJ_PER_CENTI_KWH
        for word in range(4):
            words[tc.LIFETIME_ENERGY_W0 + word] = lifetime >> 16 * word & 0xFFFF


def power_w(charger):
    """Active power now, watts."""
    total_mw = 0
    for terminal, phase in enumerate(charger.grid_phases):
        total_mw += charger.draws_ma[terminal] * charger.grid_voltages[phase]
    return total_mw // 1000

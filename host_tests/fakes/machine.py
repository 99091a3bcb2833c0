# Stands in for a port's `machine` below the board files, as strict as the ports are: a pin that
# is not there, a UART that cannot use a pin, a flash pin, a strapping pin or a pin used for two
# things is an error. What was done is written down in `log`.
#
# The chip is $CHIP: rp2040, rp2350b, esp32, esp32s3. $STRAPPED names strapping pins that the
# board's maker has wired all the same.
# Sources: rp2 port, machine_uart.c (pins and sizes) and machine_wdt.c; ESP32 and ESP32-S3
# datasheets (pins), esp32 port, machine_uart.c.

import os

CHIP = os.getenv("CHIP")
RP2 = CHIP.startswith("rp2")

# chip: (pins there, pins of the flash, strapping pins, pins that only read)
_PINS = {
    "rp2040": (range(30), (), (), ()),
    "rp2350b": (range(48), (), (), ()),
    "esp32": (
        list(range(20)) + [21, 22, 23, 25, 26, 27] + list(range(32, 40)),
        range(6, 12),
        (0, 2, 5, 12, 15),
        range(34, 40),
    ),
    "esp32s3": (
        list(range(22)) + list(range(26, 49)),
        range(26, 33),
        (0, 3, 45, 46),
        (),
    ),
}
_THERE, _FLASH, _STRAPPING, _READ_ONLY = _PINS[CHIP]
_ALLOWED = [int(pin) for pin in (os.getenv("STRAPPED") or "").split()]
_NAMED = ("LED",) if RP2 else ()

WDT_RESET = 3
MOST_LOG = 500  # events that are kept


class _Log(list):
    def append(self, event):
        if len(self) < MOST_LOG:
            super().append(event)


log = _Log()
owners = {}  # pin: what uses it
levels = {}  # pin: as it is from outside
uarts = {}
watchdog_ms = []


def claim(pin, owner):
    """A pin is for one thing; a UART may be made anew on its own."""
    if pin not in _NAMED:
        if pin not in _THERE:
            raise ValueError("invalid pin %s" % pin)
        if pin in _FLASH:
            raise ValueError("pin %d is the flash's" % pin)
        if pin in _STRAPPING and pin not in _ALLOWED:
            raise ValueError("pin %d is a strapping pin" % pin)
    before = owners.get(pin, owner)
    if before != owner:
        raise ValueError("pin %s is used by %s and %s" % (pin, before, owner))
    owners[pin] = owner


class Pin:
    IN = 0
    OUT = 1
    PULL_UP = 1

    def __init__(self, pin, mode=-1, pull=-1, value=None):
        self.id = pin
        self.mode = mode
        if mode == -1:
            return
        if pin in _READ_ONLY and (mode == self.OUT or pull == self.PULL_UP):
            raise ValueError("pin %d can only read, and has no pull-up" % pin)
        claim(pin, "output" if mode == self.OUT else "input")
        if mode == self.OUT:
            if value is None:
                raise ValueError("an output starts with a level that is meant")
            self(value)

    def __call__(self, value=None):
        if value is None:
            return levels.get(self.id, 1)  # the pull-up's
        if self.mode != self.OUT:
            raise ValueError("pin %s is no output" % self.id)
        levels[self.id] = int(value)
        log.append(("pin", self.id, int(value)))


def _rp2_pins(uart, tx, rx):
    for pin, role in ((tx, 0), (rx, 1)):
        if pin & 3 != role or (pin + 4 & 8) >> 3 != uart:
            raise ValueError("bad %s pin" % ("TX", "RX")[role])


class UART:
    def __init__(
        self,
        uart,
        *,
        baudrate,
        bits,
        parity,
        stop,
        tx,
        rx,
        timeout,
        timeout_char,
        txbuf,
        rxbuf,
    ):
        if uart not in ((0, 1) if RP2 else (1, 2)):
            raise ValueError("UART(%d) does not exist, or is the REPL's" % uart)
        if RP2:
            _rp2_pins(uart, tx, rx)
        if tx in _READ_ONLY:
            raise ValueError("TX pin can only read")
        if not 32 <= rxbuf <= 32766 or not 32 <= txbuf <= 32766:
            raise ValueError("buffer size")
        if not RP2 and (rxbuf <= 128 or txbuf <= 128):
            raise ValueError("IDF wants buffers above its FIFO's 128 bytes")
        if bits != 8 or stop not in (1, 2) or parity not in (None, 0, 1):
            raise ValueError("format")
        claim(tx, "UART%d" % uart)
        if owners.get(rx) == "input":
            del owners[rx]  # given its pull-up before
            log.append(("pulled up", rx))
        claim(rx, "UART%d" % uart)
        self.id = uart
        self.opened = [baudrate, bits, parity, stop, timeout, timeout_char, txbuf, rxbuf]
        self._waiting = b""
        uarts[uart] = self

    def came(self, data):
        """The line brings something."""
        self._waiting += data

    def any(self):
        return len(self._waiting)

    def readinto(self, view):
        if not self._waiting:
            return None
        if len(view) > len(self._waiting):
            raise ValueError("would wait for what is not there")
        view[:] = self._waiting[: len(view)]
        self._waiting = self._waiting[len(view) :]
        return len(view)

    def write(self, data):
        log.append(("sent", self.id, bytes(data)))
        return len(data)

    def flush(self):
        log.append(("flushed", self.id))


class PWM:
    def __init__(self, pin, *, freq, duty_u16):
        claim(pin.id, "PWM")
        self._pin = pin.id
        self.duty_u16(duty_u16)

    def duty_u16(self, duty):
        if not 0 <= duty <= 65535:
            raise ValueError("duty")
        log.append(("duty", self._pin, duty))


class ADC:
    def __init__(self, pin):
        first = 40 if CHIP == "rp2350b" else 26
        if not first <= pin.id <= first + 3:
            raise ValueError("Pin doesn't have ADC capabilities")
        claim(pin.id, "ADC")


class WDT:
    def __init__(self, *, timeout):
        if timeout <= 0 or (RP2 and timeout > 8388):
            raise ValueError("timeout")
        watchdog_ms.append(timeout)

    def feed(self):
        log.append(("fed",))


class I2C:
    """Two expanders, as on M5Stack's StamPLC."""

    devices = {0x43: bytearray(256), 0x59: bytearray(256)}

    def __init__(self, bus, *, scl, sda, freq):
        if levels.get(3) != 1:
            raise ValueError("the expanders are held in their reset")
        claim(scl.id, "I2C")
        claim(sda.id, "I2C")

    def _device(self, address):
        if address not in self.devices:
            raise OSError(19)
        return self.devices[address]

    def writeto_mem(self, address, register, data):
        self._device(address)[register : register + len(data)] = data

    def readfrom_mem_into(self, address, register, buffer):
        buffer[:] = self._device(address)[register : register + len(buffer)]


class _Memory:
    def __init__(self):
        self.words = {}

    def __getitem__(self, address):
        return self.words.get(address, 0)

    def __setitem__(self, address, value):
        self.words[address] = value


mem32 = _Memory()


def bitstream(pin, encoding, timing, data):
    if encoding != 0 or len(timing) != 4:
        raise ValueError("encoding")
    log.append(("bits", pin.id, list(data)))


def reset_cause():
    return 1


def reset():
    log.append(("reset",))

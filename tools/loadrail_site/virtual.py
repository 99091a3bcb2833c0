# The primary and a site in virtual time: the same core, real frame times, no bytes and no waiting.
#
# Each bus carries one request at a time. A transaction lasts what its bytes last on the line, plus
# twice t3.5 and the device's turnaround; one without an answer lasts the core's time-out. `faults`
# may spoil it. Between requests time goes on in steps of `idle_ms`, and the site with it. A run of
# many hours may take longer steps, and let the site stand still for `site_step_ms` at a time:
# devices then answer and act as of its last step.

from loadrail.request import EXCEPTION, MISMATCH, OK, PORT, READ_INPUT, TIMEOUT, WRITE_SINGLE

from .device import ModbusError

IDLE_MS = 5  # how long a bus rests when the core has nothing for it


def transaction_us(request, baud, char_bits, turnaround_ms) -> int:
    """The line's floor for one answered request, in microseconds."""
    char_us = char_bits * 1_000_000 // baud
    gap_us = char_us * 7 // 2 if baud <= 19200 else 1750
    if request.function <= READ_INPUT:
        count = 8 + 5 + 2 * request.count
    elif request.function == WRITE_SINGLE:
        count = 8 + 8
    else:
        count = 9 + 2 * request.count + 8
    return count * char_us + 2 * gap_us + turnaround_ms * 1000


class VirtualBus:
    """The time that one line takes."""

    def __init__(self, line: dict, turnaround_ms: int = 5):
        self.baud = line["baud"]
        self.char_bits = 10 + (line["parity"] != "N") + (line["stop_bits"] == 2)
        self.turnaround_ms = turnaround_ms
        self.ends_us = 0  # of the transaction or the rest under way
        self.request = None
        self.result = None
        self.transactions = 0
        self.timeouts = 0


class Run:
    """`primary` steers `site`. `offset_ms` is what the tick counter shows at the start.

    faults(bus, request, now_ms) -> None or a result that replaces the device's answer; the device
    has then heard the request if the result is CRC, MISMATCH or EXCEPTION, else it has not; to
    lose only the answer return ("late", TIMEOUT).
    on_frame(bus, request, now_ms): called as each frame goes out.
    """

    def __init__(
        self,
        primary,
        site,
        *,
        offset_ms=0,
        turnaround_ms=5,
        faults=None,
        on_frame=None,
        idle_ms=IDLE_MS,
        site_step_ms=0,
    ):
        self.primary = primary
        self.site = site
        self.offset_ms = offset_ms
        self.idle_ms = idle_ms
        self.site_step_ms = site_step_ms  # 0: at every frame
        self.faults = faults
        self.on_frame = on_frame
        config = primary.config
        self.buses = [VirtualBus(config["bus"], turnaround_ms)]
        if primary.buses == 2:
            self.buses.append(VirtualBus(config["meter"]["bus"], turnaround_ms))
        self.now_us = 0

    @property
    def now_ms(self) -> int:
        return self.now_us // 1000

    def ticks_ms(self) -> int:
        """What the core is told."""
        return (self.offset_ms + self.now_ms) & 0x3FFFFFFF

    def until(self, end_ms: int) -> None:
        """Run on to this moment of the site's time."""
        while True:
            bus = 0
            for k in range(1, len(self.buses)):
                if self.buses[k].ends_us < self.buses[bus].ends_us:
                    bus = k
            if self.buses[bus].ends_us > end_ms * 1000:
                self.now_us = end_ms * 1000
                self.site.step(end_ms)
                return
            self.now_us = max(self.now_us, self.buses[bus].ends_us)
            if self.now_ms - self.site.now_ms >= self.site_step_ms:
                self.site.step(self.now_ms)
            self._serve(bus)

    def _serve(self, k) -> None:
        """End what bus `k` carries, and begin what comes next."""
        bus = self.buses[k]
        if bus.request is not None:
            result, words = bus.result
            bus.request = None
            self.primary.answer(k, self.ticks_ms(), result, words)
        request = self.primary.next_request(k, self.ticks_ms())
        if request is None:
            bus.ends_us = self.now_us + self.idle_ms * 1000
            return
        bus.request = request
        bus.transactions += 1
        if self.on_frame:
            self.on_frame(k, request, self.now_ms)
        bus.result = self._carry(k, request)
        floor_us = transaction_us(request, bus.baud, bus.char_bits, bus.turnaround_ms)
        if bus.result[0] == TIMEOUT:
            bus.timeouts += 1
            floor_us = max(floor_us, request.timeout_ms * 1000)
        bus.ends_us = self.now_us + floor_us

    def _carry(self, k, request):
        """(result, words) of one request; the device acts as the request reaches it."""
        spoilt = self.faults(k, request, self.now_ms) if self.faults else None
        if spoilt in (TIMEOUT, PORT):
            return spoilt, None
        result, words = self._device(request)
        if isinstance(spoilt, tuple):
            return spoilt[1], None
        if spoilt is not None and result in (OK, EXCEPTION, MISMATCH):
            return spoilt, None
        return result, words

    def _device(self, request):
        device = self.site.device(request.unit)
        if device is None:
            return TIMEOUT, None
        values = None if request.values is None else list(request.values)
        try:
            words = device.request(request.function, request.register, request.count, values)
        except ModbusError as error:
            request.exception = error.code
            return EXCEPTION, None
        return (TIMEOUT, None) if words is None else (OK, words)

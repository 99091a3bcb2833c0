# The primary and a site in virtual time: the same core, real frame times, no bytes and no waiting.
#
# Each bus carries one request at a time. A transaction lasts what its bytes last on the line, plus
# twice t3.5 and the device's turnaround; one without an answer lasts the core's time-out. What
# comes after that is lost, and in the way of the next request. `faults` may spoil any of it.
# Between requests time goes on in steps of `idle_ms`, and the site with it. A run of many hours
# may take longer steps, and let the site stand still for `site_step_ms` at a time: devices then
# answer and act as of its last step.

from loadrail.request import CRC, EXCEPTION, MISMATCH, OK, PORT, TIMEOUT

from .bus import VirtualBus
from .device import Garbled, ModbusError

IDLE_MS = 5  # how long a bus rests when the core has nothing for it

# Kinds of faults that are more than another result.
LATE = "late"
OVERDUE = "overdue"
DOUBLED = "doubled"

_ANSWERS = (OK, EXCEPTION, MISMATCH, CRC)


class Run:
    """`primary` steers `site`. `offset_ms` is what the tick counter shows at the start.

    faults(bus, request, now_ms) -> None, or what goes wrong with this request:
      CRC, MISMATCH, EXCEPTION   replaces the answer; the device has heard the request
      TIMEOUT, PORT              ends it; the device has not
      (LATE, result)             the device has heard it, its answer is lost, so the result
      (OVERDUE, after_ms)        the same with TIMEOUT; the answer comes that long after it
      DOUBLED                    the answer comes twice, the second one for nobody
    turnaround_ms: of devices that have none of their own; all that bus.py allows.
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
            self.buses.append(VirtualBus(config["meter"]["bus"], turnaround_ms, seed=2))
        self.now_us = 0

    @property
    def now_ms(self) -> int:
        return self.now_us // 1000

    def ticks_ms(self) -> int:
        """What the core is told."""
        return (self.offset_ms + self.now_ms) & 0x3FFFFFFF

    def until(self, end_ms: int) -> None:
        """Run on to this moment of the site's time."""
        end_us = end_ms * 1000
        site, buses = self.site, self.buses
        while True:
            bus = 0
            for k in range(1, len(buses)):
                if buses[k].ends_us < buses[bus].ends_us:
                    bus = k
            if buses[bus].ends_us > end_us:
                self.now_us = end_us
                site.step(end_ms)
                return
            self.now_us = max(self.now_us, buses[bus].ends_us)
            now_ms = self.now_us // 1000
            if now_ms - site.now_ms >= self.site_step_ms:
                site.step(now_ms)
            self._serve(bus)

    def _serve(self, k) -> None:
        """End what bus `k` carries, and begin what comes next."""
        bus = self.buses[k]
        ticks_ms = self.ticks_ms()
        if bus.request is not None:
            result, words = bus.result
            bus.request = None
            self.primary.answer(k, ticks_ms, result, words)
        request = self.primary.next_request(k, ticks_ms)
        if request is None:
            bus.ends_us = self.now_us + self._rest_ms(k, ticks_ms) * 1000
            return
        bus.request = request
        bus.transactions += 1
        if self.on_frame:
            self.on_frame(k, request, self.now_ms)
        self._carry(k, bus, request)

    def _rest_ms(self, k, ticks_ms) -> int:
        """Until it is worth to ask for the next request: on a meter's own bus, when one is due."""
        if k == 0:
            return self.idle_ms
        rest_ms = self.primary.meter.reader.rest_ms(ticks_ms)
        return max(1, -(-rest_ms // self.idle_ms)) * self.idle_ms

    def _carry(self, k, bus, request) -> None:
        """Decide how a request ends, and when; the device acts as the request reaches it."""
        now_us, wait_us, spoilt = self.now_us, 0, None
        device = self.site.device(request.unit)
        turnaround_ms = bus.turnaround_of(device, request, self.now_ms)
        span_us = bus.span_us(request, turnaround_ms)
        if bus.stray_until_us > now_us:
            wait_us, spoilt = bus.meet_stray(now_us, request, span_us)
        if self.faults:
            fault = self.faults(k, request, self.now_ms)
            spoilt = spoilt if fault is None else fault
        request.exception = 0
        request.turnaround_ms = None
        first_byte_ms = bus.first_byte_ms(turnaround_ms)
        result, words = _outcome(device, request, spoilt)
        if result in _ANSWERS and first_byte_ms > request.timeout_ms:
            bus.leave_stray(now_us + wait_us + span_us - bus.answer_us(request), request)
            result, words = TIMEOUT, None
        elif result in (OK, EXCEPTION):
            request.turnaround_ms = first_byte_ms
        if result == TIMEOUT:
            bus.timeouts += 1
            span_us = bus.unanswered_us(request)
        bus.result = (result, words)
        bus.ends_us = now_us + wait_us + span_us
        if spoilt == DOUBLED and result == OK:
            bus.leave_stray(bus.ends_us, request)
        elif isinstance(spoilt, tuple) and spoilt[0] == OVERDUE:
            bus.leave_stray(bus.ends_us + spoilt[1] * 1000, request)


def _outcome(device, request, spoilt):
    """(result, words) of a request that meets this fault, at this device or at none."""
    if spoilt in (TIMEOUT, PORT):
        return spoilt, None
    result, words = _answer(device, request)
    if spoilt is None or spoilt == DOUBLED:
        return result, words
    if isinstance(spoilt, tuple):
        kind, more = spoilt
        return (TIMEOUT if kind == OVERDUE else more), None
    return (spoilt, None) if result in _ANSWERS else (result, words)


def _answer(device, request):
    if device is None:
        return TIMEOUT, None
    count = request.count
    values = None if request.values is None else list(request.values)[:count]
    try:
        words = device.request(request.function, request.register, count, values)
    except Garbled:
        return CRC, None
    except ModbusError as error:
        request.exception = error.code
        return EXCEPTION, None
    return (TIMEOUT, None) if words is None else (OK, words)

# A line with devices on it, and a search on that line, in virtual time.
#
# A device answers only in its own format, and takes its turnaround; every request takes what it
# takes on the line, an unanswered one its time-out.

from loadrail import meters
from loadrail.clock import add_ms
from loadrail.line import char_bits, char_us, gap_us, request_bytes, transaction_us
from loadrail.request import EXCEPTION, OK, TIMEOUT, Request
from loadrail.search import FOUND, Search
from loadrail_site.device import Device, ModbusError
from loadrail_site.meters_simulated import SimulatedMeter

WRAP_MS = 1 << 30
LOAD_MA = [10_000, -5000, 500]


def a_meter(model, address=None, line=None):
    """A simulated meter under load and its line, as delivered where nothing else is said."""
    row = meters.load(model)
    line = line or row["line"][1:]
    meter = SimulatedMeter(model, address or row["line"][0], baud=line[0])
    meter.set(LOAD_MA)
    return meter, line


def is_found(bench, model, address, line):
    found = bench.search.found
    assert found is not None, (model, bench.kinds)
    assert bench.search.state == FOUND
    assert model == found.model or model in found.alike, (model, found.model)
    assert (found.address, found.line) == (address, line), model


class Bench:
    """`devices`: (device, its line). `spoil(request)` may give another result than the device."""

    def __init__(self, devices, turnaround_ms=20, start_ms=WRAP_MS - 4000, spoil=None, **search):
        self.devices = devices
        self.turnaround_ms = turnaround_ms
        self.spoil = spoil
        self.search = Search(**search)
        self.request = Request()
        self.now_ms = start_ms
        self.line_us = 0
        self.asked = []  # (line, unit, function, register, count), the first 500
        self.places = {}  # line: for each address whether it was asked

    def run(self, most_requests=100_000):
        """To the end of the search; gives itself back."""
        while most_requests and self.search.next(self.request, self.now_ms):
            most_requests -= 1
            self.carry()
        return self

    def carry(self):
        request, line = self.request, self.search.line
        assert request.values is None and request.function in (3, 4), "a search never writes"
        assert 1 <= request.unit <= 247 and 1 <= request.count <= 125
        self.places.setdefault(line, bytearray(248))[request.unit] = 1
        if len(self.asked) < 500:
            read = (request.unit, request.function, request.register, request.count)
            self.asked.append((line,) + read)
        request.exception = 0
        request.turnaround_ms = None
        result, words = self.spoil(request) if self.spoil else (None, None)
        if result is None:
            result, words = self._answer(request, line)
        turnaround_ms = self.turnaround_ms
        if result in (OK, EXCEPTION):
            if turnaround_ms > request.timeout_ms:
                result, words = TIMEOUT, None
            else:
                request.turnaround_ms = turnaround_ms
        bits = char_bits(line[1], line[2])
        if result == TIMEOUT:
            char = char_us(line[0], bits)
            before_us = max(gap_us(line[0], char), 1000 * self.search.gap_ms)
            us = before_us + request_bytes(request) * char + 1000 * request.timeout_ms
        else:
            us = transaction_us(request, line[0], bits, turnaround_ms, self.search.gap_ms)
        self.line_us += us
        self.now_ms = add_ms(self.now_ms, (us + 999) // 1000)
        self.search.answer(self.now_ms, result, words)

    def _answer(self, request, line):
        for device, its_line in self.devices:
            if its_line == line and device.address == request.unit:
                try:
                    words = device.request(request.function, request.register, request.count)
                except ModbusError as refused:
                    request.exception = refused.code
                    return EXCEPTION, None
                return (TIMEOUT, None) if words is None else (OK, words)
        return TIMEOUT, None

    @property
    def seconds(self):
        return self.line_us / 1_000_000

    @property
    def kinds(self):
        """Address, kind and name of all that answered and was no meter."""
        return [(address, kind, name) for address, _, kind, name in self.search.answered]


class Shy(Device):
    """Does what another device does, but where that would refuse it keeps silent."""

    def __init__(self, device):
        Device.__init__(self, device.address)
        self.device = device

    def request(self, function, register, count, values=None):
        try:
            return self.device.request(function, register, count, values)
        except ModbusError:
            return None

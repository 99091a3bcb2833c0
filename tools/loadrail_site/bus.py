# One line in virtual time: how long things take on it, and what is still on its way.
#
# Times are microseconds of the run, turnarounds milliseconds. A turnaround is whole milliseconds,
# a range (least, most) that is drawn from for each answer, or a function of the request and the
# run's milliseconds.
# A stray answer comes when nobody waits for it any more. Like the transport, a request that finds
# one on the line lets it pass; one that it runs into is not understood, or its answer is damaged.

from loadrail.line import answer_bytes, char_bits, char_us, gap_us, request_bytes, transaction_us
from loadrail.request import CRC, TIMEOUT

from .dice import Dice


class VirtualBus:
    """`line`: baud, parity and stop_bits as in a configuration, gap_ms if there is one."""

    def __init__(self, line, turnaround_ms=5, seed=1):
        self.baud = line["baud"]
        self.char_bits = char_bits(line["parity"], line["stop_bits"])
        self.char_us = char_us(self.baud, self.char_bits)
        self.turnaround_ms = turnaround_ms  # of devices that have none of their own
        self.ends_us = 0  # of the transaction or the rest under way
        self.request = None
        self.result = None
        self.transactions = 0
        self.timeouts = 0
        self.stray_until_us = 0  # none later than that
        self._stray_from_us = 0
        self._gap_ms = line.get("gap_ms", 0)  # of silence before a request, if more than t3.5
        self._gap_us = gap_us(self.baud, self.char_us)
        self._dice = Dice(seed)

    def turnaround_of(self, device, request, now_ms):
        """How long this device takes this time; `device` may be None."""
        wanted = None if device is None else device.turnaround_ms
        if wanted is None:
            wanted = self.turnaround_ms
        if isinstance(wanted, int):
            return wanted
        if callable(wanted):
            return wanted(request, now_ms)
        least, most = wanted
        return least + self._dice.roll(most - least + 1)

    def span_us(self, request, turnaround_ms):
        """Of an answered request, from the silence before it to its answer's last byte."""
        return transaction_us(request, self.baud, self.char_bits, turnaround_ms, self._gap_ms)

    def unanswered_us(self, request):
        """Of a request without an answer: the core's time-out."""
        return max(self.span_us(request, 0), request.timeout_ms * 1000)

    def first_byte_ms(self, turnaround_ms):
        """From the last byte sent to where the answer begins, t3.5 in it; see Request."""
        return turnaround_ms + (self._gap_us + 999) // 1000

    def answer_us(self, request):
        return answer_bytes(request) * self.char_us

    def leave_stray(self, from_us, request):
        """An answer to `request` will be on the line from then on."""
        self._stray_from_us = from_us
        self.stray_until_us = from_us + self.answer_us(request)

    def meet_stray(self, now_us, request, span_us):
        """(microseconds to wait, None or how the request ends) where a stray is still to come."""
        from_us, until_us = self._stray_from_us, self.stray_until_us
        if from_us >= now_us + span_us:
            return 0, None
        self.stray_until_us = 0
        if from_us <= now_us:
            return until_us - now_us, None
        gap_us = max(self._gap_us, self._gap_ms * 1000)
        sent_us = now_us + gap_us + request_bytes(request) * self.char_us
        return 0, TIMEOUT if from_us < sent_us else CRC

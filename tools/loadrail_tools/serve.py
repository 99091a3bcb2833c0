"""A simulated site on ttys: pymodbus serves its devices, on wires that keep to the baud rate.

What the devices answer is bus_server.py's, when it is on the line wire.py's. The site goes on in
real time, in steps of 50 ms, from the moment of `start`.

    python -m loadrail_tools.serve --scenario day --seconds 90

prints one line of JSON with the ttys, then one with the site's state every --report-ms, and at the
end one with all that was recorded.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from loadrail_site import scenario as scenarios
from loadrail_site.dice import Dice
from loadrail_site.site import Site
from loadrail_tools.bus_server import BusServer
from loadrail_tools.wire import Line, Wire

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
CHARGER_BUS = "chargers"
METER_BUS = "meter"


@dataclass
class Bus:
    """One bus of a site: which devices hang on it, and how it is set."""

    name: str
    devices: list
    line: Line
    turnaround_ms: float = 5  # of devices that have none of their own
    fault: object = None  # see wire.py
    tty_path: str | None = None  # where the firmware finds it; None: in a folder of its own


def buses(site, line, meter_line=None, **settings):
    """The buses of a site: one for all, or with a `meter_line` two. `settings` as in Bus."""
    devices = site.devices()
    if meter_line is None:
        return [Bus(CHARGER_BUS, devices, line, **settings)]
    devices.remove(site.meter)
    return [
        Bus(CHARGER_BUS, devices, line, **settings),
        Bus(METER_BUS, [site.meter], meter_line, **settings),
    ]


def load_scenario(name):
    """The scenario of that name, or in that file. Raises OSError where there is none."""
    path = SCENARIOS / f"{name}.json"
    return scenarios.load(path if path.exists() else name)


def turnarounds(bus):
    """What each device of a bus takes to answer: a function of the request's frame, milliseconds.

    A device's own turnaround is a number, or a range (least, most) that is drawn from.
    """
    own_ms = {device.address: device.turnaround_ms for device in bus.devices}
    dice = Dice(1)

    def turnaround_ms(frame):
        wanted = own_ms.get(frame[0])
        if wanted is None:
            return bus.turnaround_ms
        if isinstance(wanted, (int, float)):
            return wanted
        least, most = wanted
        return least + dice.roll(most - least + 1)

    return turnaround_ms


class SiteServer:
    """Serves a site: `ttys` holds the firmware's path of each bus, `wires` the lines."""

    def __init__(self, site, bus_list, step_ms=50):
        self.site = site
        self.step_ms = step_ms
        self.wires = {}
        self.servers = {}
        for bus in bus_list:
            wire = Wire(
                bus.line,
                turnaround_ms=turnarounds(bus),
                fault=bus.fault,
                tty_path=bus.tty_path,
            )
            self.wires[bus.name] = wire
            self.servers[bus.name] = (bus.devices, wire.server_tty)
        self.ttys = {name: wire.tty for name, wire in self.wires.items()}
        self._running = []
        self._stepper = None

    async def start(self):
        """Open the lines; the site's time begins."""
        self.loop = asyncio.get_running_loop()
        for wire in self.wires.values():
            wire.open()
        for devices, tty in self.servers.values():
            server = BusServer(devices, tty)
            await server.serve_forever(background=True)
            self._running.append(server)
        self._stepper = asyncio.create_task(self._step())

    async def stop(self):
        """Close everything. Raises what the site raised, should it have failed in mid-run."""
        self._stepper.cancel()
        for server in self._running:
            await server.shutdown()
        for wire in self.wires.values():
            wire.close()
        with contextlib.suppress(asyncio.CancelledError):
            await self._stepper

    def call(self, function, *values):
        """Call a function in the server's own thread, as wires and sites want it; wait for it."""

        async def called():
            return function(*values)

        return asyncio.run_coroutine_threadsafe(called(), self.loop).result()

    async def _step(self):
        begin = time.monotonic()
        next_ms = 0
        while True:
            now_ms = int((time.monotonic() - begin) * 1000)
            self.site.step(now_ms)
            next_ms = max(next_ms + self.step_ms, now_ms)
            await asyncio.sleep(begin + next_ms / 1000 - time.monotonic())


@contextlib.contextmanager
def serving(site, bus_list):
    """Serve a site from a thread of its own; gives the SiteServer, see its `call`."""
    server = SiteServer(site, bus_list)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result()
    try:
        yield server
    finally:
        try:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


def arguments(argv=None):
    parser = argparse.ArgumentParser(prog="loadrail_tools.serve", description="A site on ttys.")
    parser.add_argument("--scenario", default="day", help="a name, or a file")
    parser.add_argument("--seconds", type=float, help="length; the scenario's times follow")
    parser.add_argument("--chargers", type=int, help="only that many of the scenario's")
    parser.add_argument("--baud", type=int, default=19200)
    parser.add_argument("--parity", choices=("N", "E", "O"), default="E")
    parser.add_argument("--stop-bits", type=int, choices=(1, 2), default=1)
    parser.add_argument("--meter-baud", type=int, help="gives the meter a bus of its own, 8N1")
    parser.add_argument("--turnaround-ms", type=float, default=5)
    parser.add_argument("--report-ms", type=int, default=0, help="0: none but the last")
    return parser.parse_args(argv)


async def run(options):
    """Serve until the scenario is over, or a signal says so."""
    site = Site(load_scenario(options.scenario), options.chargers, options.seconds)
    line = Line(options.baud, options.parity, options.stop_bits)
    meter_line = Line(options.meter_baud, "N", 1) if options.meter_baud else None
    server = SiteServer(site, buses(site, line, meter_line, turnaround_ms=options.turnaround_ms))
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    await server.start()
    say({"ttys": server.ttys, "seconds": site.seconds, "chargers": site.charger_configs()})
    reporter = asyncio.create_task(report(site, options.report_ms)) if options.report_ms else None
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(over.wait(), site.seconds)
    if reporter:
        reporter.cancel()
    await server.stop()
    say(
        {
            "site": site.snapshot(),
            "load_steps_ms": site.load_steps_ms,
            "overloads": site.recorder.overloads,
            "samples": site.recorder.samples,
            "wires": {name: wire.counters for name, wire in server.wires.items()},
        }
    )


async def report(site, every_ms):
    while True:
        await asyncio.sleep(every_ms / 1000)
        say({"site": site.snapshot()})


def say(what):
    print(json.dumps(what), flush=True)


def main():
    options = arguments()
    gc.freeze()  # the imports stay anyway; collecting them over and over would cost milliseconds
    try:
        asyncio.run(run(options))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

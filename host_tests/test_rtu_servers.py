"""The transport against Modbus servers that are not ours: pymodbus's and umodbus's."""

import asyncio
import threading
from contextlib import contextmanager

import pytest
from pymodbus import FramerType
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice
from rtu_line import Relay, feed, start, transact

UNIT = 7
LONG = 3000
HOLDING = [*range(100, 107)]

REQUESTS = [
    [UNIT, 3, 0, 7, LONG],
    [UNIT, 4, 0, 3, LONG],
    [UNIT, 6, 14, [16], LONG],
    [UNIT, 3, 14, 1, LONG],
    [UNIT, 16, 14, [6, 65535], LONG],
    [UNIT, 3, 14, 2, LONG],
    [UNIT, 3, 999, 2, LONG],
    [UNIT, 3, 0, 7, LONG],
]
RESULTS = [
    ["ok", HOLDING],
    ["ok", [65535, 65534, 65533]],
    ["ok", []],
    ["ok", [16]],
    ["ok", []],
    ["ok", [6, 65535]],
    ["exception", 2],
    ["ok", HOLDING],
]


@contextmanager
def pymodbus_server(path):
    registers = DataType.REGISTERS
    holding = [
        SimData(0, values=HOLDING, datatype=registers),
        SimData(14, values=[32, 600], datatype=registers),
    ]
    inputs = [SimData(0, values=[65535, 65534, 65533], datatype=registers)]
    bits = [SimData(0, datatype=DataType.BITS, values=False)]
    device = SimDevice(UNIT, simdata=(bits, bits, holding, inputs))
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    servers = []

    async def serve():
        server = ModbusSerialServer(
            device, framer=FramerType.RTU, port=path, baudrate=19200, parity="N"
        )
        servers.append(server)
        await server.serve_forever(background=True)
        ready.set()
        await server.serving

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(20)
    yield
    asyncio.run_coroutine_threadsafe(servers[0].shutdown(), loop).result(10)
    thread.join(10)


@contextmanager
def umodbus_server(path):
    modules = "host_tests/shim:build/umodbus/host:lib:firmware:.:.frozen"
    process = start("rtu_umodbus_server.py", path, str(UNIT), path=modules)
    try:
        feed(process, "")
        assert process.stdout.readline() == "[]\n", process.stderr.read()
        yield
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("server", [pymodbus_server, umodbus_server])
def test_server(server):
    with Relay() as relay, server(relay.ptys[1].path):
        results, counters = transact(relay.ptys[0].path, REQUESTS)
    assert results == RESULTS
    row = counters["devices"][str(UNIT)]
    assert (row["ok"], row["exceptions"], row["crc"], row["mismatch"]) == (7, {"2": 1}, 0, 0)
    assert counters["noise"] == 0


def test_a_unit_that_is_not_there_is_silence():
    # Not with pymodbus, which answers for it with exception 4.
    with Relay() as relay, umodbus_server(relay.ptys[1].path):
        requests = [[UNIT + 1, 3, 0, 7, 60], REQUESTS[0]]
        results, _ = transact(relay.ptys[0].path, requests)
    assert results == [["timeout", None], ["ok", HOLDING]]

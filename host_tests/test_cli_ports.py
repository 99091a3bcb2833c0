"""Which serial port is the controller's, and what to do where that is not clear."""

import errno
import json
from types import SimpleNamespace

import pytest
from console_pty import loadrail

from loadrail_tools import ports
from loadrail_tools.ports import LinkError

PICO = ("/dev/ttyACM0", 0x2E8A, "Board in FS mode")
ESP32_S3 = ("/dev/ttyACM1", 0x303A, "USB JTAG/serial debug unit")
BRIDGE = ("/dev/ttyUSB0", 0x1A86, "USB Serial")
ADAPTER = ("/dev/ttyUSB1", 0x0403, "FT232R USB UART")
BUILT_IN = ("/dev/ttyS0", None, "n/a")


@pytest.fixture
def plugged(monkeypatch):
    """A function that plugs these devices into this computer, and no others."""

    def plug(*devices):
        infos = [
            SimpleNamespace(device=path, vid=vid, description=told) for path, vid, told in devices
        ]
        monkeypatch.setattr("serial.tools.list_ports.comports", lambda: infos)

    monkeypatch.delenv("LOADRAIL_PORT", raising=False)
    return plug


@pytest.mark.parametrize(
    ("devices", "found"),
    [
        ([PICO], PICO),
        ([BUILT_IN, PICO], PICO),
        ([BRIDGE, ADAPTER, ESP32_S3], ESP32_S3),
        ([BRIDGE, BUILT_IN], BRIDGE),
    ],
)
def test_the_only_candidate_is_taken(plugged, devices, found):
    plugged(*devices)
    assert ports.find() == found[0]


@pytest.mark.parametrize("devices", [[PICO, ESP32_S3], [BRIDGE, ADAPTER, BUILT_IN]])
def test_of_several_candidates_none_is_taken_and_all_are_named(plugged, devices):
    plugged(*devices)
    with pytest.raises(LinkError) as error:
        ports.find()
    for path, vid, _ in devices:
        assert (f"--port {path} " in str(error.value)) == (vid is not None)


@pytest.mark.parametrize("devices", [[], [BUILT_IN]])
def test_where_there_is_none_it_says_what_to_do(plugged, devices):
    plugged(*devices)
    done = loadrail("status")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no controller found on USB: plug it in" in done.stderr


def test_ports_lists_all_the_likely_ones_first(plugged):
    plugged(BUILT_IN, BRIDGE, PICO)
    lines = loadrail("ports").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [PICO[0], BRIDGE[0], BUILT_IN[0]]
    told = json.loads(loadrail("ports", "--json").stdout)["ports"]
    assert [port["kind"] for port in told] == ["board", "maybe", "other"]
    plugged()
    assert "no serial ports: plug the controller in" in loadrail("ports").stderr
    assert json.loads(loadrail("ports", "--json").stdout) == {"ports": []}


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOENT, 'there is no port /dev/x; "loadrail ports" lists'),
        (errno.EACCES, "sudo usermod -aG dialout"),
        (errno.EBUSY, "another program uses /dev/x"),
        (errno.EIO, "/dev/x cannot be opened: Input/output error"),
    ],
)
def test_a_port_that_cannot_be_opened_is_told_with_what_to_do(number, told):
    assert told in ports.refusal("/dev/x", OSError(number, "whatever"))


def test_an_error_is_told_to_programs_too():
    done = loadrail("status", "--port", "/dev/nowhere", "--json")
    assert done.exit_code == 1
    assert "there is no port /dev/nowhere" in json.loads(done.stdout)["error"]


def test_the_port_may_stand_in_the_environment(monkeypatch):
    monkeypatch.setenv("LOADRAIL_PORT", "/dev/nowhere")
    assert "there is no port /dev/nowhere" in loadrail("status").stderr

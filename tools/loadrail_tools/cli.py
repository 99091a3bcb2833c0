"""The `loadrail` command."""

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from . import cli_config, cli_device, cli_flash, cli_simulate, config_file, replay
from .bench_charger import run as charger
from .paths import ROOT, firmware_command, module_path

DEMO_PICTURE = ROOT / "build" / "demo.png"

app = typer.Typer(
    help="Open load management for TeltoCharge chargers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def _group() -> None:
    """Commands below."""


def read_config(path: Path) -> dict:
    """The checked configuration; says what is wrong and exits with 2 where it is not good.

    In a folder, where a controller keeps all that it has, it is config.json.
    """
    try:
        file = path / "config.json" if path.is_dir() else path
        return config_file.check(config_file.read(file))[0]
    except config_file.ConfigFault as fault:
        _refuse(fault.faults)


def _refuse(faults: list[str]) -> None:
    for fault in faults:
        typer.echo(fault, err=True)
    typer.echo("The configuration was refused; nothing was started.", err=True)
    raise typer.Exit(2)


@app.command()
def run(
    config: Annotated[
        Path, typer.Option(help="The configuration, JSON; or a folder, for all that is kept.")
    ],
    bus: Annotated[str, typer.Option(help="The tty of the chargers' line.")],
    meter_bus: Annotated[
        str | None, typer.Option(help="The tty of the meter's line, if it has its own.")
    ] = None,
    clamps: Annotated[
        Path | None,
        typer.Option(help="A file of raw samples, kept new by whoever reads the clamps."),
    ] = None,
    inputs: Annotated[
        Path | None,
        typer.Option(help='A file for selector and contact: {"selector": 3, "contact": false}.'),
    ] = None,
) -> None:
    """Run the controller on this computer, its console on standard input and output.

    A bus is any tty: a USB-RS485 adapter on a PC or a Raspberry Pi, or a pseudo terminal.
    """
    checked = read_config(config)
    own_bus = "bus" in checked.get("meter", {})
    if own_bus and meter_bus is None:
        _refuse(["meter.bus: is configured, so --meter-bus must name its tty"])
    if meter_bus is not None and not own_bus:
        _refuse(["--meter-bus: the configuration has no meter.bus; the meter is on --bus"])
    ttys = [bus] if meter_bus is None else [bus, meter_bus]
    for option, file in (("--clamps", clamps), ("--inputs", inputs)):
        if file is not None:
            ttys += [option, str(file)]
    if os.getsid(0) == os.getpid():
        # A session's leader (under systemd, say) gets the first tty that it opens as its
        # controlling terminal, and would be ended by SIGHUP when the adapter is unplugged.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    command = firmware_command(config, ttys)
    # In our place, not below us: signals, input and exit status are then the firmware's own.
    os.execve(command[0], command, {**os.environ, "MICROPYPATH": module_path()})


@app.command()
def demo(
    seconds: Annotated[
        float, typer.Option(help="How long it runs, 5 to 3600; solar: 0 is as fast as it goes.")
    ] = 90,
    chargers: Annotated[int, typer.Option(help="Chargers on the site, 1 to 20.")] = 20,
    scenario: Annotated[
        str,
        typer.Option(help="One of tools/scenarios/, a file, or solar: a day in virtual time."),
    ] = "day",
    picture: Annotated[
        Path | None, typer.Option(help="Where the picture goes, PNG; by default into build/.")
    ] = None,
    baud: Annotated[int, typer.Option(min=1, help="Of the one line for all devices.")] = 19200,
    parity: Annotated[str, typer.Option(help="N, E or O.")] = "E",
    stop_bits: Annotated[int, typer.Option(help="1 or 2.")] = 1,
    turnaround_ms: Annotated[float, typer.Option(min=0, help="A device's time to answer.")] = 5,
) -> None:
    """Watch the controller steer a simulated site over a simulated serial line."""
    if scenario == "solar":
        from . import solar_day

        raise typer.Exit(solar_day.demo(seconds, chargers, picture or solar_day.PICTURE))
    from .demo import demo as run_demo
    from .wire import Line

    picture = picture or DEMO_PICTURE
    line = Line(baud, parity, stop_bits)
    raise typer.Exit(run_demo(seconds, chargers, scenario, picture, line, turnaround_ms))


for command in (
    cli_device.ports,
    cli_flash.flash,
    cli_device.status,
    cli_device.log,
    cli_device.search,
    cli_device.monitor,
    cli_simulate.simulate,
    replay.replay,
):
    app.command()(command)
app.add_typer(cli_config.app, name="config")
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
    cli_simulate.bench
)
app.command("charger")(charger)


def main() -> None:
    app()

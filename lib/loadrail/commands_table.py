# All commands of the console, a line each: name | module | what follows the name | help.
#
# In one text, because that costs a third of the memory that tuples do, and loaded while a command
# is looked up only. Before the module's name: * also works where no control runs. [] may be left
# out, capitals stand for a value.
# docs/console.md is made from this.

_TABLE = """
authorise|commands_do|N/all|authorise the car that waits for it
bus|commands_show||how well each device answers
calibrate|clamp_zero|[show]|take the zero of clamps that are around no cable
charger|charger_page|N|all that is known of one charger
chargers|commands_show||every charger: address, name, whether it answers, what it may take
check|wiring_command|wiring [N/all/stop/apply]|whether the meter sees each car where it is
defaults|*config_commands||all keys to their defaults, but for addresses; not kept yet
diff|*config_commands||what differs from what is kept
export|*config_commands||the whole configuration as one line of JSON
get|*config_commands|[KEY]|the value of a key, of all below it, or of all
help|*commands_help|[COMMAND/KEY]|this list, or all about one of them
import|*config_commands|VALUE|take a whole configuration, JSON in one line; not kept yet
lock|commands_do|N/all|keep the socket locked always
log|*commands_show|[COUNT]|what happened of late, and the last crash
maint|*commands_do|[SECONDS]|the buses quiet, the watchdog fed: for work with mpremote
meter|commands_show||all that the meter shows, and how well it is read
mode|*commands_do|N/all [fast/solar/eco_plus/eco/off]|how a charger uses the sun; not kept yet
reboot|*commands_do||start the controller anew; the chargers go on meanwhile
restart|commands_do|N/all|restart a charger that draws nothing
revert|*config_commands||back to the configuration that is kept
save|*config_commands||keep the configuration over restarts
search|search_command|[chargers/stop]|find the meter, on its bus or theirs
set|*config_commands|KEY VALUE|try a value at once; kept by "save"
start|commands_do|N/all|let it charge again after a stop
status|*commands_show||the circuit, and every charger with its limit and why
stop|commands_do|N/all|hold it at 0 A until started, or until the car leaves
unlock|commands_do|N/all|unlock the socket; from always locked back to automatic
unset|*config_commands|KEY|a key back to its default, a charger out of the list; not kept yet
version|*commands_show||versions of the firmware and of MicroPython
"""


def row(name: str) -> "list | None":
    """[name, module, arguments, help] of a command; None where there is none."""
    at = _TABLE.find("\n%s|" % name)
    if at < 0 or not name.isalpha():
        return None
    return _TABLE[at + 1 : _TABLE.find("\n", at + 1)].split("|")


def rows():
    """All rows, by name."""
    for line in _TABLE[1:-1].split("\n"):
        yield line.split("|")

# For images with Loadrail frozen in: FROZEN_MANIFEST of a MicroPython build. Written by
# `python -m loadrail_tools.manifest`; docs/boards.md tells how to use it. `make build` comes
# first: it writes the sources into build/folded, and the board's name into build/chosen.

include("$(PORT_DIR)/boards/manifest.py")
options.defaults(board="rp_pico")
metadata(version="0.1.0", license="GPL-3.0-or-later")

_SHARED = {
    "esp32": ("_esp32.py", "_machine.py"),
    "rp2": ("_machine.py", "_rp2.py", "_rp2_clamps.py"),
}
_PORTS = {
    "esp32_devkit": "esp32",
    "lilygo_t_can485": "esp32",
    "m5stack_stamplc": "esp32",
    "rp_pico": "rp2",
    "waveshare_esp32_s3_relay_6ch": "esp32",
    "waveshare_pico_2ch_rs485": "rp2",
    "waveshare_rp2350_relay_6ch": "rp2",
}

package("loadrail", base_path="build/folded", opt=3)
package("primary", base_path="build/folded", opt=3)
_files = (*_SHARED[_PORTS[options.board]], options.board + ".py")
package("boards", files=_files, base_path="build/folded", opt=3)
package("boards", base_path="build/chosen/" + options.board, opt=3)
package("umodbus", base_path="build/folded", opt=3)
module("main.py", base_path="firmware", opt=3)

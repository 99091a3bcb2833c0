# How sure we are of a charger.

NEVER = 0  # not heard since the start; its limit and its watchdog are unknown
ONLINE = 1
DOUBTFUL = 2  # missed twice in a row
SILENT = 3  # missed for long: its own watchdog is awaited
RELEASED = 4  # silent, and its watchdog has surely run out: at its failsafe current
FOREIGN = 5  # something answers there that is not a TeltoCharge

DEFIANT = 2  # times in a row that it did not take its limit: then it is not steered any more
GARBLED = 3  # damaged answers in a row: then the line or a second device is to blame

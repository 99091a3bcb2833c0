"""A simulated site: meter, chargers, cars, house and breaker. Runs on CPython and MicroPython."""

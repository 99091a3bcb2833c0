"""The numbers that Loadrail is held to, measured in virtual time: `make bench`."""

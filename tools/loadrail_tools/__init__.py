"""Loadrail's host program: build, run, simulate, watch. CPython only."""

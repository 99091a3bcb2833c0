# The firmware of a board that plays TeltoCharge chargers; see README.md.

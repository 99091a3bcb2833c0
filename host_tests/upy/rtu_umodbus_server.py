# Runs on MicroPython: umodbus's own RTU server, unit argv[2] on the tty of argv[1], until killed.

import sys
import time

from umodbus.serial import ModbusRTU

server = ModbusRTU(int(sys.argv[2]), 19200, 8, 1, 0, (0, 1), None, sys.argv[1])
for i in range(7):
    server.add_hreg(i, 100 + i)
server.add_hreg(14, 32)
server.add_hreg(15, 600)
for i in range(3):
    server.add_ireg(i, 65535 - i)
print("[]")
while True:
    server.process()
    time.sleep_ms(1)

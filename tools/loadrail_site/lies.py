# Chargers that are broken in a way their answers don't show.
#
# A lie changes what a charger lets flow or keeps; limit_and_cause and the currents tell what is
# true, the registers what it says. All acknowledge each write, and their watchdogs are fed by it.
#   deaf_ear      drops writes of amps_to_use; the old value is read back, and holds
#   parrot        reads back the new amps_to_use, but goes on with the one it had
#   greedy        lets its car take 30 % more than its limit, rounded up to whole amperes
#   sleepwalker   lets its car take 8 A where its limit is 0

DEAF_EAR = "deaf_ear"
PARROT = "parrot"
GREEDY = "greedy"
SLEEPWALKER = "sleepwalker"
LIES = (DEAF_EAR, PARROT, GREEDY, SLEEPWALKER)

_SLEEPWALKS_A = 8


def allowed_a(lie, limit_a):
    """What may flow where an honest charger would allow `limit_a`."""
    if lie == GREEDY:
        return (limit_a * 13 + 9) // 10
    if lie == SLEEPWALKER:
        return limit_a or _SLEEPWALKS_A
    return limit_a

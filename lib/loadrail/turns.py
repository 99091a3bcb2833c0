# Who charges when there is not enough for all (S10).
#
# A turn begins when a charger starts and holds for `interval_ms`; within its first MIN_TURN_MS
# nothing but the circuit ends it, later also a waiting charger of higher priority. Who has had
# his turn gives way to who waits: by priority, then whoever has waited for too long, then the
# least energy delivered, then the longest waiting. Each stage keeps to what is left on the rooms
# of sharing.py; all of it is about minimums only.

from loadrail.clock import age_ms
from loadrail.sharing import USES, room_for, take

MIN_TURN_MS = 210_000  # contactors and cars dislike shorter ones
_DRAWS_MA = 1000  # below this a car does not use its turn


def with_room(n: int) -> list:
    """An empty list that need not grow for n items. On MicroPython a slice that is deleted leaves
    the room; clear() and append() would move the list about the heap in every decision."""
    items = [0] * n
    del items[:]
    return items


class Turns:
    """Chooses among the chargers that want current."""

    def __init__(self, n: int):
        self.interval_ms = 900_000
        self.three_phase_first = False
        self._running = 1  # how many found a place
        self._first = 0  # who is dealt the first ampere that is too little for all
        self._dealt_at = None
        self.queue = with_room(n)  # who waits, the next one first
        self.soon = with_room(n)  # of them, who waits only until what is free has lasted

    def choose(self, now_ms, wanting: list, c, min_a: list, left: list, start_left: list) -> list:
        """The chargers (indices) that get their minimum, in the order of dealing.

        left, start_left: rooms for those who charge already and for those who would have to
        start; used up in place. Who would not fit if he were alone waits for no turn, and nobody
        keeps a place for him.
        """
        alone = list(left)
        chosen = [i for i in wanting if self._holds(i, now_ms, wanting, c)]
        self._shed(now_ms, chosen, c, min_a, left)
        for i in chosen:
            take(c.mask[i], min_a[i], left)
            take(c.mask[i], min_a[i], start_left)
        del self.queue[:]
        del self.soon[:]
        for i in wanting:
            if i not in chosen and min_a[i] <= room_for(c.mask[i], alone):
                self.queue.append(i)
        self.queue.sort(key=lambda i: self._rank(i, now_ms, len(wanting), c))
        for i in self.queue:
            fits = min_a[i] <= room_for(c.mask[i], left)
            # Whose place was found once is waited for: others make room for him already.
            starts = c.limit_ma[i] == 0 and c.turn_at[i] is None
            if fits and starts and min_a[i] > room_for(c.mask[i], start_left):
                fits = False
                self.soon.append(i)
            if fits:
                chosen.append(i)
            if fits or self._overdue(i, now_ms, len(wanting), c):
                # For one who has waited too long a place is kept although it does not suffice
                # yet: else those who need fewer phases would pass him by for ever.
                take(c.mask[i], min_a[i], left)
                take(c.mask[i], min_a[i], start_left)
        for i in chosen:
            if i in self.queue:
                self.queue.remove(i)
        self._running = max(1, len(chosen))
        self._keep_books(now_ms, wanting, chosen, c)
        return self._deal(now_ms, chosen)

    def _deal(self, now_ms, chosen: list) -> list:
        """The order in which single amperes are dealt: the same for an interval, then it moves on
        by one, so that nobody always has the ampere more."""
        if self._dealt_at is None:
            self._dealt_at = now_ms
        if age_ms(now_ms, self._dealt_at) >= self.interval_ms:
            self._dealt_at = now_ms
            self._first += 1
        chosen.sort()
        first = self._first % max(1, len(chosen))
        return chosen[first:] + chosen[:first]

    def waits_ms(self, now_ms, chosen: list, c) -> list:
        """When each of `queue` may have his turn, about: those who charge now end theirs in some
        order, and each who follows them has an interval."""
        left_ms = [self._left_ms(i, now_ms, c) for i in chosen]
        left_ms.sort()
        k = len(left_ms)
        places = range(len(self.queue))
        return [left_ms[place % k] + place // k * self.interval_ms for place in places]

    def _left_ms(self, i, now_ms, c) -> int:
        span_ms = self.interval_ms
        if max(c.draw_ma[3 * i : 3 * i + 3]) < _DRAWS_MA:
            span_ms = MIN_TURN_MS
        return max(0, span_ms - age_ms(now_ms, c.turn_at[i]))

    def _holds(self, i, now_ms, wanting, c) -> bool:
        """Whether charger `i` is within its turn, and nobody more important waits."""
        if c.limit_ma[i] == 0:
            return False
        if age_ms(now_ms, c.turn_at[i]) < MIN_TURN_MS:
            return True
        if self._left_ms(i, now_ms, c) == 0:
            return False
        for k in wanting:
            if c.limit_ma[k] == 0 and c.priority[k] < c.priority[i]:
                return False
        return True

    def _shed(self, now_ms, chosen: list, c, min_a, left) -> None:
        """Take away as few as possible until the minimums of the others fit.

        Who goes first: the one on most rooms that are overdrawn (so the fewest go, and nobody on
        a phase that has enough), but before that the least important, and before that one whose
        minimum turn is over.
        """
        over = [-amps for amps in left]
        for i in chosen:
            take(c.mask[i], -min_a[i], over)
        while True:
            worst = None
            worst_rank = None
            for i in chosen:
                helps = 0
                for room, _ in USES[c.mask[i]]:
                    helps += 1 if over[room] > 0 else 0
                if not helps:
                    continue
                free = 1 if age_ms(now_ms, c.turn_at[i]) >= MIN_TURN_MS else 0
                rank = (free, c.priority[i], helps, c.energy_as[i], i)
                if worst is None or rank > worst_rank:
                    worst, worst_rank = i, rank
            if worst is None:
                return
            chosen.remove(worst)
            take(c.mask[worst], min_a[worst], over)

    def _overdue(self, i, now_ms, n, c) -> bool:
        """With k places for n a turn must come within ceil(n/k) intervals; the last has begun."""
        if c.limit_ma[i] > 0 or c.wait_at[i] is None:
            return False
        patience = (n + self._running - 1) // self._running - 1
        return age_ms(now_ms, c.wait_at[i]) >= max(1, patience) * self.interval_ms

    def _rank(self, i, now_ms, n, c) -> tuple:
        """Smallest first. Who is within his turn comes first, who has had it comes last."""
        place = 1
        waited_ms = 0
        if c.limit_ma[i] > 0:
            place = 0 if self._left_ms(i, now_ms, c) > 0 else 2
        elif c.wait_at[i] is not None:
            waited_ms = age_ms(now_ms, c.wait_at[i])
        few_phases = self.three_phase_first and c.mask[i] != 7
        return (
            c.priority[i],
            place,
            -waited_ms if self._overdue(i, now_ms, n, c) else 0,
            1 if few_phases else 0,
            c.energy_as[i],
            -waited_ms,
            i,
        )

    def _keep_books(self, now_ms, wanting, chosen, c) -> None:
        """Since when each has been charging or waiting."""
        for i in wanting:
            if c.limit_ma[i] == 0:
                # Also one who is chosen waits until he has started.
                if c.wait_at[i] is None:
                    c.wait_at[i] = now_ms
                c.turn_at[i] = now_ms if i in chosen else None
                continue
            # Who goes on after his turn, because nobody who waits would fit, begins no new one.
            c.wait_at[i] = None
            if c.turn_at[i] is None:
                c.turn_at[i] = now_ms

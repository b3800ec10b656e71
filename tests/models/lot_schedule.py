"""The timetables of an event's lots as a list of [opening, close], moved one by one. Slow and obvious."""

from dataclasses import dataclass

from exchange.core.messages.lot_rules import EventRules, LotSchedule, LotsToExtend, Overtime


@dataclass
class NaiveSchedule:
    """`times` holds [opening, close] of each lot; a lot waits, is open or closed by what time it is."""

    rules: EventRules
    overtime: Overtime
    times: list[list[int]]
    now_us: int = 1  # 0 stands for no instant

    @classmethod
    def planned(
        cls, rules: EventRules, overtime: Overtime, lots: int, open_us: int, length_us: int
    ) -> "NaiveSchedule":
        times: list[list[int]] = []
        for number in range(lots):
            opens, closes = open_us, open_us + length_us
            if rules.schedule is LotSchedule.STAGGERED and times:
                closes = times[-1][1] + rules.lot_gap_us
            if rules.schedule is LotSchedule.SERIAL and times:
                opens = times[-1][1] + rules.lot_gap_us
                closes = opens + length_us
            assert number == len(times)
            times.append([opens, closes])
        return cls(rules, overtime, times)

    def waits(self, lot: int) -> bool:
        return self.now_us < self.times[lot][0]

    def runs(self, lot: int) -> bool:
        return self.now_us < self.times[lot][1]

    def is_open(self, lot: int) -> bool:
        return self.runs(lot) and not self.waits(lot)

    def move(self, lot: int, by_us: int) -> None:
        if self.waits(lot):
            self.times[lot][0] += by_us
        self.times[lot][1] += by_us

    def lead(self, lot: int) -> None:
        """A new lead now: overtime, if it is late enough."""
        close_us = self.times[lot][1]
        if close_us - self.now_us > self.overtime.window_us:
            return
        by_us = self.now_us + self.overtime.extension_us - close_us
        if by_us <= 0:
            return
        self.times[lot][1] += by_us
        for other in range(len(self.times)):
            if other == lot or not self.runs(other):
                continue
            if self.overtime.lots_to_extend is LotsToExtend.ALL and self.is_open(other):
                self.times[other][1] += by_us
            if self.overtime.lots_to_extend is LotsToExtend.CASCADE and other > lot:
                self.move(other, by_us)
        self.keep_apart()

    def extend(self, lot: int, by_us: int) -> None:
        self.times[lot][1] += by_us
        self.keep_apart()

    def keep_apart(self) -> None:
        for lot in range(1, len(self.times)):
            if not (self.runs(lot - 1) and self.runs(lot)):
                continue
            before_us = self.times[lot - 1][1]
            if self.rules.schedule is LotSchedule.SERIAL and self.waits(lot):
                while self.times[lot][0] < before_us + self.rules.lot_gap_us:
                    self.move(lot, before_us + self.rules.lot_gap_us - self.times[lot][0])
            if self.rules.min_lot_gap_us:
                self.times[lot][1] = max(self.times[lot][1], before_us + self.rules.min_lot_gap_us)

    def pause(self, length_us: int) -> None:
        """From now on for so long; what runs moves."""
        running = [lot for lot in range(len(self.times)) if self.runs(lot)]
        waiting = [lot for lot in running if self.waits(lot)]
        self.now_us += length_us
        for lot in running:
            self.times[lot][1] += length_us
        for lot in waiting:
            self.times[lot][0] += length_us

    def outage(self, down_us: int, notice_us: int) -> None:
        """A pause until now, after which whoever should be open by then stays so for the notice at least."""
        running = [lot for lot in range(len(self.times)) if self.runs(lot)]
        was_due = [lot for lot in running if self.times[lot][0] <= self.now_us + down_us]
        self.pause(down_us)
        for lot in was_due:
            self.times[lot][1] = max(self.times[lot][1], self.now_us + notice_us)
        self.keep_apart()

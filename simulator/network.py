"""The network as a whole: its state, and the deliveries and the life that go on in it."""

from simulator.day import Days
from simulator.state import Options, State
from simulator.webhooks import Deliveries


class Network(State):
    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.deliveries = Deliveries(self, options.retry_seconds)
        self.days = Days(self)

    def open(self) -> None:
        """Restore what was, make the brand accounts, and deliver to the webhooks they had."""
        self.world.restore()
        for handle, name, token in self.options.brands:
            self.world.account(handle, name, token=token, brand=True)
        for account in self.world.readers:
            if account.webhook is not None:
                self.deliveries.start(account)

    async def forget(self) -> None:
        await self.days.stop()
        await self.deliveries.forget()
        self.faults.replace({})
        self.clock.reset()
        self.world.forget()
        self.open()

    async def close(self) -> None:
        await self.days.stop()
        await self.deliveries.stop()
        self.journal.close()

"""`python -m simulator`: the network in a process of its own, until SIGTERM."""

import argparse
import asyncio
import signal
from pathlib import Path

from simulator.day import Day
from simulator.network import Network
from simulator.routes import Routes
from simulator.server import Server
from simulator.state import Options


def parser() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser("python -m simulator", description="A simulated social network.")
    words.add_argument("--host", default="127.0.0.1")
    words.add_argument("--port", type=int, default=8099, help="0 takes a free one and prints `ready PORT`")
    words.add_argument("--data", type=Path, metavar="DIR", help="keep the state here over restarts")
    words.add_argument("--seed", type=int, default=7)
    words.add_argument("--posts-per-day", type=int, default=600, help="0: nobody posts by themselves")
    words.add_argument("--speed", type=float, default=1.0, help="simulated seconds in one of ours")
    words.add_argument("--backfill", type=float, default=0.0, metavar="HOURS", help="begin with a history")
    words.add_argument("--people", type=int, default=120, help="how many customers there are")
    words.add_argument("--no-idempotency", action="store_true", help="ignore Idempotency-Key")
    words.add_argument("--brand", default="tidewing", help="handle of the main account")
    words.add_argument("--brand-name", default="Tidewing")
    words.add_argument("--token", default="tidewing-token")
    words.add_argument(
        "--account",
        action="append",
        default=[],
        metavar="HANDLE:NAME:TOKEN",
        help="another account of the brand",
    )
    words.add_argument("--limit-calls", type=int, default=6000, help="calls per account and window")
    words.add_argument("--limit-seconds", type=float, default=60.0)
    words.add_argument(
        "--heartbeat", type=float, default=15.0, help="seconds between empty lines of a stream"
    )
    words.add_argument("--retry", type=float, default=1.0, help="seconds before the first webhook retry")
    return words


def options(wanted: argparse.Namespace) -> Options:
    brands = [(wanted.brand.lower(), wanted.brand_name, wanted.token)]
    for account in wanted.account:
        handle, name, token = account.split(":", 2)
        brands.append((handle.lower(), name, token))
    return Options(
        data=wanted.data,
        idempotency=not wanted.no_idempotency,
        heartbeat_seconds=wanted.heartbeat,
        retry_seconds=wanted.retry,
        limit_calls=wanted.limit_calls,
        limit_seconds=wanted.limit_seconds,
        brands=brands,
    )


def first_day(network: Network, wanted: argparse.Namespace) -> Day:
    """Life without an end. After a restart customers say other things, and the history is there."""
    known = len(network.world.posts)
    return Day(
        brands=[account for account in network.world.readers if account.brand],
        posts=wanted.posts_per_day,
        hours=None if wanted.posts_per_day else 0.0,
        speed=wanted.speed,
        seed=wanted.seed + known,
        people=wanted.people,
        backfill=0.0 if known else wanted.backfill,
        backfill_posts=round((wanted.posts_per_day or 600) * wanted.backfill / 24),
    )


async def serve(wanted: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    network = Network(options(wanted))
    network.open()
    server = Server(Routes(network).handle)
    port = await server.start(wanted.host, wanted.port)
    network.base_url = f"http://{wanted.host}:{port}"
    # History before the first request is answered, so that no client ever sees half of it.
    if wanted.posts_per_day or wanted.backfill:
        await network.days.begin(first_day(network, wanted))
    print(f"ready {port}", flush=True)
    await stop.wait()
    await server.stop()
    await network.close()


def main() -> None:
    asyncio.run(serve(parser().parse_args()))


if __name__ == "__main__":
    main()

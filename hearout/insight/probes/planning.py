"""From a plan's file to rows: who is tested, by whom, in which words, and when; drawn by a seed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from random import Random

from django.db import transaction
from django.utils.timezone import now as our_time

from hearout.channels import registry
from hearout.channels.base import Channel, ChannelError
from hearout.channels.payload import fault_in
from hearout.insight.probes.models import Plan, Probe, Shopper, Target
from hearout.insight.probes.plan_file import SLOT, PlanError, PlanWanted, ShopperWanted, TargetWanted
from hearout.listening.connecting import seal, secrets_of
from hearout.listening.models import Handle

TERMS = (
    "Tests of brands that are not yours are outside what most networks' terms allow an automated account to do, and "
    "the people who answer have not agreed to them. Ask the network and a lawyer first. Then give --others."
)


@dataclass(frozen=True)
class Cell:
    """One probe to be: everything but its author and its time."""

    target: Target
    tone: str
    directness: str
    own_page: bool
    text: str


def lay(wanted: PlanWanted, *, others: bool = False, replace: bool = False) -> Plan:
    """Draw the plan's probes and store them. Nothing is sent yet. Raises PlanError.

    `others`: brands that are not ours may be tested. `replace`: a plan of this name of which nothing
    was sent gives way.
    """
    if wanted.ends_at <= our_time():
        raise PlanError(f"The plan's window ended on {wanted.ends_at:%Y-%m-%d %H:%M} UTC.")
    targets = [_target(one, others) for one in wanted.targets]
    shoppers = [_shopper(one) for one in wanted.shoppers]
    with transaction.atomic():
        _make_room(wanted.name, replace)
        plan = Plan.objects.create(
            name=wanted.name,
            seed=secrets.randbelow(2**31) if wanted.seed is None else wanted.seed,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            others=others,
            source=wanted.source,
        )
        for target in targets:
            target.plan = plan
            target.save()
        ready = [(_stored(one, known), channel) for one, known, channel in shoppers]
        Probe.objects.bulk_create(_drawn(plan, wanted, targets, ready))
    return plan


def _drawn(
    plan: Plan, wanted: PlanWanted, targets: Sequence[Target], shoppers: Sequence[tuple[Shopper, Channel]]
) -> list[Probe]:
    rng = Random(plan.seed)
    cells = list(_cells(wanted, targets, rng))
    rng.shuffle(cells)
    start = max(plan.starts_at, our_time())
    probes = []
    for place, (cell, due_at) in enumerate(
        zip(cells, times(rng, len(cells), start, plan.ends_at, wanted.pause), strict=True)
    ):
        able = [one for one in shoppers if one[0].network == cell.target.network]
        if not able:
            raise PlanError(f"No shopper has an account on {cell.target.network}.")
        shopper, channel = able[place % len(able)]
        _possible(cell, channel, shopper)
        probes.append(
            Probe(
                plan=plan,
                brand=cell.target.brand,
                target=cell.target,
                shopper=shopper,
                tone=cell.tone,
                directness=cell.directness,
                own_page=cell.own_page,
                text=cell.text,
                due_at=due_at,
            )
        )
    return probes


def times(rng: Random, count: int, start: datetime, end: datetime, pause: timedelta) -> list[datetime]:
    """So many times in order, uniform between start and end among those at least `pause` apart. Raises PlanError."""
    free = (end - start) - pause * (count - 1)
    if free < timedelta(0):
        raise PlanError(
            f"{count} probes, {pause.total_seconds() / 60:.0f} minutes apart, do not fit between "
            f"{start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M} UTC. Take a longer window or a shorter pause."
        )
    drawn = sorted(rng.random() for _ in range(count))
    return [start + free * share + pause * place for place, share in enumerate(drawn)]


def _cells(wanted: PlanWanted, targets: Sequence[Target], rng: Random) -> Iterator[Cell]:
    """Every text once, for the same words twice would give the test away."""
    kinds = [
        (directness, place == "own page")
        for directness, place in product(wanted.directness, wanted.places)
        # on the brand's page whatever is said is said to the brand
        if place != "own page" or directness == wanted.directness[0]
    ]
    names = list(dict.fromkeys(target.call_it.lower() for target in targets))
    for name, tone in product(names, wanted.tones):
        mine = [target for target in targets if target.call_it.lower() == name]
        needed = [(target, *kind) for target, kind, _ in product(mine, kinds, range(wanted.each))]
        texts = list(wanted.texts[tone])
        if len(texts) < len(needed):
            raise PlanError(
                f"{len(needed)} probes of tone {tone} need as many texts; there are {len(texts)}."
            )
        rng.shuffle(texts)
        for (target, directness, own_page), text in zip(needed, texts, strict=False):
            direct = directness == "direct" and not own_page
            words = text.replace(SLOT, f"@{target.handle}" if direct else target.call_it)
            yield Cell(target, tone, "direct" if own_page else directness, own_page, words)


def _possible(cell: Cell, channel: Channel, shopper: Shopper) -> None:
    if cell.own_page and "page" not in channel.manifest.can:
        raise PlanError(f'{channel.manifest.title} has no pages to post on. Leave "own page" out of places.')
    if cell.own_page and not cell.target.page_id:
        raise PlanError(
            f"The account id of {cell.target} is not known yet. Connect the handle, or give the target a page_id."
        )
    if not (length := channel.length(cell.text)).fits:
        raise PlanError(f"{cell.text[:60]!r} has {length.used} {length.unit}; at most {length.maximum} fit.")


def _make_room(name: str, replace: bool) -> None:
    known = Plan.objects.select_for_update().filter(name=name).first()
    if known is None:
        return
    if not replace:
        raise PlanError(f"There is a plan {name!r} already. Choose another name, or give --replace.")
    if known.probes.filter(sending_at__isnull=False).exists():
        raise PlanError(f"Probes of the plan {name!r} have been sent, so it stays. Choose another name.")
    known.delete()


def _target(wanted: TargetWanted, others: bool) -> Target:
    known = (
        Handle.objects.select_related("brand")
        .filter(network=wanted.network, handle__iexact=wanted.handle, brand__served=True)
        .exclude(role=Handle.Role.WATCHED)
        .first()
    )
    if known is None and not others:
        raise PlanError(f"@{wanted.handle} is no handle of yours on {wanted.network}. {TERMS}")
    names = {name.lower(): "main" for name in (wanted.handle, *wanted.also)}
    if known:
        own = Handle.objects.filter(brand=known.brand_id, network=wanted.network)
        names |= {one.handle.lower(): one.role for one in own.exclude(role=Handle.Role.WATCHED)}
    return Target(
        brand=known.brand if known else None,
        network=wanted.network,
        handle=known.handle if known else wanted.handle,
        call_it=wanted.call_it or (known.brand.name if known else wanted.handle),
        handles=names,
        page_id=wanted.page_id or (known.external_id if known else ""),
    )


def _shopper(wanted: ShopperWanted) -> tuple[ShopperWanted, Shopper, Channel]:
    """The account as its network knows it, not stored yet. Raises PlanError."""
    known = Shopper.objects.filter(name=wanted.name).first() or Shopper(name=wanted.name)
    try:
        channel = registry.connect(
            wanted.channel,
            settings=wanted.settings,
            secrets=wanted.secrets or (secrets_of(known) if known.pk else {}),
        )
        account = channel.account()
    except ChannelError as error:
        raise PlanError(f"The shopper {wanted.name!r} cannot be connected: {error.message}") from error
    external_id = account.external_id if account else wanted.id
    handle = account.handle if account else wanted.handle
    if not external_id or not handle or fault_in(external_id + handle):
        raise PlanError(
            f"The network does not say who the shopper {wanted.name!r} is. Give its id and handle."
        )
    manifest = channel.manifest
    if missing := {"public_reply", "fetch"} - manifest.can:
        raise PlanError(f"{manifest.title} cannot be used for probes: it lacks {', '.join(sorted(missing))}.")
    ours = Handle.objects.filter(network=manifest.network)
    if ours.filter(external_id=external_id).exists() or ours.filter(handle__iexact=handle).exists():
        raise PlanError(f"@{handle} is a handle of a brand, so it cannot play a customer.")
    if known.pk and (known.network, known.external_id) != (manifest.network, external_id):
        raise PlanError(f"The shopper {wanted.name!r} is @{known.handle}; give @{handle} another name.")
    known.channel, known.network = wanted.channel, manifest.network
    known.external_id, known.handle = external_id, handle
    known.settings, known.disclosed_to = wanted.settings, wanted.disclosed_to
    return wanted, known, channel


def _stored(wanted: ShopperWanted, shopper: Shopper) -> Shopper:
    taken = Shopper.objects.filter(network=shopper.network, external_id=shopper.external_id)
    if other := taken.exclude(pk=shopper.pk).first():
        raise PlanError(f"@{shopper.handle} is the shopper {other.name!r} already.")
    shopper.save()
    if wanted.secrets:
        seal(shopper, wanted.secrets)
    return shopper

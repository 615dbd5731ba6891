"""Who could be taken for us, and above all who could not."""

from __future__ import annotations

import re

import pytest

from hearout.listening.likeness import How, Known, OurNames, Where, compact, stem

HANDLES = [
    Known(1, 1, "simulator", "tidewing", "u_tidewing", True),
    Known(2, 1, "simulator", "tidewingcare", "", True),
    Known(3, 1, "simulator", "tidewind", "u_tidewind", False),
    Known(4, 2, "simulator", "delta", "u_delta", True),
    Known(5, 3, "bluesky", "orchardrail.example", "", True),
    Known(6, 4, "simulator", "mia", "u_mia", True),
]
NAMES = [(1, None, "Tidewing"), (2, None, "Delta"), (3, None, "Orchard Rail"), (4, None, "Mia")]
OURS = OurNames(HANDLES, NAMES)
CYRILLIC = "t\u0456dewing"


def seen(handle: str, name: str = "", network: str = "simulator", external_id: str = "u_else"):
    return [
        (one.brand_id, str(one.where), str(one.how))
        for one in OURS.resembled(network, external_id, handle, name)
    ]


@pytest.mark.parametrize(
    ("handle", "name", "how"),
    [
        ("tide_wing", "", "copy"),
        ("tidewing.bsky.social", "", "copy"),
        ("tidewing@evil.example", "", "copy"),
        ("tldewing", "", "drawn"),
        ("T1DEWING", "", "drawn"),
        ("tidevving", "", "drawn"),
        (CYRILLIC, "", "drawn"),
        ("tide\u200bwing", "", "drawn"),
        ("tidewings", "", "edit"),
        ("tidwing", "", "edit"),
        ("tidewnig", "", "edit"),
        ("tidewing_support", "", "service"),
        ("help_tidewing_care", "", "service"),
        ("t1dewing_helpdesk", "", "service"),
        ("ayuda_tidewing", "", "service"),
    ],
)
def test_handles_like_ours_are_seen(handle, name, how):
    assert seen(handle, name) == [(1, "handle", how)]


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("Tidewing", "copy"),
        ("TIDE WING ✈", "copy"),
        ("Tidewing Customer Care ✅", "service"),
        ("Tidewlng", "drawn"),
        ("𝐓𝐢𝐝𝐞𝐰𝐢𝐧𝐠", "copy"),
        ("Tidewingg", "edit"),
    ],
)
def test_names_like_ours_are_seen(name, how):
    assert seen("some_body", name) == [(1, "name", how)]


@pytest.mark.parametrize(
    ("network", "external_id", "handle"),
    [
        ("simulator", "u_tidewing", "tidewing"),
        ("simulator", "u_tidewing", "tidewlng"),
        ("simulator", "whatever", "TidewingCare"),
        ("simulator", "u_tidewind", "tidewind"),
        ("simulator", "u_other", "tidewind"),
        ("bluesky", "did:plc:1", "orchardrail.example"),
        ("bluesky", "did:plc:2", "help.orchardrail.example"),
    ],
)
def test_our_own_handles_and_watched_ones_are_nobody_else(network, external_id, handle):
    assert seen(handle, "", network, external_id) == []


def test_whoever_took_a_handle_of_ours_that_changed_hands_is_seen():
    assert seen("tidewing", external_id="u_thief") == [(1, "handle", "copy")]


def test_the_same_name_on_another_network_is_seen():
    assert seen("tidewing", network="mastodon") == [(1, "handle", "copy")]
    assert seen("orchard_rail", network="simulator") == [(3, "handle", "copy")]


@pytest.mark.parametrize(
    ("handle", "name"),
    [
        ("mira_k", "Mira K."),
        ("tom_on_tour", "Tom"),
        ("tidewing_is_late_again", "I hate Tidewing"),
        ("ana_from_tidewing_go", "Ana at Tidewing Go"),
        ("sidewinger", "Tide Wind"),
        ("tide", "Wing"),
        ("", ""),
        ("...", "✈✈✈"),
        ("support", "Customer Support"),
        ("\ud800\x00", "\u202e"),
    ],
)
def test_customers_are_left_in_peace(handle, name):
    assert seen(handle, name) == []


@pytest.mark.parametrize(
    ("handle", "name"),
    [
        ("delta_dawn92", "Delta"),
        ("delt", ""),
        ("della", "Della"),
        ("maria", "Mia"),
        ("mia_k", "Mia K."),
        ("mira", "Mila"),
        ("amia", ""),
    ],
)
def test_short_and_common_names_belong_to_many(handle, name):
    assert seen(handle, name) == []


@pytest.mark.parametrize(
    ("handle", "name", "brand"),
    [
        ("delta_support", "", 2),
        ("jane", "Delta Customer Service", 2),
        ("jane", "D\u0435lta", 2),
        ("del_ta", "Delta", 2),
        ("miahelp", "", 4),
    ],
)
def test_short_and_common_names_count_where_more_speaks_for_it(handle, name, brand):
    assert [one[0] for one in seen(handle, name)] == [brand]


def test_a_common_name_alone_on_another_network_is_no_impostor():
    assert seen("delta", "Jane", network="mastodon") == []
    assert seen("mia", "", network="mastodon") == []


def test_the_handle_says_more_than_the_name_and_a_copy_more_than_an_edit():
    (one,) = OURS.resembled("simulator", "x", "tidewingg", "Tidewing")
    assert (one.where, one.how, one.ours) == (Where.NAME, How.COPY, "@tidewing")
    (one,) = OURS.resembled("simulator", "x", "tide_wing", "Tidewing")
    assert (one.where, one.handle_id) == (Where.HANDLE, 1)


@pytest.mark.parametrize(
    ("handle", "says"),
    [
        ("@tidewing", "tidewing"),
        ("tidewing@mastodon.example", "tidewing"),
        ("tidewing.bsky.social", "tidewing"),
        ("help.tidewing.co.uk", "tidewing"),
        ("mr.x", "mr.x"),
        ("a..b", "a..b"),
        ("", ""),
    ],
)
def test_a_handle_is_read_without_its_server(handle, says):
    assert stem(handle) == says


def test_names_are_compared_by_letters_and_digits_only():
    assert compact("Tíde_Wing! №1") == "tidewingno1"


BRANDS = [
    "Walmart", "Target", "BestBuy", "Costco", "HomeDepot", "Lowes", "Macys", "Nordstrom", "Sephora",
    "Starbucks", "McDonalds", "Chipotle", "Delta", "JetBlue", "AmericanAir", "United", "SouthwestAir",
    "VirginAtlantic", "British_Airways", "EasyJet", "Ryanair", "Comcast", "Verizon", "ATT", "TMobile",
    "Sprint", "Vodafone", "Spotify", "Netflix", "Hulu", "Amazon", "Apple", "Microsoft", "Adobe", "Dropbox",
    "Uber", "Lyft", "Airbnb", "FedEx", "UPS", "DHL", "Nike", "Adidas", "Zara", "Tesco", "Sainsburys",
    "Argos", "Asos", "Zalando", "Xbox", "PlayStation", "Nokia", "Samsung", "Sony", "Dell", "HP",
]  # fmt: skip


def test_hardly_anybody_in_real_posts_is_taken_for_a_brand(shared_data):
    """Names of accounts in 50,000 tweets against 56 brands: before it is even asked whom they talk to."""
    from hearout.listening.tolerance.dictionary import LANGUAGES, known_words

    known_words(LANGUAGES, ["a"])
    folder = shared_data / "semeval2017_task4a"
    texts = "\n".join(path.read_text("utf-8", "replace") for path in sorted(folder.rglob("*.t*t")))
    names = sorted({name.lower() for name in re.findall(r"@(\w{2,30})", texts)})
    known = [Known(n, n, "twitter", name, "", True) for n, name in enumerate(BRANDS)]
    ours = OurNames(known, [(n, None, name) for n, name in enumerate(BRANDS)])
    taken = {name: ours.resembled("twitter", "x", name, "") for name in names}
    taken = {name: one for name, one in taken.items() if one}
    print(len(names), {name: f"{one[0].ours} {one[0].how}" for name, one in taken.items()})
    assert len(names) > 5_000
    assert len(taken) <= len(names) / 500

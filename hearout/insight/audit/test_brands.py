"""What a brands.toml says, and what is said of one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearout.insight.audit.brands import BrandHandle, BrandsError, parse_brands, read_brands

GOOD = """
[[brand]]
name = "Tidewing"
industry = "travel"
names = ["Tidewing Airlines"]
products = ["Tidewing Go", "TideMiles"]
hashtags = ["#tidewing"]

  [[brand.handle]]
  network = "Twitter"
  handle = "@TideWing"

  [[brand.handle]]
  handle = "tidewingcare"
  role = "care"

[[brand]]
name = "Orchard Rail"
"""


def test_a_brand_has_names_products_hashtags_and_handles_with_their_roles() -> None:
    tidewing, orchard = parse_brands(GOOD)
    assert (tidewing.name, tidewing.slug, tidewing.industry) == ("Tidewing", "tidewing", "travel")
    assert tidewing.names == ("Tidewing", "Tidewing Airlines")
    assert (tidewing.products, tidewing.hashtags) == (("Tidewing Go", "TideMiles"), ("tidewing",))
    assert tidewing.handles == (
        BrandHandle("TideWing", "twitter", "main"),
        BrandHandle("tidewingcare", "", "care"),
    )
    assert (orchard.slug, orchard.handles) == ("orchard-rail", ())


def test_the_owner_of_a_handle_is_found_in_any_case_on_its_network_or_on_any() -> None:
    brands = parse_brands(GOOD)
    assert brands.owner("twitter", "@tidewing")[0].name == "Tidewing"
    assert brands.owner("mastodon", "tidewing") is None
    assert brands.owner("mastodon", "TidewingCare")[1].role == "care"


def test_x_is_what_archives_call_twitter() -> None:
    brands = parse_brands(
        "[[brand]]\nname = 'Tidewing'\n[[brand.handle]]\nnetwork = 'X'\nhandle = 'tidewing'"
    )
    assert brands.owner("twitter", "tidewing") is not None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is no brand in it"),
        ("[brand]\nname = 'x'", "line 1: write [[brand]] with two brackets"),
        ("[[brand]]\nindustry = 'x'", 'line 1: name = "..." is missing'),
        ("[[brand]]\nname = 'x'\n\nnmaes = ['y']", "line 4: 'nmaes' means nothing in a [[brand]]; did you mean names?"),
        ("[[brand]]\nname = 'x'\n[[brand]]\nname = 'y'\nproducts = 'z'", "line 5: products is a list"),
        ("[[brand]]\nname = 'x'\n[[brand.handle]]\nhandle = 'y'\nrole = 'boss'", "line 5: role is 'boss'"),
        ("[[brand]]\nname = 'x'\n[[brand.handle]]\nhandle = 'y z'", "line 4: 'y z' is no handle"),
        ("[[brand]]\nname='x'\n[[brand.handle]]\nhandle='y'\n[[brand.handle]]\nrole='main'", "line 5: handle ="),
        ("[[brand]]\nname = 7", "line 2: name has 7"),
        ("[[brand]]\nname = 'x'\nnames = ['a\\u0000']", "at line 3"),
        ("[[brand]]\nname = 'x'\nnames = [\"a\\u0000\"]", "line 3: names has more than 200 characters or a control"),
        ("[[brand]]\nname = 'x'\n[[brand]]\nname = 'X'", "line 4: the brand 'X' is there twice"),
        ("[[brand]\nname = 'x'", "it is not TOML"),
        (GOOD + "[[brand.handle]]\nhandle='tidewingCARE'", "@tidewingCARE is there twice: of Tidewing and of Orchard"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(text: str, says: str) -> None:
    if "at line 3" in says:
        text = text.replace("'a\\u0000'", "'a\0'")
    with pytest.raises(BrandsError) as error:
        parse_brands(text)
    assert says in str(error.value)


def test_a_file_that_is_missing_or_no_text_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BrandsError, match="cannot be read: No such file"):
        read_brands(tmp_path / "none.toml")
    (tmp_path / "wide.toml").write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(BrandsError, match="Save it as UTF-8"):
        read_brands(tmp_path / "wide.toml")
    (tmp_path / "marked.toml").write_bytes(GOOD.encode("utf-8-sig"))
    assert len(read_brands(tmp_path / "marked.toml")) == 2

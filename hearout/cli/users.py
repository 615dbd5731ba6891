"""`hearout user`"""

from __future__ import annotations

import json
import secrets
from typing import Annotated

import typer
from rich.table import Table

from hearout.cli.ground import TroubleError, ground, out

app = typer.Typer(help="People who sign in.", no_args_is_help=True)


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="The address to sign in with.")],
    role: Annotated[str, typer.Option(help="agent, supervisor, admin or analyst.")] = "agent",
    brand: Annotated[str, typer.Option(help="The brand's short name; needed when there are several.")] = "",
    name: Annotated[str, typer.Option(help="The name colleagues see.")] = "",
    password: Annotated[
        str, typer.Option(help="Left out: one is made and shown once.", envvar="HEAROUT_PASSWORD")
    ] = "",
) -> None:
    """Add a person, or change their role at a brand.

    Example:  hearout user add ana@example.com --role agent --name "Ana Sousa"
    """
    with ground():
        from django.core.exceptions import ValidationError
        from django.core.validators import validate_email

        from hearout.people.models import Membership, Role, User

        try:
            validate_email(email)
        except ValidationError:
            raise TroubleError(f"{email!r} is no e-mail address.") from None
        if role not in Role.values:
            raise TroubleError(f"There is no role {role!r}. Choose one of: {', '.join(Role.values)}.")
        at = _brand(brand)
        user = User.objects.filter(email=email.lower()).first()
        made = "" if user else password or secrets.token_urlsafe(12)
        if user is None:
            user = User.objects.create_user(email, made, name=name or email.partition("@")[0].title())
        Membership.objects.update_or_create(brand=at, user=user, defaults={"role": role})
        out.print(f"{user.email} is {role} at {at.name}.")
        if made and not password:
            out.print(f"Password, shown this once: [bold]{made}[/]")


def _brand(slug: str):  # type: ignore[no-untyped-def]
    from hearout.people.models import Brand

    served = Brand.objects.filter(served=True)
    if slug:
        found = served.filter(slug=slug).first()
        if found is None:
            raise TroubleError(
                f"There is no brand {slug!r}. There are: {', '.join(b.slug for b in served) or 'none'}."
            )
        return found
    if served.count() == 1:
        return served.get()
    if not served.exists():
        return Brand.objects.create(slug="care", name="Care")
    raise TroubleError(f"Say which brand: --brand {' | '.join(b.slug for b in served)}.")


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False) -> None:
    """Who may sign in, and as what.

    Example:  hearout user list --json
    """
    with ground():
        from hearout.people.models import Membership

        rows = [
            {
                "email": m.user.email,
                "name": m.user.name,
                "role": m.role,
                "brand": m.brand.slug,
                "active": m.user.is_active,
            }
            for m in Membership.objects.select_related("user", "brand")
        ]
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    table = Table("e-mail", "name", "role", "brand", "active")
    for row in rows:
        table.add_row(
            *(str(row[part]) for part in ("email", "name", "role", "brand")), "yes" if row["active"] else "no"
        )
    out.print(table if rows else "Nobody yet. Add somebody: hearout user add you@example.com --role admin")

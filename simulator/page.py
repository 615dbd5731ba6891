"""The web page behind a post's `url`, so that a person can look at the thread as the network shows it."""

from html import escape

from simulator.moments import iso
from simulator.posts import Post
from simulator.server import Response

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}"
    "article{border-top:1px solid #ccc;padding:.75rem 0}article:target,.this{background:#fff6d6}"
    "small{color:#595959}p{margin:.25rem 0;white-space:pre-wrap;overflow-wrap:anywhere}"
)


def thread_page(post: Post, thread: list[Post]) -> Response:
    """The public thread around `post` as HTML."""
    articles = "".join(_article(one, one is post) for one in thread)
    title = escape(f"{post.author.name} on the simulated network")
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<main><h1>Thread</h1>{articles}</main></html>"
    )
    return Response(200, html.encode("utf-8", "replace"), {"Content-Type": "text/html; charset=utf-8"})


def _article(post: Post, this: bool) -> str:
    who = f"{escape(post.author.name)} <small>@{escape(post.author.handle)} · {iso(post.created)}</small>"
    return f"<article{' class=this' if this else ''}><b>{who}</b><p>{escape(post.text)}</p></article>"

"""Files of other kinds that people take for archives, told by their first bytes."""

from __future__ import annotations

from pathlib import Path

from hearout.channels.payload import reject

_OTHER_KINDS = (
    (b"PK\x03\x04", "a ZIP file or a workbook (.xlsx): unpack it, or save the sheet as CSV in UTF-8"),
    (b"\xd0\xcf\x11\xe0", "a workbook or document of an old Office: save the sheet as CSV in UTF-8"),
    (b"\xfd7zXZ\x00", "packed with xz: unpack it first, or pack it with gzip, bzip2 or Zstandard"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip file: unpack it first"),
    (b"Rar!", "a RAR file: unpack it first"),
    (b"SQLite format 3\x00", "an SQLite database: write the table with the posts to a CSV file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "an RTF document"),
    (b"<!doctype html", "a web page: perhaps the site wanted you to sign in before it gave the file"),
    (b"<html", "a web page: perhaps the site wanted you to sign in before it gave the file"),
    (b"<?xml", "an XML file"),
)


def refuse_other_kinds(path: Path, head: bytes) -> None:
    """Raises ChannelError(permanent=True) that says what the file is and what can be done."""
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, kind in _OTHER_KINDS:
        if first.startswith(mark.lower()):
            reject(f"{path} is {kind}.")
    if head[257:262] == b"ustar":
        reject(f"{path} is a tar file: unpack it first.")

"""What every reader is given: the customers' words, and texts that may break one."""

from __future__ import annotations

MIRA = (
    "@tidewing still waiting for my bag after three days, this is the third time you lost it. Awful service!"
)
TOM = "@tidewing what time does check-in open for the flight to Riga?"
PRIYA = "@tidewing the crew on my flight were so kind and helpful, best flight ever!"

HOSTILE = {
    "nothing": "",
    "blanks": " \t\n\u3000",
    "emoji only": "😡😡😡🤬",
    "hearts only": "❤️❤️🥰",
    "punctuation": "?!?!...",
    "100,000 characters of one word": "a" * 100_000,
    "100,000 characters of many words": "late again " * 9_090,
    "mixed scripts": "where είναι моя 荷物 حقيبتي मेरा bag?",
    "right to left": "أين حقيبتي؟ هذه ثالث مرة!",
    "an override of direction": "\u202egnitiaw llits\u202c my bag",
    "zero width": "la\u200bte ag\u200dain\ufeff",
    "control characters": "late\x00\x01\x07\x1b[31m again\x7f",
    "half a pair": "late \ud83d again \udc00",
    "HTML": "<script>alert('late')</script><b>again</b> &amp; &#x1F621; &#99999999999;",
    "base64": "aGVsbG8gd29ybGQgdGhpcyBpcyBhIHRlc3Q=" * 50,
    "drawn out": "sooooooooo laaaaaaaaate",
    "combining marks": "l" + "\u0301" * 5_000 + "ate",
    "handles only": "@a @b @c",
    "links only": "https://example.com/a https://example.com/b",
    "digits": "1234567890 " * 100,
    "names of the model's own marks": "^ $ < > w c",
    "a family of one emoji": "👨\u200d👩\u200d👧\u200d👦" * 40,
    "100,000 different characters": "".join(map(chr, range(0x4E00, 0x4E00 + 20_000))) * 5,
    "one sign that unfolds into many": "\ufdfa" * 2_000,
    "names of the model's own pieces": "<s> </s> <pad> <unk> ▁late",
}

"""What customers say: text files by language (`en-*.txt` are one), templates under `# section` lines."""

from functools import cache
from pathlib import Path

Sections = dict[str, list[str]]


@cache
def sections(language: str) -> Sections:
    """Section name to its templates in the order of the files, which are read by name."""
    found: Sections = {}
    for path in sorted(Path(__file__).parent.glob(f"{language}*.txt")):
        current: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                current = found.setdefault(line[2:].strip(), [])
            elif line:
                current.append(line)
    return found

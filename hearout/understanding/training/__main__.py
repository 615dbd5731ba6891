"""Trains the fast model: `python -m hearout.understanding.training --data ../shared/data --out FOLDER`.

Needs scikit-learn; reading with what comes of it does not. The same data and seed give the same file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from hearout.understanding.training.fast import train


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="where fast-2.npz and fast-2.json go")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--at-least", type=int, default=4, help="texts a feature must stand in to be kept")
    options = parser.parse_args()
    train(options.data, options.out, seed=options.seed, at_least=options.at_least)


if __name__ == "__main__":
    main()

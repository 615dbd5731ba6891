"""Fine-tunes the accurate model: `python -m hearout.understanding.training.accurate --data D --out FOLDER`.

Needs the extra `finetuning` (PyTorch and the weights to start from); reading needs none of it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from hearout.understanding.training.accurate.finetune import finetune
from hearout.understanding.training.accurate.finish import NAME, combined, finish
from hearout.understanding.training.accurate.prepare import prepare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="where the .onnx and the .json go")
    parser.add_argument("--work", type=Path, help="where what is prepared goes; left out: a folder in --out")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--share", type=float, default=1.0, help="of the training, to try things")
    parser.add_argument(
        "--heads-only", action="store_true", help="fit the heads in --out anew: after a new fast model"
    )
    parser.add_argument("--finish", action="store_true", help="only write what the weights in --work say")
    options = parser.parse_args()
    work = options.work or options.out / "prepared"
    if options.heads_only:
        combined(options.data, options.out, json.loads((options.out / f"{NAME}.json").read_text("utf-8")))
        return
    if not options.finish:
        prepare(options.data, work)
        finetune(work, options.seed, options.share)
    finish(options.data, work, options.out, options.seed)


if __name__ == "__main__":
    main()

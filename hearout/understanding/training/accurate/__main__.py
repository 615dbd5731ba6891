"""Fine-tunes the accurate model: `python -m hearout.understanding.training.accurate --data D --out FOLDER`.

Needs the extra `finetuning` (PyTorch and the weights to start from); reading needs none of it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from hearout.understanding.training.accurate.finetune import Plan, finetune
from hearout.understanding.training.accurate.finish import NAME, combined, finish


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the data sets")
    parser.add_argument(
        "--out", type=Path, required=True, help="where accurate-1.onnx and accurate-1.json go"
    )
    parser.add_argument("--work", type=Path, help="where checkpoints go; left out: a folder in --out")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--share", type=float, default=1.0, help="of the training, to try things")
    parser.add_argument("--stage", type=int, default=0, help="go on from the weights in --work; 0: the first")
    parser.add_argument(
        "--heads-only", action="store_true", help="fit the heads in --out anew: after a new fast model"
    )
    parser.add_argument("--finish", action="store_true", help="only write what the weights in --work say")
    options = parser.parse_args()
    plan = Plan(
        options.data, options.work or options.out / "checkpoints", options.seed, options.share, options.stage
    )
    if options.heads_only:
        combined(options.data, options.out, json.loads((options.out / f"{NAME}.json").read_text("utf-8")))
        return
    if not options.finish:
        finetune(plan)
    finish(plan, options.out)


if __name__ == "__main__":
    main()

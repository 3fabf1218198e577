"""The whole training, from specimens to committed networks: `make train-mark-reader`. At most two hours on two cores.

What is drawn or trained already (in FOLDER) is kept, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

from imgscan.mark_reader import reader as shipped
from training import album, calibrate, draw, export, measure, reader, spotter

SHARDS = [("crops", 10_000, number) for number in range(40)] + [("tiles", 10_000, number) for number in range(30)]
HELD = [("crops", 20_000, number) for number in range(2)] + [("tiles", 20_000, 0)]
"""No album serves twice: 10,000 to learn, 20,000 to choose, 30,000 to judge by."""
CROPS, TILES = 400_000, 100_000
"""How many are shown to each network: about an hour, one core each."""
JUDGED = 370
"""Specimens that the figures are taken from: ten of each layout."""


def main(folder: Path) -> None:
    """Draw, train both networks beside each other, write them into the package, calibrate, measure."""
    processes = multiprocessing.get_context("spawn")
    with processes.Pool(2) as pool:  # a new process cannot import what stands in a `__main__`
        shards = [(kind, folder / kind, seed, number) for kind, seed, number in HELD + SHARDS]
        pool.starmap(draw.shard, shards, chunksize=1)
    learners = [
        processes.Process(target=module.main, args=(str(folder / kind), str(folder / f"{name}.pt"), str(count)))
        for module, kind, name, count in ((reader, "crops", "reader", CROPS), (spotter, "tiles", "spotter", TILES))
        if not (folder / f"{name}.pt").exists()
    ]
    for learner in learners:
        learner.start()
    for learner in learners:
        learner.join()
        if learner.exitcode:
            raise SystemExit(learner.exitcode)
    export.main(str(folder / "reader.pt"), str(folder / "spotter.pt"), str(shipped.FOLDER))
    calibrate.main(str(folder / "crops"), str(shipped.FOLDER))
    album.draw(folder / "album", 30_000, 0, JUDGED)
    measure.main(str(folder / "album"), "30000")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""``python -m bench.generate FOLDER MESSAGES SEED``: demonstration data as Parquet files."""

import sys
from pathlib import Path

from bench.scenarios import UNTIL
from sources.demo import write_demo

if __name__ == "__main__":
    folder, messages, seed = sys.argv[1:]
    write_demo(Path(folder), int(messages), int(seed), UNTIL)

"""``python -m bench.generate FOLDER MESSAGES SEED``: write demonstration data as Parquet files."""

import sys
from pathlib import Path

from bench.scenarios import DATA_END
from sources.demo import write_demo

if __name__ == "__main__":
    folder, messages, seed = sys.argv[1:]
    write_demo(Path(folder), int(messages), int(seed), DATA_END)

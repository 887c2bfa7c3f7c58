"""Runs lists of SQL statements, each in a process that sees nothing else.

It is a script, which ``clean_files`` starts. For each line of its standard input, a JSON list of
statements, it forks a process with a new DuckDB that runs them, and writes a line with a JSON
object: {} when all were run, ``error`` with DuckDB's message when one failed, ``ended`` with a code
when the process ended early. It does not use DuckDB itself, so the processes have nothing from each
other.
"""

import json
import os
import sys

import duckdb


def main() -> None:
    """Run the statements of each line, until the input ends."""
    for line in sys.stdin:
        process = os.fork()
        if not process:
            _run(json.loads(line))
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if status:
            _say({"ended": status})
    _end()


def _run(statements: list[str]) -> None:
    try:
        with duckdb.connect() as connection:
            for statement in statements:
                connection.execute(statement)
        _say({})
    except duckdb.Error as error:
        _say({"error": str(error)})
    _end()


def _say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _end() -> None:
    # At an ordinary end DuckDB complains about Python objects that are still there.
    os._exit(0)


if __name__ == "__main__":
    main()

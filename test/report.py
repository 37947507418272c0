#!/usr/bin/env python3
"""What the JUnit files of a run (test/run.sh) say.

usage: test/report.py count FILE      passed, failed and skipped tests of one file; a test whose program is missing has failed
       test/report.py times [FOLDER]  where the time of the last run went: stages, then tests, the slowest first
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

LOGS = pathlib.Path(__file__).resolve().parent.parent / "build" / "logs"
SKIPPED = "SKIP_RETURN_CODE"  # how ctest says that a test skipped itself
STAGES = "stages"  # test/run.sh writes it: seconds, tab, name


def cases(path):
    return ElementTree.parse(path).getroot().iter("testcase")


def result_of(case):
    skipped = case.find("skipped")
    if skipped is not None and SKIPPED in skipped.get("message", ""):
        return "skipped"
    return "passed" if case.get("status") == "run" else "failed"


def count(path):
    results = [result_of(case) for case in cases(path)]
    return [results.count(kind) for kind in ("passed", "failed", "skipped")]


def stage_times(folder):
    path = folder / STAGES
    return [line.split("\t", 1) for line in path.read_text().splitlines()] if path.exists() else []


def test_times(folder):
    return [(case.get("time"), f"{path.stem}: {case.get('name')}") for path in folder.glob("*.xml") for case in cases(path)]


def show(title, times):
    print(title)
    for seconds, name in sorted(((float(seconds), name) for seconds, name in times), reverse=True):
        print(f"{seconds:9.1f} s  {name}")


def main(arguments):
    match arguments:
        case ["count", path]:
            print(*count(path))
        case ["times", *folder] if len(folder) <= 1:
            where = pathlib.Path(folder[0]) if folder else LOGS
            show("stages", stage_times(where))
            show("tests", test_times(where))
        case _:
            sys.exit(__doc__.strip())


if __name__ == "__main__":
    main(sys.argv[1:])

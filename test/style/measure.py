#!/usr/bin/env python3
"""Prints what can be measured of how the product's code reads, beside the figures of an earlier day. No test: numbers to look at.

    test/style/measure.py            # a table
    test/style/measure.py --starts   # comment blocks that begin without their subject, one a line; a test: headers have none
"""
import collections
import json
import pathlib
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ["pkg", "operator"]
# Words that stand for a subject instead of naming it.
UNNAMED = set("It What Who Of One That This Those These They Whoever Whatever Somebody Nobody None Whose Them Its Their".split())
# The same figures at 4e46ab3 (2026-11-27).
EARLIER = {
    "files": "351", "lines": "27336", "lines a file, median/p90/max": "53/176/290", "lines a function, median/p90/max": "5/14/44",
    "functions over 25 lines": "1.0%", "words in a function's name, mean": "1.79", "comment blocks": "1143",
    "blocks that begin without their subject": "16-19%", "floors, pkg/migration": "11", "arrows back, pkg/migration": "2",
    "floors, operator/controller": "10", "arrows back, operator/controller": "0", "documents named that are not there": "48",
}


def sources():
    return sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.suffix in (".h", ".cc"))


def spread(values):
    ordered = sorted(values)
    return f"{int(statistics.median(ordered))}/{ordered[int(len(ordered) * 0.9)]}/{ordered[-1]}"


def functions():
    """Name and length of each function; ctags knows where it ends."""
    command = ["ctags", "--output-format=json", "--fields=+ne", "--c++-kinds=f", "--languages=C++", "-f", "-", "-R", *FOLDERS]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    tags = [json.loads(line) for line in lines]
    return [(tag["name"], tag["end"] - tag["line"] + 1) for tag in tags if "end" in tag]


def words(name):
    return len([word for word in re.split(r"_|(?<=[a-z0-9])(?=[A-Z])", name.strip("_~")) if word])


def blocks():
    """Path, line and text of each comment block."""
    for path in sources():
        text, start = [], 0
        for number, line in enumerate([*path.read_text().splitlines(), ""], 1):
            comment = re.match(r"\s*//+ ?(.*)$", line)
            if comment:
                start = start or number
                text.append(comment[1])
            elif text:
                yield path.relative_to(ROOT), start, " ".join(text)
                text, start = [], 0


def unnamed(text):
    first = re.match(r"[A-Za-z]+", text)
    return bool(first) and first[0] in UNNAMED


def rooms(folder):
    """Which room includes which: a room is a sub-folder, or a file that stands in the folder itself."""
    arrows = collections.defaultdict(set)
    for path in (ROOT / folder).rglob("*"):
        if path.suffix not in (".h", ".cc"):
            continue
        own = path.relative_to(ROOT / folder).parts[0].split(".")[0]
        arrows[own]
        for other in re.findall(rf'#include "{pathlib.Path(folder).name}/([^"]+)"', path.read_text()):
            room = other.split("/")[0].split(".")[0]
            if room != own:
                arrows[own].add(room)
    return arrows


def height(arrows, room, above=()):
    """Floors below a room; arrows that lead in a circle are not followed."""
    return 1 + max((height(arrows, other, (*above, room)) for other in arrows[room] if other not in (*above, room)), default=0)


def floors(folder):
    arrows = rooms(folder)
    heights = {room: height(arrows, room) for room in list(arrows)}
    back = sum(heights[other] >= heights[room] for room, others in arrows.items() for other in others if other in heights)
    return max(heights.values()), back


def dangling():
    """Markdown files that a source names and that are nowhere in the repository."""
    there = {path.name for path in ROOT.rglob("*.md") if "build" not in path.parts}
    named = [name for path in sources() for name in re.findall(r"\b([A-Za-z_-]+\.md)\b", path.read_text())]
    return sum(name not in there for name in named)


def table():
    files = [path.read_text().splitlines() for path in sources()]
    known = functions()
    all_blocks = list(blocks())
    rows = {
        "files": len(files),
        "lines": sum(map(len, files)),
        "lines a file, median/p90/max": spread(map(len, files)),
        "lines a function, median/p90/max": spread(length for _, length in known),
        "functions over 25 lines": f"{100 * sum(length > 25 for _, length in known) / len(known):.1f}%",
        "words in a function's name, mean": f"{statistics.mean(words(name) for name, _ in known):.2f}",
        "comment blocks": len(all_blocks),
        "blocks that begin without their subject": f"{100 * sum(unnamed(text) for *_, text in all_blocks) / len(all_blocks):.1f}%",
    }
    for folder in ("pkg/migration", "operator/controller"):
        count, back = floors(folder)
        rows |= {f"floors, {folder}": count, f"arrows back, {folder}": back}
    rows["documents named that are not there"] = dangling()
    for name, value in rows.items():
        print(f"{name:42} {value!s:>14} {EARLIER.get(name, ''):>14}")


def main():
    if sys.argv[1:] == ["--starts"]:
        found = [(path, line, text) for path, line, text in blocks() if unnamed(text)]
        for path, line, text in found:
            print(f"{path}:{line}: {text}")
        if any(path.suffix == ".h" for path, *_ in found):
            sys.exit("a comment in a header begins with what it is about: name it")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        print(f"{'':42} {'now':>14} {'at 4e46ab3':>14}")
        table()


if __name__ == "__main__":
    main()

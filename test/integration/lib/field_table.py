"""The field's configurations as a table for people: `test_field.py --table`."""
COLUMNS = ("section", "configuration", "source", "what it shows", "right answer")


def answer(row):
    """In words: what blocks, what is told, who is left alone, and what becomes of it."""
    words = [f"`{finding}` blocks: {observed}" for finding, observed in row["blocks"].items()]
    words += [f"`{finding}` tells: {observed}" for finding, observed in row["told"].items()]
    words += [f"{name} {value}" for name, value in row["detected"].items()]
    if row["skipped"]:
        words.append(f"{row['skipped']} left alone")
    if row["mends"]:
        words.append("its fix mends it")
    return "; ".join(["planned"] * (row["phase"] == "Planned") + words)


def markdown(rows):
    lines = [COLUMNS, ("---",) * len(COLUMNS)]
    lines += [(str(row["section"]), row["name"], row["source"] + " (looked for)" * row["own"], row["shows"], answer(row))
              for row in rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)

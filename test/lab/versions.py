"""The pins of versions.env, for the makers of images."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def versions():
    with open(os.path.join(HERE, "versions.env"), encoding="utf-8") as file:
        return dict(line.strip().split("=", 1) for line in file if "=" in line and not line.startswith("#"))

#!/usr/bin/env python3
"""The same with IPv6 beside IPv4, on two nodes: two tunnels a node."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import lab_story


class DualStackTest(lab_story.HandOverStory):
    options = {"nodes": 2, "dual_stack": True}


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)

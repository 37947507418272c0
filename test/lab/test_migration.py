#!/usr/bin/env python3
"""The whole product on three real kubelets with real flannel: to Calico and back, with traffic on every path all the while."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import lab_story


class MigrationTest(lab_story.HandOverStory):
    options = {"nodes": 3}


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)

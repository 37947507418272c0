#!/usr/bin/env python3
"""The power of a node fails at each step of its move, in both directions: it goes on when it is back, and nobody else notices."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import lab_story
from lib.lab_case import LabCase
from lib.lab_faults import Fault

# No pod of before is left on a node after the first time: Refresh, which replaces them, would be over at once. The nodes move in
# this order, one at a time.
CUTS = {"n1": ("Stop", "Verify", "Clean"), "n2": ("Cordon", "Hand", "Start", "Uncordon"), "n3": ("Refresh",)}
SECONDS = 600


class PowerStepsTest(lab_story.Story, LabCase):
    """The operator is a process beside the nodes: it is halted while a node is without power."""

    @classmethod
    def start_operator(cls):
        cls.start_operator_beside()

    def switch_off_and_on(self, node):
        self.off.setdefault(node, time.time())
        self.lab.power(node, "off")
        self.lab.power(node, "on")

    def move_with_power_cuts(self, target, phase):
        self.off = {}
        cuts = [Fault("power cut", node, step, self.switch_off_and_on, later=list(CUTS)[at + 1:])
                for at, (node, steps) in enumerate(CUTS.items()) for step in steps]
        traffic = self.move_through(target, phase, cuts, SECONDS, maxUnavailable=1)
        self.assert_nothing_lost(traffic, self.off)
        self.lab.wait_pods("app=peer", 3)

    def test_1_to_calico(self):
        self.move_with_power_cuts("Calico", "Completed")
        self.assert_all_of_calico()

    def test_2_back_to_flannel(self):
        self.move_with_power_cuts("Flannel", "Reverted")
        self.assert_all_of_flannel()


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)

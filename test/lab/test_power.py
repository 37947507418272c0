#!/usr/bin/env python3
"""Nodes lose their power in the middle of their move, in both directions: the end is reached, and nobody else notices."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import lab_story
from lib.lab_case import LabCase

OFF_SECONDS = 3


class PowerTest(lab_story.Story, LabCase):
    def switch_off_and_on(self, node):
        self.off[node] = time.time()
        self.lab.power(node, "off")
        self.lab.settle(OFF_SECONDS)
        self.lab.power(node, "on")

    def move_with_power_cuts(self, target, phase, *steps):
        self.off = {}
        traffic = self.move(target, phase, {step: self.switch_off_and_on for step in steps})
        self.assertEqual(len(self.off), len(steps))
        self.assert_nothing_lost(traffic, self.off)
        self.assert_in_service()
        self.lab.wait_pods("app=peer", 3)

    def test_1_to_calico(self):
        self.move_with_power_cuts("Calico", "Completed", "HandOver", "StartCalico")
        self.assert_all_of_calico()

    def test_2_back_to_flannel(self):
        self.move_with_power_cuts("Flannel", "Reverted", "HandBack", "StartFlannel")
        self.assert_all_of_flannel()


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)

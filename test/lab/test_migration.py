#!/usr/bin/env python3
"""The whole product on three real kubelets with real flannel, two families: to Calico and back, with traffic on every path."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import lab_story
from lib.lab_case import LabCase

OPERATOR = "/usr/bin/flannel-migration-operator run"


class MigrationTest(lab_story.Story, LabCase):
    """One story: the tests run in the order of their names."""

    options = {"nodes": 3, "dual_stack": True}

    def kill_operators(self, _):
        self.assertGreater(sum(len(self.lab.kill(node, OPERATOR)) for node in self.lab.names), 0)

    def test_1_to_calico_without_a_packet_lost(self):
        traffic = self.move("Calico", "Completed", {"Verify": self.kill_operators})
        self.assert_nothing_lost(traffic)
        self.assert_short_absences(traffic)
        self.assert_no_complaint(self.lab)

    def test_2_nothing_is_left_of_flannel(self):
        self.assert_all_of_calico()

    def test_3_back_to_flannel_without_a_packet_lost(self):
        traffic = self.move("Flannel", "Reverted")
        self.assert_nothing_lost(traffic)
        self.assert_short_absences(traffic)

    def test_4_nothing_is_left_of_calico(self):
        self.assert_all_of_flannel()


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)

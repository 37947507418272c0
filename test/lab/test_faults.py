#!/usr/bin/env python3
"""What goes wrong on real nodes while they are moved: programs are killed, a node loses its power, another one joins."""
import concurrent.futures
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import lab_story
from lib.lab_case import LabCase

AGENT = "/usr/bin/flannel-migration-agent handover"
OPERATOR = "/usr/bin/flannel-migration-operator run"


class FaultsTest(lab_story.Story, LabCase):
    def kill_kubelet_and_containerd(self, node):
        self.assertTrue(self.lab.kill(node, "[^ ]*/kubelet --config"))
        self.assertTrue(self.lab.kill(node, "[^ ]*/containerd --config"))

    def kill_operators(self, _):
        self.assertGreater(sum(len(self.lab.kill(node, OPERATOR)) for node in self.lab.names), 0)

    def switch_off_and_on(self, node):
        self.lab.power(node, "off")
        self.off = node
        self.lab.settle(3)
        self.lab.power(node, "on")

    def test_1_no_packet_is_lost_when_programs_are_killed(self):
        faults = {"StartCalico": self.kill_kubelet_and_containerd, "Verify": self.kill_operators}
        with concurrent.futures.ThreadPoolExecutor() as pool:
            # It runs for a moment only: the hunt begins before.
            hunt = pool.submit(self.lab.kill, "n2", AGENT, 90)
            traffic = self.move("Calico", "Completed", faults)
        self.assertTrue(hunt.result(), "the agent was too quick to be killed")
        self.assert_nothing_lost(traffic)
        self.assert_all_of_calico()

    def test_2_the_revert_ends_although_a_node_loses_its_power(self):
        faults = {"StartFlannel": self.switch_off_and_on, "HandBack": self.kill_kubelet_and_containerd}
        traffic = self.move("Flannel", "Reverted", faults)
        self.assert_nothing_lost(traffic, without=[self.off])
        self.lab.wait_pods("app=peer", 3, 120)
        self.assert_all_of_flannel()


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)

#!/usr/bin/env python3
"""The whole product on three real kubelets with real flannel, two families: to Calico and back, with traffic on every path."""
import ipaddress
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import calico_check, lab_story
from lib.lab import address_of
from lib.lab_case import LabCase

# Nodes that have had many pods. The second one's come to the end of the blocks that every node has while they start.
FAR = {"n1": 0x5000, "n2": 0xfc}
RESERVED = "/var/lib/cni/networks/cbr0/last_reserved_ip.1"  # host-local's second range: IPv6
OPERATOR = "/usr/bin/flannel-migration-operator run"


class MigrationTest(lab_story.Story, LabCase):
    """One story: the tests run in the order of their names."""

    options = {"nodes": 3, "dual_stack": True}

    @classmethod
    def before_workloads(cls):
        for name, want in calico_check.expectations(cls.lab).items():
            if name in FAR:
                address = ipaddress.ip_network(want.cidrs[6])[FAR[name]]
                cls.lab.enter(name, "sh", "-c", 'mkdir -p "${1%/*}" && printf %s "$2" >"$1"', "_", RESERVED, str(address))

    def test_0_pods_live_far_up(self):
        far = {pod["spec"]["nodeName"]: pod for pod in self.lab.pods("app=peer") if pod["spec"]["nodeName"] in FAR}
        self.assertEqual(set(far), set(FAR))
        for node, pod in far.items():
            network = ipaddress.ip_network(self.expected[node].cidrs[6])
            self.assertGreater(int(ipaddress.ip_address(address_of(pod, 6))) - int(network[0]), FAR[node])

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

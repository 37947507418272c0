#!/usr/bin/env python3
"""The whole product on three real kubelets with real flannel: to Calico and back, with traffic on every path all the while."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import Lab, calico_check, paths
from lib.lab_case import CALICO_FILES, FLANNEL_FILES, LabCase, Traffic

SECONDS = 300


def setUpModule():
    global LAB, EXPECTED
    LAB = unittest.enterModuleContext(Lab(nodes=3, calico=True, product=True))
    LAB.apply(os.path.join(paths.LAB, "workloads.yaml"))
    for labels, count in (("app=peer", 3), ("app=web", 4), ("app=store", 2), ("app=bare", 1)):
        LAB.wait_pods(labels, count)
    EXPECTED = calico_check.expectations(LAB)
    LAB.start_operator()


class MigrationTest(LabCase):
    """One story: the tests run in the order of their names."""

    def test_1_to_calico_without_a_packet_lost(self):
        with Traffic(LAB) as traffic:
            LAB.apply_migration(target="Calico")
            LAB.wait_phase("Completed", SECONDS)
            LAB.settle(2)
        self.assert_nothing_lost(traffic)
        self.assert_no_complaint(LAB)

    def test_2_nothing_is_left_of_flannel(self):
        self.assert_pods_hang_on(LAB, "cali")
        self.assert_no_links(LAB, "flannel", "cni0")
        self.assert_no_rules(LAB, "FLANNEL", "flannel")
        self.assert_no_routes(LAB, "flannel", "cni0")
        self.assert_no_files(LAB, FLANNEL_FILES)
        handles = [("ipamhandles", one["metadata"]["name"]) for one in LAB.list("ipamhandles")]
        pods = [handle for handle in handles if handle[1].startswith("k8s-pod-network.")]
        self.assertEqual(len(pods), len(LAB.pods_of_network()))
        calico_check.check_cluster(LAB, EXPECTED, others=pods)

    def test_3_back_to_flannel_without_a_packet_lost(self):
        with Traffic(LAB) as traffic:
            LAB.edit_migration(target="Flannel")
            LAB.wait_phase("Reverted", SECONDS)
            LAB.settle(2)
        self.assert_nothing_lost(traffic)

    def test_4_nothing_is_left_of_calico(self):
        self.assert_pods_hang_on(LAB, "cni0")
        self.assert_no_links(LAB, "vxlan.calico", "cali")
        self.assert_no_rules(LAB, "cali")
        self.assert_no_routes(LAB, "cali", "blackhole", "proto 80")
        self.assert_no_files(LAB, CALICO_FILES)
        self.assertEqual(LAB.list("ipamblocks") + LAB.list("ipamhandles"), [])


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)

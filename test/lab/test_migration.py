#!/usr/bin/env python3
"""The whole product on three real kubelets with real flannel, two families, NetworkPolicies in force: to Calico
and back, with traffic on every path."""
import ipaddress
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import calico_check, calico_write, lab_policies, lab_story
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
        cls.lab.apply(lab_policies.policies(cls.lab))

    def test_0_flannel_asks_for_no_policy(self):
        self.assert_all_paths_answer()

    def assert_all_paths_answer(self):
        """Those that policies deny, too."""
        paths = list(lab_policies.denied_paths(self.lab))
        self.lab.wait(lambda: len(lab_policies.open_paths(self.lab)) == len(paths), 300, "answers on paths that policies deny")

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

    def test_2_policies_are_in_force(self):
        self.assertEqual(lab_policies.open_paths(self.lab), [])

    def test_3_later_calico_gives_addresses_out_anywhere(self):
        block = calico_check.blocks_of(self.expected["n2"].cidrs[4], 26)[-1]
        self.give_block("n2", "n1", block)
        self.restart_a_pod_on("n1", "app=web")
        self.assertTrue(any(ipaddress.ip_address(address_of(pod)) in block for pod in self.lab.pods("app=web")))

    def give_block(self, giver, taker, block):
        """Garbage collection takes an empty block from one node, another one claims it and has no other."""
        name = calico_check.cidr_name(block)
        self.assertEqual(set(self.lab.get("ipamblocks", name)["spec"]["allocations"]), {None})
        self.lab.delete("ipamblocks", name)
        self.lab.delete("blockaffinities", calico_check.affinity_name(giver, block))
        self.lab.api.create("ipamblocks", calico_write.block(taker, block, {}))
        for own in calico_check.blocks_of(self.expected[taker].cidrs[4], 26):
            self.lab.delete("blockaffinities", calico_check.affinity_name(taker, own))
        self.lab.api.create("blockaffinities", calico_write.affinity(taker, block))

    def restart_a_pod_on(self, node, labels):
        others = [name for name in self.lab.names if name != node]
        for name in others:
            self.lab.patch("nodes", name, {"spec": {"unschedulable": True}})
        pods = self.lab.pods(labels)
        self.lab.delete("pods", pods[0]["metadata"]["name"], "default")
        self.lab.wait_pods(labels, len(pods))
        for name in others:
            self.lab.patch("nodes", name, {"spec": {"unschedulable": None}})

    def test_4_back_to_flannel_without_a_packet_lost(self):
        traffic = self.move("Flannel", "Reverted")
        self.assert_nothing_lost(traffic)
        self.assert_short_absences(traffic)

    def test_5_nothing_is_left_of_calico(self):
        self.assert_all_of_flannel()

    def test_5_no_policy_is_left_in_force(self):
        self.assert_all_paths_answer()


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)

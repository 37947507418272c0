#!/usr/bin/env python3
"""Canal in the place of flannel on three real kubelets, NetworkPolicies in force: to Calico and back, with traffic on every
path."""
import ipaddress
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import calico_check, lab_policies, lab_story, snapshot
from lib.lab import address_of
from lib.lab_case import CALICO_FILES, LabCase

LEASES = "/var/lib/cni/networks/k8s-pod-network"
SAVED = ".flannel-migration"
CANAL_FILES = ("/etc/cni/net.d/10-canal.conflist", LEASES, LEASES + SAVED, "/run/flannel/flannel-migration.json")
# Canal's own install-cni and calico-node bring the other ones.
LEFT_OF_CALICO = (CALICO_FILES[0], CALICO_FILES[0] + SAVED, LEASES + SAVED)
# Of the objects that the migration writes to, besides DaemonSets.
KINDS = ("nodes", "ippools", "felixconfigurations", "ipamconfigs", "ipamblocks", "blockaffinities", "ipamhandles")


class CanalTest(lab_story.Story, LabCase):
    """One story: the tests run in the order of their names."""

    options = {"nodes": 3, "canal": True}

    @classmethod
    def before_workloads(cls):
        cls.before = snapshot.take(cls.lab)
        cls.lab.apply(lab_policies.policies(cls.lab))

    def test_0_policies_are_in_force(self):
        self.assertEqual(lab_policies.open_paths(self.lab), [])

    def test_0_canals_own_pool_is_not_what_the_pods_are_in(self):
        pool = self.lab.get("ippools", "default-ipv4-ippool")["spec"]
        self.assertEqual((pool["vxlanMode"], pool["cidr"]), ("Never", "192.168.0.0/16"))
        self.assert_leases_are_those_of_pods()

    def test_1_the_right_that_calicos_manifest_took_away_is_given_back(self):
        """Without it no pod of Canal's starts again, half-way or in a revert."""
        self.lab.apply_migration(mode="Plan")
        self.lab.follow_fix(self.lab.wait_finding("CanalRights"))
        self.lab.wait_mended("CanalRights")
        self.lab.edit_migration(mode=None)

    def test_2_to_calico_without_a_packet_lost(self):
        traffic = self.move("Calico", "Completed")
        self.assert_nothing_lost(traffic)
        self.assert_short_absences(traffic)
        self.assert_no_complaint(self.lab)

    def test_3_nothing_is_left_of_canal(self):
        self.assert_all_of_calico()
        self.assert_no_files(self.lab, CANAL_FILES)
        calico_check.check_pool(self.lab, "default-ipv4-ippool", "10.244.0.0/16")
        self.assertEqual(self.lab.find("daemonsets", "canal", "kube-system"), None)

    def test_3_policies_are_in_force(self):
        self.assertEqual(lab_policies.open_paths(self.lab), [])

    def test_4_back_to_canal_without_a_packet_lost(self):
        self.let_host_local_begin_at_live_pods()
        traffic = self.move("Flannel", "Reverted")
        self.assert_nothing_lost(traffic)
        self.assert_short_absences(traffic)
        self.assert_no_complaint(self.lab, "canal")

    def test_5_nothing_is_left_of_calico(self):
        self.assert_pods_hang_on(self.lab, "cali")
        self.assert_host_ports_lead_to_pods(self.lab)
        self.assert_leases_are_those_of_pods()
        self.assert_no_links(self.lab, "vxlan.calico", "cni0")
        self.assert_no_rules(self.lab, "VXLAN")
        self.assert_no_routes(self.lab, "vxlan.calico", "blackhole", "proto 144")
        self.assert_no_files(self.lab, LEFT_OF_CALICO)
        self.assertEqual(snapshot.differences(self.kept(self.before), self.kept(snapshot.take(self.lab))), [])

    def test_5_policies_are_in_force(self):
        self.assertEqual(lab_policies.open_paths(self.lab), [])

    def let_host_local_begin_at_live_pods(self):
        """The first address that it looks at on each node is one that a pod of Calico's has."""
        for node in self.lab.names:
            live = [ipaddress.ip_address(address_of(pod)) for pod in self.lab.pods_of_network(node)]
            self.lab.enter(node, "sh", "-c", 'mkdir -p "$1" && printf %s "$2" >"$1/last_reserved_ip.0"', "_", LEASES, str(min(live) - 1))

    @staticmethod
    def kept(taken):
        return {key: value for key, value in taken.items() if key[0] in KINDS}

    def assert_leases_are_those_of_pods(self):
        """Each is a pod's own, which gives it back when it goes; nobody's would never be given out again."""
        for node in self.lab.names:
            files = self.lab.enter(node, "sh", "-c", 'cd "$1" && grep -EHc "^[0-9a-f]{64}" 10.*', "_", LEASES).split()
            addresses = [address_of(pod) for pod in self.lab.pods_of_network(node)]
            self.assertEqual(sorted(files), sorted(f"{address}:1" for address in addresses), node)


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)

#!/usr/bin/env python3
"""A node joins when half of the others are moved: it goes straight to Calico, and reaches both sides."""
import itertools
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import lab_story
from lib.cluster import MIGRATION, NETWORK_LABEL
from lib.lab import address_of
from lib.lab_case import LabCase


class JoinTest(lab_story.Story, LabCase):
    """One story: the tests run in the order of their names."""

    def assert_all_peers_answer(self, count):
        for pod, peer in itertools.permutations(self.lab.wait_pods("app=peer", count, 90), 2):
            output = self.lab.execute(pod, "ping", "-c", "3", "-i", "0.1", "-W", "2", address_of(peer))
            self.assertIn(" 0% packet loss", output, f"{pod['spec']['nodeName']} to {peer['spec']['nodeName']}")

    def test_1_the_new_node_reaches_moved_and_unmoved_ones(self):
        # A canary holds the others without a pause, in which nothing would be written for a new node either.
        self.lab.apply_migration(target="Calico", rollout={"canary": {"nodes": 1, "approval": "Manual"}})
        self.lab.wait_progress(1, 90)
        self.lab.wait(lambda: "none" not in self.lab.networks().values(), 60, "no node on its way")
        self.lab.power("n4", "on")
        self.lab.wait(lambda: self.lab.networks().get("n4") == "calico", 60, "n4 labelled for Calico")
        self.assertIn("flannel", self.lab.networks().values())
        self.assert_all_peers_answer(4)

    def test_2_the_migration_goes_on_to_its_end(self):
        self.lab.patch("flannelmigrations", MIGRATION, {"metadata": {"annotations": {"cni-migration.io/approve": "true"}}})
        self.assertEqual(self.lab.wait_phase("Completed", lab_story.SECONDS)["status"]["nodes"]["calico"], 4)
        self.assertNotIn("calico", [node["metadata"]["labels"].get(NETWORK_LABEL) for node in self.lab.list("nodes")])
        self.assert_all_peers_answer(4)
        self.assert_pods_hang_on(self.lab, "cali")
        self.assert_no_complaint(self.lab)


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)

#!/usr/bin/env python3
"""The same with IPv6 beside IPv4, on two nodes that have had many pods: two tunnels a node, and pods far up in their node's /64."""
import ipaddress
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import calico_check, lab_story
from lib.lab import address_of

# The second node's pods come to the end of the blocks that every node has while they start.
FAR = {"n1": 0x5000, "n2": 0xfc}
RESERVED = "/var/lib/cni/networks/cbr0/last_reserved_ip.1"  # host-local's second range: IPv6


class DualStackTest(lab_story.HandOverStory):
    options = {"nodes": 2, "dual_stack": True}

    @classmethod
    def before_workloads(cls):
        for name, want in calico_check.expectations(cls.lab).items():
            address = ipaddress.ip_network(want.cidrs[6])[FAR[name]]
            cls.lab.enter(name, "sh", "-c", 'mkdir -p "${1%/*}" && printf %s "$2" >"$1"', "_", RESERVED, str(address))

    def test_0_pods_live_far_up(self):
        for pod in self.lab.pods("app=peer"):
            node = pod["spec"]["nodeName"]
            network = ipaddress.ip_network(self.expected[node].cidrs[6])
            self.assertGreater(int(ipaddress.ip_address(address_of(pod, 6))) - int(network[0]), FAR[node])


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)

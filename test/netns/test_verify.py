"""Verify: the device is the one that was handed over, and the peers answer through it."""
import os

import lib
from lib import NodeTest
from lib.files import NETD


class VerifyTest(NodeTest):
    options = {"dual": True, "nodes": 3}

    def setUp(self):
        super().setUp()
        self.succeed(self.node.agent("handover"))
        self.node.lay_felix()

    def verify(self, *more, timeout="10s"):
        return self.node.agent("verify", "--network", "calico", "--timeout", timeout, *self.node.peer_arguments(), *more)

    def test_migrated_and_unmigrated_peers_answer_small_and_at_full_mtu(self):
        third = self.network.nodes[2]
        self.succeed(third.agent("handover"))
        third.lay_felix()
        ran = self.succeed(self.verify())
        for peer in self.network.peers_of(self.node):
            for address in (peer.vtep, peer.vtep6):
                self.assertRegex(ran.message, rf"{peer.name} {address}: small 3/3, full 3/3, \d+\.\d+ ms")
        print("  " + ran.message)

    def test_a_silent_peer_is_named(self):
        ran = self.verify("--peer", "n9=10.244.9.0", timeout="1s")
        self.fail_with(ran, "peers that do not answer: n9 10.244.9.0: small 0/")

    def test_a_path_that_swallows_large_packets_is_found(self):
        self.node.ns.run("iptables-nft", "-A", "OUTPUT", "-o", "vxlan.calico", "-m", "length", "--length", "1400:", "-j", "DROP")
        ran = self.verify(timeout="1s")
        self.fail_with(ran, "peers that do not answer: n2 10.244.2.0: small ")
        self.assertIn(", full 0/", ran.message)

    def test_a_device_that_felix_made_anew_is_found(self):
        self.node.ns.batch("link del vxlan.calico")
        self.node._add_tunnel("vxlan.calico", self.node.mac, self.node.ip, self.node.vtep, 32)
        self.fail_with(self.verify(timeout="1s"), "vxlan.calico is not the device that was handed over")

    def test_what_differs_from_the_annotations_is_named(self):
        for change, message in (("link set vxlan.calico mtu 1400", "has MTU 1400, wanted 1450"),
                                ("link set vxlan.calico mtu 1450 address 02:00:00:00:00:09", "has MAC 02:00:00:00:00:09, wanted"),
                                ("link set vxlan.calico down", "is down")):
            self.node.ns.batch(change)
            self.fail_with(self.verify(timeout="1s"), message)

    def test_the_dummy_configuration_does_not_count(self):
        self.succeed(self.node.agent("handover"))
        self.fail_with(self.verify(timeout="1s"), "CNI configuration 10-calico.conflist is in force")

    def test_a_flannel_device_that_came_back_is_found(self):
        self.node.ns.batch("link add flannel.1 type bridge")
        self.fail_with(self.verify(timeout="1s"), "flannel.1 is there")

    def test_on_the_way_back_flannels_side_is_checked(self):
        ask = ("verify", "--network", "flannel", *self.node.peer_arguments())
        self.fail_with(self.node.agent(*ask, "--timeout", "1s"), "vxlan.calico is there")
        self.succeed(self.node.agent("handback"))
        self.succeed(self.node.agent(*ask))

    def test_probe_asks_the_peers_and_nothing_else(self):
        self.node.ns.batch("link set vxlan.calico mtu 1400 address 02:00:00:00:00:09")
        os.remove(self.node.files.path(f"{NETD}/10-calico.conflist"))
        ran = self.node.agent("probe", "--peer", f"n2={self.network.nodes[1].vtep}", "--peer", "n9=10.244.9.0", "--timeout", "1s")
        self.fail_with(ran, "peers that do not answer: ")
        self.assertRegex(ran.message, r"n9 10.244.9.0: small 0/\d+, full 0/\d+, 0.00 ms")


class ProbeTest(NodeTest):
    options = {"dual": True, "nodes": 3}

    def test_probe_tells_loss_and_latency_of_each_peer(self):
        kernel, files = self.node.state(), self.node.files.all()
        ran = self.succeed(self.node.agent("probe", *self.node.peer_arguments()))
        self.assertEqual((self.node.state(), self.node.files.all()), (kernel, files))
        for peer in self.network.peers_of(self.node):
            for address in (peer.vtep, peer.vtep6):
                self.assertRegex(ran.message, rf"{peer.name} {address}: small 3/3, full 3/3, \d+\.\d+ ms")

    def test_probe_without_a_tunnel_says_so(self):
        self.node.ns.batch("link del flannel.1", "link del flannel-v6.1")
        self.fail_with(self.node.agent("probe", *self.node.peer_arguments(), "--timeout", "1s"), "there is no device vxlan")


if __name__ == "__main__":
    lib.main()

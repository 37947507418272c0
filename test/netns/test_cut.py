"""CutOver and CutBack, the ways of method Drain: devices are deleted, and deleted once more when somebody makes them anew."""
import time

import lib
from lib import NodeTest
from lib import program
from lib.files import NETD


class CutTest(NodeTest):
    options = {"dual": True}

    def test_flannels_devices_go_and_no_pod_can_start(self):
        self.node.add_pod(7)
        self.succeed(self.node.agent("cutover"))
        self.assertEqual(self.node.ns.names(), {"lo", "eth0", "veth7"})
        self.assertIn("flannel-migration-in-progress", self.node.files.read(f"{NETD}/10-calico.conflist"))
        self.assertTrue(self.succeed(self.node.agent("cutover")).message.startswith("0 changes"))

    def test_each_device_goes_on_its_own_merits(self):
        for gone in ("flannel.1", "cni0"):
            self.node.ns.batch(f"link del {gone}")
            self.succeed(self.node.agent("cutover"))
            self.assertEqual(self.node.ns.names(), {"lo", "eth0"})
            self.node.lay_flannel()

    def test_a_device_that_a_living_flanneld_makes_anew_is_deleted_again(self):
        running = self.node.start("cutover")
        deadline = time.monotonic() + 10
        while "flannel.1" in self.node.ns.names() and time.monotonic() < deadline:
            time.sleep(0.005)
        self.node.ns.batch("link add flannel.1 type vxlan id 1 dev eth0 dstport 8472 nolearning")
        self.succeed(program.finish(running))
        self.assertNotIn("flannel.1", self.node.ns.names())

    def test_a_device_with_gbp_can_be_cut_though_it_cannot_be_handed_over(self):
        self.node.ns.batch("link del flannel.1")
        self.node._add_tunnel("flannel.1", self.node.mac, self.node.ip, self.node.vtep, 32, "nolearning gbp")
        ran = self.refuse(self.node.agent("handover"), "flannel.1 has GBP on")
        self.assertEqual(ran.report["reason"], "DeviceNotHandOverable")
        self.succeed(self.node.agent("cutover"))
        self.assertNotIn("flannel.1", self.node.ns.names())

    def test_back_to_flannel_calicos_devices_blackholes_and_configuration_go(self):
        self.succeed(self.node.agent("handover"))
        self.node.lay_felix()
        self.node.add_calico_pod(70)
        for _ in range(2):
            self.succeed(self.node.agent("cutback"))
            self.assertEqual(self.node.ns.names(), {"lo", "eth0", "cni0", "cali00000046"})
            self.assertEqual([one for one in self.node.routes() if one.get("type") == "blackhole"], [])
            self.assertFalse(self.node.files.has(f"{NETD}/10-calico.conflist"))


if __name__ == "__main__":
    lib.main()

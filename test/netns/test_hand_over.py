"""HandOver: flannel's tunnel device becomes Calico's, and no pod notices."""
import json

import lib
from lib import NodeTest, program
from lib.files import CALICO_CONF, FLANNEL_CONF, LEASES, NETD


def without_ours(lines):
    """Without the routes that HandOver lays beside flannel's: to the node's pods and to the peers' blocks."""
    return [line for line in lines if not any(part in line for part in ("'144'", "/26', 'gateway'", "/122', 'gateway'"))]


class HandOverTest(NodeTest):
    def test_the_device_is_renamed_with_all_that_lies_on_it_and_no_ping_is_lost(self):
        near, far = self.node.add_pod(7), self.peer.add_pod(9)
        links, routes, neighbours, fdb, addresses = self.node.state()
        pings = [self.ping(near, "10.244.2.9"), self.ping(far, "10.244.1.7"), self.ping(self.peer.ns, "10.244.1.0"),
                 self.ping(self.node.ns, "10.244.1.7")]
        ran = self.succeed(self.node.agent("handover"))
        self.assert_no_loss(*pings)
        after = self.node.state()
        self.assertEqual(after[0]["vxlan.calico"], links["flannel.1"], "the same device: its index stays")
        self.assertNotIn("flannel.1", after[0])
        renamed = [one.replace("flannel.1", "vxlan.calico") for one in routes]
        self.assertEqual(without_ours(after[1]), sorted(renamed))
        self.assertEqual(after[2], sorted(one.replace("flannel.1", "vxlan.calico") for one in neighbours))
        self.assertEqual(after[3], sorted(one.replace("flannel.1", "vxlan.calico") for one in fdb))
        self.assertEqual(after[4], sorted(one.replace("flannel.1", "vxlan.calico") for one in addresses))
        self.assertEqual(ran.live, {"10.244.1.0/24": "1,7,255"})

    def test_pods_stay_reachable_behind_felix_blackholes(self):
        near, far = self.node.add_pod(7), self.peer.add_pod(9)
        self.succeed(self.node.agent("handover"))
        pings = [self.ping(near, "10.244.2.9"), self.ping(far, "10.244.1.7")]
        self.node.lay_felix()
        self.assert_no_loss(*pings)

    def test_pods_of_both_networks_on_one_node_reach_each_other(self):
        old = self.node.add_pod(7)
        self.succeed(self.node.agent("handover"))
        self.node.lay_felix()
        new = self.node.add_calico_pod(70)
        self.assert_no_loss(self.ping(old, "10.244.1.70"), self.ping(new, "10.244.1.7"))

    def test_a_second_run_changes_nothing(self):
        self.node.add_pod(7)
        first = self.succeed(self.node.agent("handover"))
        kernel, files = self.node.state(), self.node.files.all()
        second = self.succeed(self.node.agent("handover"))
        self.assertEqual((self.node.state(), self.node.files.all()), (kernel, files))
        self.assertTrue(second.message.startswith("0 changes"), second.message)
        self.assertEqual(second.live, first.live)

    def test_no_pod_can_start_half_way(self):
        self.node.files.write(f"{NETD}/10-calico.conflist", CALICO_CONF)
        self.succeed(self.node.agent("handover"))
        conf = json.loads(self.node.files.read(f"{NETD}/10-calico.conflist"))
        self.assertEqual(conf["plugins"], [{"type": "flannel-migration-in-progress"}])
        self.assertLess(conf["cniVersion"], "1.1.0")
        self.assertEqual(self.node.files.list(NETD), ["10-calico.conflist", "10-flannel.conflist"])

    def test_a_pod_that_was_being_started_is_seen(self):
        running = self.node.start("handover")
        while "vxlan.calico" not in self.node.ns.names():
            self.assertIsNone(running.poll())
        self.node.add_pod(9)
        ran = self.succeed(program.finish(running))
        self.assertEqual(ran.live, {"10.244.1.0/24": "1,9,255"})
        self.assertIn("10.244.1.9", [one["dst"] for one in self.node.routes()])

    def test_leases_and_neighbours_are_live_and_strangers_are_not(self):
        self.node.add_pod(7)
        self.node.files.lease("10.244.1.20")
        self.node.files.lease("192.168.9.9", "other")
        self.node.ns.batch("neigh add 10.244.1.30 lladdr 02:00:00:00:00:01 dev cni0 nud reachable",
                           "neigh add 192.168.9.8 lladdr 02:00:00:00:00:02 dev cni0 nud reachable")
        self.assertEqual(self.succeed(self.node.agent("handover")).live, {"10.244.1.0/24": "1,7,20,30,255"})

    def test_what_the_bridge_has_for_itself_is_reported_for_no_pod_to_have_it(self):
        self.node.ns.batch("addr add 10.244.1.200/28 dev cni0", "addr add 192.168.7.1/24 dev cni0")
        self.assertEqual(self.succeed(self.node.agent("handover")).live, {"10.244.1.0/24": "1,192,200,207,255"})
        local = [one["dst"] for one in self.node.ns.ip("route", "show", "table", "local", "dev", "cni0")]
        self.assertLessEqual({"10.244.1.1", "10.244.1.200", "10.244.1.207", "10.244.1.255"}, set(local), "the kernel keeps these")

    def test_pods_that_only_a_lease_elsewhere_tells_are_live(self):
        self.configure(ipam={"dataDir": "/var/lib/cni/ipam"})
        self.node.files.write("var/lib/cni/ipam/cbr0/10.244.1.20", "c0ffee\r\neth0")
        self.assertEqual(self.succeed(self.node.agent("handover")).live, {"10.244.1.0/24": "1,20,255"})
        self.assertIn("10.244.1.20", [one["dst"] for one in self.node.routes()])

    def test_a_configuration_that_hides_its_pods_is_refused_and_nothing_is_changed(self):
        kernel = self.node.state()
        for plugin, told in (({"ipam": {"type": "dhcp"}}, "has addresses from the plugin 'dhcp', wanted host-local"),
                             ({"ipam": {"dataDir": "/run/ipam"}}, "keeps its leases in /run/ipam, wanted a folder below /var/lib/cni"),
                             ({"delegate": {"type": "ptp"}}, "leaves pods to the plugin 'ptp', wanted bridge")):
            self.configure(**plugin)
            files = self.node.files.all()
            for operation in ("preflight", "handover", "cutover"):
                self.refuse(self.node.agent(operation), told)
            self.assertEqual((self.node.state(), self.node.files.all()), (kernel, files))
            self.succeed(self.node.agent("handback"))  # of a node that was never handed over

    def configure(self, **plugin):
        first, *others = FLANNEL_CONF["plugins"]
        self.node.files.write(f"{NETD}/10-flannel.conflist", FLANNEL_CONF | {"plugins": [first | plugin, *others]})

    def test_250_pods_fit_into_the_report(self):
        for last in range(2, 252):
            self.node.files.lease(f"10.244.1.{last}")
        ran = self.succeed(self.node.agent("handover"))
        self.assertEqual(ran.live, {"10.244.1.0/24": "1-251,255"})
        own = [route for route in self.node.routes() if route.get("protocol") == "144"]
        self.assertEqual(len(own), 250)

    def test_the_report_is_the_termination_message_too(self):
        ran = self.succeed(self.node.agent("handover"))
        with open(f"{self.network.folder}/n1.report") as file:
            self.assertEqual(json.load(file), ran.report)

    def test_a_left_over_device_gives_way(self):
        self.node.ns.batch("link add vxlan.calico type vxlan id 4096 dev eth0 dstport 4789")
        self.succeed(self.node.agent("handover"))
        self.assertEqual(self.node.ns.link("vxlan.calico")["linkinfo"]["info_data"]["id"], 1)

    def test_canals_leases_are_out_of_the_way_of_upgrade_ipam_and_still_reported(self):
        self.node.files.lease("10.244.1.44", "k8s-pod-network")
        for _ in range(2):
            ran = self.succeed(self.node.agent("handover"))
            self.assertEqual(ran.live, {"10.244.1.0/24": "1,44,255"})
            self.assertEqual(self.node.files.list(LEASES), ["cbr0", "k8s-pod-network.flannel-migration"])


class DownTest(NodeTest):
    """As kernels before Linux 6.2: only a device that is down can be renamed."""

    options = {"dual": True}

    def test_what_is_lost_while_the_device_is_down_is_laid_again(self):
        near, far = self.node.add_pod(7), self.peer.add_pod(9)
        before = self.node.state()
        pings = [self.ping(near, "10.244.2.9"), self.ping(far, "10.244.1.7"), self.ping(near, "fd00:10:244:2::9")]
        self.succeed(self.node.agent("handover", "--rename", "down"))
        for pinger in pings:
            sent, lost = pinger.finish()
            print(f"  {pinger.what}: {lost} of {sent} lost")
        after = self.node.state()
        for one in range(1, 5):
            renamed = sorted(line.replace("flannel-v6.1", "vxlan-v6.calico").replace("flannel.1", "vxlan.calico") for line in before[one])
            self.assertEqual(without_ours(after[one]), renamed)
        self.assertEqual(after[0]["vxlan-v6.calico"], before[0]["flannel-v6.1"])
        self.assert_reaches(far, "fd00:10:244:1::7")


class MacTest(NodeTest):
    """A MAC that the kernel has chosen, as with flannel before v0.15: udev would replace it when the device is renamed."""

    options = {"dual": True}

    def hand(self, operation, before, after, *more):
        near, far = self.node.add_pod(7), self.peer.add_pod(9)
        self.node.let_kernel_choose_macs(*before)
        self.assertEqual([self.node.address_type(device) for device in before], ["1", "1"])
        _, routes, neighbours, fdb, addresses = self.node.state()
        pings = [self.ping(near, "10.244.2.9"), self.ping(far, "10.244.1.7"), self.ping(near, "fd00:10:244:2::9")]
        self.succeed(self.node.agent(operation, *more))
        if not more:
            self.assert_no_loss(*pings)
        self.assertEqual([self.node.address_type(device) for device in after], ["3", "3"])
        self.assertEqual([self.node.ns.link(device)["address"] for device in after], [self.node.mac, self.node.mac6])
        state = [without_ours(lines) for lines in self.node.state()[1:]]
        for old, new in zip(before, after):
            routes, neighbours, fdb, addresses = ([line.replace(old, new) for line in lines] for lines in (routes, neighbours, fdb, addresses))
        self.assertEqual(state, [sorted(lines) for lines in (routes, neighbours, fdb, addresses)])
        self.assertTrue(self.succeed(self.node.agent(operation)).message.startswith("0 changes"))

    FLANNEL, CALICO = ("flannel.1", "flannel-v6.1"), ("vxlan.calico", "vxlan-v6.calico")

    def test_it_is_ours_before_the_hand_over_renames_the_device_and_nothing_is_lost(self):
        self.hand("handover", self.FLANNEL, self.CALICO)

    def test_it_is_ours_before_the_hand_back_renames_the_device_and_nothing_is_lost(self):
        self.node.ns.batch("link del flannel.1", "link del flannel-v6.1")
        self.hand("handback", self.CALICO, self.FLANNEL)

    def test_it_is_ours_too_where_the_device_is_renamed_while_it_is_down(self):
        self.hand("handover", self.FLANNEL, self.CALICO, "--rename", "down")

    def test_killed_after_any_change_no_neighbour_stays_forgotten(self):
        self.node.let_kernel_choose_macs(*self.FLANNEL)
        neighbours = [line.replace("flannel-v6.1", "vxlan-v6.calico").replace("flannel.1", "vxlan.calico") for line in self.node.state()[2]]
        change = 1
        while self.node.agent("handover", "--kill-after", str(change)).code != 0:
            self.assertLess(change, 100)
            change += 1
        self.succeed(self.node.agent("handover"))
        self.assertEqual(self.node.state()[2], sorted(neighbours))
        self.assertEqual([self.node.address_type(device) for device in self.CALICO], ["3", "3"])


class DualStackTest(NodeTest):
    options = {"dual": True, "vni": 77, "port": 4789, "mtu": 1400}

    def test_both_devices_are_handed_over_with_another_vni_port_and_mtu(self):
        near, far = self.node.add_pod(7), self.peer.add_pod(9)
        links = self.node.state()[0]
        pings = [self.ping(near, "10.244.2.9"), self.ping(far, "fd00:10:244:1::7"), self.ping(self.peer.ns, "fd00:10:244:1::")]
        ran = self.succeed(self.node.agent("handover"))
        self.node.lay_felix()
        self.assert_no_loss(*pings)
        after = self.node.state()[0]
        self.assertEqual((after["vxlan.calico"], after["vxlan-v6.calico"]), (links["flannel.77"], links["flannel-v6.77"]))
        self.assertEqual(ran.live, {"10.244.1.0/24": "1,7,255", "fd00:10:244:1::/64": "1,7"})


if __name__ == "__main__":
    lib.main()

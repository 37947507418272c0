"""HandBack: Calico's tunnel device becomes flannel's again, from wherever a hand-over has come."""
import os
import time

import lib
from lib import NodeTest, filters
from lib import program
from lib.files import FLANNEL_CONF, LEASES, NETD

CONF = f"{NETD}/10-calico.conflist"
HOLD = "10-zz-flannel-migration.conflist"


class UndoTest(NodeTest):
    options = {"dual": True}

    def test_handed_over_and_back_everything_is_as_it_was(self):
        near, far = self.node.add_pod(7), self.peer.add_pod(9)
        kernel, files = self.node.state(), self.node.files.all()
        pings = [self.ping(near, "10.244.2.9"), self.ping(far, "fd00:10:244:1::7")]
        self.succeed(self.node.agent("handover"))
        self.succeed(self.node.agent("handback"))
        self.assert_no_loss(*pings)
        self.assertEqual(self.node.state(), kernel)
        after = self.node.files.all()
        self.assertIn("run/flannel/flannel-migration.json", after)
        del after["run/flannel/flannel-migration.json"]
        self.assertEqual(after, files)

    def test_handed_over_and_back_with_the_device_down_everything_is_as_it_was(self):
        self.node.add_pod(7)
        kernel = self.node.state()
        self.succeed(self.node.agent("handover", "--rename", "down"))
        self.succeed(self.node.agent("handback", "--rename", "down"))
        self.assertEqual(self.node.state(), kernel)

    def test_undo_is_another_word_for_it(self):
        kernel = self.node.state()
        self.succeed(self.node.agent("handover"))
        self.assertEqual(self.succeed(self.node.agent("handover", "--undo")).report["operation"], "handback")
        self.assertEqual(self.node.state(), kernel)

    def test_a_node_that_was_never_handed_over_stays_as_it_is(self):
        kernel = self.node.state()
        self.succeed(self.node.agent("handback"))
        self.assertEqual(self.node.state(), kernel)

    def test_each_device_goes_back_on_its_own_merits(self):
        kernel = self.node.state()
        self.node.ns.batch("link set flannel-v6.1 name vxlan-v6.calico")
        self.succeed(self.node.agent("handback"))
        self.assertEqual(self.node.state(), kernel)


class PodsMeetTest(NodeTest):
    """Pods of Calico's live on, and flannel's plugin starts others beside them."""

    def setUp(self):
        super().setUp()
        self.succeed(self.node.agent("handover"))
        self.node.lay_felix()
        self.old = self.node.add_calico_pod(70)

    def assert_they_meet(self):
        new = self.node.add_pod(9)
        self.assert_no_loss(self.ping(new, "10.244.1.70"), self.ping(self.old, "10.244.1.9"), self.ping(new, "10.244.2.0"))

    def test_on_a_node_that_turns_round_half_way(self):
        self.succeed(self.node.agent("handback"))
        self.assert_they_meet()

    def test_after_a_finished_migration(self):
        self.succeed(self.node.agent("clean", "--network", "flannel"))
        self.assertNotIn("cni0", self.node.ns.names())
        self.succeed(self.node.agent("handback"))
        self.assertEqual(self.node.ns.link("cni0")["mtu"], self.network.mtu)
        self.assertEqual(self.node.address_type("cni0"), "3", "neither udev nor its first port gives the bridge another MAC")
        self.assert_they_meet()

    def test_the_end_of_the_way_back_leaves_the_bridge_as_the_kernel_makes_it(self):
        self.succeed(self.node.agent("handback"))
        self.assertEqual((self.setting("conf", "proxy_arp"), self.setting("neigh", "proxy_delay")), ("1", "0"))
        self.node.ns.run("ip", "link", "del", "cali00000046")
        self.succeed(self.node.agent("clean", "--network", "calico"))
        self.assertEqual((self.setting("conf", "proxy_arp"), self.setting("neigh", "proxy_delay")), ("0", "80"))

    def setting(self, kind, name):
        return self.node.ns.run("cat", f"/proc/sys/net/ipv4/{kind}/cni0/{name}").strip()


class FromCalicoTest(NodeTest):
    def setUp(self):
        super().setUp()
        self.far = self.peer.add_pod(9)
        self.succeed(self.node.agent("handover"))
        self.node.lay_felix()
        self.near = self.node.add_calico_pod(70)

    def test_calico_pods_live_on_and_keep_their_addresses(self):
        index = self.node.ns.link("vxlan.calico")["ifindex"]
        pings = [self.ping(self.near, "10.244.2.9"), self.ping(self.far, "10.244.1.70")]
        self.succeed(self.node.agent("handback"))
        self.assert_no_loss(*pings)
        self.assertEqual(self.node.ns.link("flannel.1")["ifindex"], index)
        self.assertEqual([one for one in self.node.routes() if one.get("type") == "blackhole"], [])
        self.assertEqual(self.node.files.read(f"{LEASES}/cbr0/10.244.1.70"), "flannel-migration\r\neth0")
        self.assertFalse(self.node.files.has(CONF))
        self.assertTrue(self.node.files.has(CONF + ".flannel-migration"))

    def test_after_the_end_of_a_migration_the_runtime_has_a_configuration_until_flannels_is_back(self):
        self.succeed(self.node.agent("clean", "--network", "flannel"))
        os.unlink(self.node.files.path(f"{NETD}/10-flannel.conflist"))
        for _ in range(2):
            self.succeed(self.node.agent("handback"))
            self.assertEqual(self.node.files.list(NETD), ["10-calico.conflist.flannel-migration", HOLD, "calico-kubeconfig"])
        self.assertIn("flannel-migration-in-progress", self.node.files.read(f"{NETD}/{HOLD}"))
        self.node.files.write(f"{NETD}/10-flannel.conflist", FLANNEL_CONF)
        self.succeed(self.node.agent("verify", "--network", "flannel"))
        self.succeed(self.node.agent("clean", "--network", "calico"))
        self.assertEqual(self.node.files.list(NETD), ["10-flannel.conflist"])

    def test_nodes_that_the_dead_felix_does_not_know_reach_this_one(self):
        self.reach_behind_felix("Drop")

    def test_nodes_that_a_felix_with_another_deny_action_does_not_know_reach_this_one(self):
        self.reach_behind_felix("Reject")

    def reach_behind_felix(self, deny):
        filters.lay_calico(self.node.ns, deny)  # its set of allowed hosts is empty
        rules = filters.rules(self.node.ns)
        self.succeed(self.node.agent("handback"))
        self.assert_reaches(self.far, "10.244.1.70")
        gone = [rule for rule in rules if rule not in filters.rules(self.node.ns)]
        self.assertEqual([rule for rule in gone if "non-allowed hosts" not in rule], [])
        self.assertEqual(len(gone), 4)

    def test_nothing_is_touched_while_felix_lives(self):
        felix = self.node.listen_as_felix()
        kernel, files = self.node.state(), self.node.files.all()
        running = self.node.start("handback")
        time.sleep(0.5)
        self.assertIsNone(running.poll())
        self.assertEqual((self.node.state(), self.node.files.all()), (kernel, files))
        felix.close()
        self.succeed(program.finish(running))
        self.assertIn("flannel.1", self.node.ns.names())

    def test_a_felix_that_does_not_die_is_told(self):
        with self.node.listen_as_felix(9199):
            ran = self.node.agent("handback", "--felix-health-port", "9199", "--timeout", "1s")
        self.fail_with(ran, "waiting for Felix to end")
        self.assertIn("vxlan.calico", self.node.ns.names())

    def test_a_second_run_changes_nothing(self):
        self.succeed(self.node.agent("handback"))
        kernel, files = self.node.state(), self.node.files.all()
        self.assertTrue(self.succeed(self.node.agent("handback")).message.startswith("0 changes"))
        self.assertEqual((self.node.state(), self.node.files.all()), (kernel, files))

    def test_leases_go_where_flannels_configuration_says(self):
        self.node.files.write(f"{NETD}/10-flannel.conflist", FLANNEL_CONF | {"name": "cluster-net"})
        self.succeed(self.node.agent("handback"))
        self.assertTrue(self.node.files.has(f"{LEASES}/cluster-net/10.244.1.70"))

    def test_leases_go_where_host_local_is_told_to_keep_them(self):
        self.configure(ipam={"dataDir": "/var/lib/cni/ipam"})
        self.succeed(self.node.agent("handback"))
        self.assertTrue(self.node.files.has("var/lib/cni/ipam/cbr0/10.244.1.70"))
        self.assertEqual(self.node.files.list(f"{LEASES}/cbr0"), [])
        self.succeed(self.node.agent("clean", "--network", "calico"))
        self.assertEqual(self.node.files.list("var/lib/cni/ipam/cbr0"), [])

    def test_where_flannels_configuration_is_gone_the_task_tells_the_folder(self):
        os.unlink(self.node.files.path(f"{NETD}/10-flannel.conflist"))
        self.succeed(self.node.agent("handback", "--lease-network", "cbr0", "--lease-folder", "/var/lib/cni/ipam"))
        self.assertTrue(self.node.files.has("var/lib/cni/ipam/cbr0/10.244.1.70"))

    def test_nothing_is_moved_where_living_addresses_cannot_be_protected(self):
        self.configure(ipam={"dataDir": "/run/ipam"})
        kernel, files = self.node.state(), self.node.files.all()
        self.refuse(self.node.agent("handback"), "keeps its leases in /run/ipam")
        self.assertEqual((self.node.state(), self.node.files.all()), (kernel, files))

    def configure(self, **plugin):
        first, *others = FLANNEL_CONF["plugins"]
        self.node.files.write(f"{NETD}/10-flannel.conflist", FLANNEL_CONF | {"plugins": [first | plugin, *others]})

    def test_the_addresses_of_pods_that_are_gone_are_freed_while_others_live(self):
        for last in (71, 72, 73):
            self.node.add_calico_pod(last)
        self.succeed(self.node.agent("handback"))
        self.node.add_pod(9)
        self.node.ns.batch("link del cali00000047", "link del cali00000049")
        kernel, files = self.node.state(), self.node.files.all()
        gone = {f"{LEASES}/cbr0/10.244.1.{last}" for last in (71, 73)}
        self.assertLessEqual(gone, set(files))
        self.assertNotEqual(self.node.agent("freeleases", "--kill-after", "1").code, 0)
        self.succeed(self.node.agent("freeleases"))
        self.assertEqual(self.node.state(), kernel)
        self.assertEqual(self.node.files.all(), {path: text for path, text in files.items() if path not in gone})
        self.assertTrue(self.succeed(self.node.agent("freeleases")).message.startswith("0 changes"))
        self.assert_no_loss(self.ping(self.near, "10.244.1.9"))

    def test_turned_round_once_more_the_pods_of_calico_are_not_taken_for_flannels(self):
        self.node.add_pod(7)
        self.succeed(self.node.agent("handback"))
        ran = self.succeed(self.node.agent("handover"))
        self.assertEqual(ran.live, {"10.244.1.0/24": "1,7,255"})

    def test_without_any_device_flanneld_makes_one(self):
        self.node.ns.batch("link del vxlan.calico")
        self.succeed(self.node.agent("handback"))
        self.assertFalse(self.node.files.has(CONF))


class RouteProtocolTest(NodeTest):
    """FelixConfiguration's deviceRouteProtocol gives Felix's routes any number; 144 is that of our own."""

    options = {"dual": True}

    def test_no_blackhole_is_left_and_the_pods_of_each_block_are_reached(self):
        for protocol in (99, 144, "static"):
            with self.subTest(protocol=protocol):
                self.succeed(self.node.agent("handover"))
                self.node.lay_felix(protocol)
                self.succeed(self.node.agent("handback"))
                routes = self.node.routes() + self.node.routes("-6")
                self.assertEqual([one for one in routes if one.get("type") == "blackhole"], [])
                self.succeed(self.node.agent("verify", "--network", "flannel", *self.node.peer_arguments()))
                self.succeed(self.node.agent("clean", "--network", "calico"))
        far = self.peer.add_pod(9)
        for block in (0, 64, 128, 192):
            self.assert_reaches(far, f"10.244.1.{block + 9}") if self.node.add_pod(block + 9) else None

    def test_a_block_that_is_dead_is_told_whatever_drops_its_packets(self):
        ask = ("verify", "--network", "flannel", *self.node.peer_arguments())
        self.node.add_pod(66)
        for begin, end, told in (
                ("route add blackhole 10.244.1.64/26 proto 99", "route del blackhole 10.244.1.64/26", "10.244.1.64/26 (blackhole)"),
                ("route add prohibit 10.244.1.160/28", "route del prohibit 10.244.1.160/28", "10.244.1.160/28 (prohibit)"),
                ("rule add to 10.244.1.192/26 prohibit", "rule del to 10.244.1.192/26 prohibit", "10.244.1.192/26 (prohibit)"),
                ("route add blackhole fd00:10:244:1::/122", "route del blackhole fd00:10:244:1::/122", "fd00:10:244:1::/122 (blackhole)")):
            self.node.ns.batch(begin)
            self.fail_with(self.node.agent(*ask, "--timeout", "1s"), f"packets to pods in {told} are dropped")
            self.node.ns.batch(end)
        self.succeed(self.node.agent(*ask))

    def test_what_an_administrator_drops_of_all_pods_and_more_is_no_block_that_is_dead(self):
        ask = ("verify", "--network", "flannel", *self.node.peer_arguments())
        self.node.ns.batch("link del cni0")
        for route in ("unreachable 10.0.0.0/8", "blackhole 10.244.0.0/16 metric 5", "prohibit 10.244.1.0/24 metric 5"):
            self.node.ns.batch("route add " + route)
            self.succeed(self.node.agent(*ask))
            self.node.ns.batch("route add blackhole 10.244.1.64/26")
            self.fail_with(self.node.agent(*ask, "--timeout", "1s"), "packets to pods in 10.244.1.64/26 (blackhole) are dropped")
            self.node.ns.batch("route del blackhole 10.244.1.64/26", "route del " + route)
        self.node.ns.batch("route add prohibit 10.244.1.0/24")
        self.fail_with(self.node.agent(*ask, "--timeout", "1s"), "10.244.1.0/26 (prohibit)")

    def test_while_flannels_bridge_is_not_there_yet_no_block_is_dead(self):
        self.node.ns.batch("link del cni0", "route add blackhole 10.244.1.0/24")
        self.succeed(self.node.agent("verify", "--network", "flannel", *self.node.peer_arguments()))

    def test_the_pods_of_a_felix_with_our_own_number_stay_reachable_in_the_end(self):
        self.succeed(self.node.agent("handover"))
        self.node.lay_felix(144)
        pod = self.node.add_calico_pod(70)
        self.succeed(self.node.agent("clean", "--network", "flannel"))
        self.assert_reaches(self.peer.ns, "10.244.1.70")
        self.assert_reaches(pod, "10.244.2.0")


class MtuTest(NodeTest):
    """In a fleet of two MTUs this node has the larger one."""

    options = {"dual": True}

    def setUp(self):
        super().setUp()
        self.network.mtu = 1400  # the cluster's; this node's devices have 1450

    def test_the_device_is_set_down_live_and_gets_its_mtu_back(self):
        near, far = self.node.add_pod(7), self.peer.add_pod(9)
        begin = self.mtu("flannel.1"), self.mtu("flannel-v6.1")
        pings = [self.ping(near, "10.244.2.9"), self.ping(far, "10.244.1.7")]
        self.succeed(self.node.agent("handover"))
        self.assertEqual(self.mtu("vxlan.calico"), 1400)
        self.node.ns.batch("link set vxlan-v6.calico mtu 1380")  # as Felix does
        self.assertTrue(self.succeed(self.node.agent("handover")).message.startswith("0 changes"))
        self.succeed(self.node.agent("handback"))
        self.assert_no_loss(*pings)
        self.assertEqual((self.mtu("flannel.1"), self.mtu("flannel-v6.1")), begin)
        self.assertTrue(self.succeed(self.node.agent("handback")).message.startswith("0 changes"))

    def test_it_gets_its_mtu_back_after_the_end_of_a_migration_too(self):
        self.succeed(self.node.agent("handover"))
        self.node.lay_felix()
        self.node.add_calico_pod(70)
        self.succeed(self.node.agent("finalize"))
        self.succeed(self.node.agent("handback"))
        self.assertEqual((self.mtu("flannel.1"), self.mtu("cni0")), (1450, 1450))

    def mtu(self, device):
        return self.node.ns.link(device)["mtu"]


if __name__ == "__main__":
    lib.main()

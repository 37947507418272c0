"""Clean and Finalize: what the network that was left behind still owns goes; what is somebody else's stays."""
import fcntl

import lib
from lib import NodeTest, filters
from lib.files import CALICO_CONF, CANAL_CONF, LEASES, NETD


class CleanFlannelTest(NodeTest):
    options = {"dual": True}

    def setUp(self):
        super().setUp()
        filters.lay_others(self.node.ns)
        self.foreign = filters.rules(self.node.ns)
        filters.lay_flannel(self.node.ns)

    def moved(self):
        """On Calico, the old pods replaced."""
        self.node.add_pod(7)
        self.succeed(self.node.agent("handover"))
        self.node.lay_felix()
        self.node.ns.batch("link del veth7")

    def clean(self, operation="clean"):
        return self.node.agent(operation, *(("--network", "flannel") if operation == "clean" else ()))

    def test_bridge_routes_rules_and_leases_go_and_calicos_and_others_stay(self):
        self.moved()
        self.node.ns.batch("route add blackhole 10.244.1.0/24 metric 4000", "route add blackhole 10.244.1.0/24 metric 4001 proto static",
                           "route add blackhole 10.244.1.0/24 table 100")
        calico = [str(one) for one in self.node.routes() if one.get("protocol") == "80"]
        self.succeed(self.clean())
        self.assertEqual(self.node.ns.names(), {"lo", "eth0", "vxlan.calico", "vxlan-v6.calico"})
        self.assertEqual(filters.rules(self.node.ns), self.foreign)
        routes = self.node.routes() + self.node.routes("-6")
        self.assertEqual([one for one in routes if one.get("protocol") == "144" or one.get("dev") == "cni0"], [])
        self.assertEqual([str(one) for one in self.node.routes() if one.get("protocol") == "80"], calico)
        self.assertEqual([one["metric"] for one in routes if one["dst"] == "10.244.1.0/24"], [4001], "an administrator's")
        self.assertEqual(len(self.node.ns.ip("route", "show", "table", "100")), 1)
        self.assertEqual(self.node.files.list(LEASES), [])
        self.assertEqual(self.node.files.list(NETD), ["10-calico.conflist", "10-flannel.conflist", "calico-kubeconfig"])
        self.assertTrue(self.succeed(self.clean()).message.startswith("0 changes"))

    def test_while_a_pod_hangs_on_the_bridge_nothing_goes(self):
        self.moved()
        self.node.add_pod(8)
        kernel, rules, files = self.node.state(), filters.rules(self.node.ns), self.node.files.all()
        ran = self.node.agent("clean", "--network", "flannel", "--timeout", "1s")
        self.fail_with(ran, "pods still hang on cni0: veth8")
        self.assertEqual((self.node.state(), filters.rules(self.node.ns), self.node.files.all()), (kernel, rules, files))

    def test_a_device_with_flannels_name_that_flannel_did_not_make_stays(self):
        self.moved()
        self.node.ns.batch("link add flannel.1 type bridge", "link add flannel-v6.1 type vxlan id 99 dstport 4789")
        self.succeed(self.clean())
        self.assertLessEqual({"flannel.1", "flannel-v6.1"}, self.node.ns.names())

    def test_it_waits_for_the_lock_of_iptables(self):
        self.moved()
        with open(self.node.files.path("run/xtables.lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            ran = self.node.agent("clean", "--network", "flannel", "--timeout", "2s")
            self.fail_with(ran, "somebody else has the xtables lock")
        self.succeed(self.clean())

    def test_killed_after_any_change_it_is_finished_by_the_next_run(self):
        self.moved()
        change = 1
        while self.node.agent("clean", "--network", "flannel", "--kill-after", str(change)).code != 0:
            self.assertLess(change, 100)
            change += 1  # the host is a little cleaner each time: the next run dies where this one has not been
        self.succeed(self.clean())
        self.assertEqual(filters.rules(self.node.ns), self.foreign)
        self.assertNotIn("cni0", self.node.ns.names())

    def test_finalize_removes_flannels_files_too(self):
        self.moved()
        self.node.files.write("var/lib/cni/flannel/c0ffee", "{}")
        self.node.files.write(f"{NETD}/87-podman.conflist", {"name": "podman", "plugins": [{"type": "bridge"}]})
        self.node.files.lease("10.88.0.2", "podman")
        for _ in range(2):
            self.succeed(self.clean("finalize"))
            self.assertEqual(self.node.files.list(NETD), ["10-calico.conflist", "87-podman.conflist", "calico-kubeconfig"])
            self.assertEqual(self.node.files.list("run/flannel"), [])
            self.assertEqual(self.node.files.list("var/lib/cni/flannel"), [])
            self.assertEqual(self.node.files.list(LEASES), ["podman"])

    def test_finalize_keeps_everything_while_calicos_configuration_is_not_in_force(self):
        kernel, files = self.node.state(), self.node.files.all()
        self.refuse(self.clean("finalize"), "not in force")
        self.assertEqual((self.node.state(), self.node.files.all()), (kernel, files))


class CleanCalicoTest(NodeTest):
    options = {"dual": True}

    def setUp(self):
        super().setUp()
        filters.lay_others(self.node.ns)
        filters.lay_flannel(self.node.ns)
        self.flannels = filters.rules(self.node.ns)
        self.begin = self.node.state()
        self.succeed(self.node.agent("handover"))
        self.node.lay_felix()
        self.node.add_calico_pod(70)
        self.node.ns.batch("route add throw 10.244.9.0/24 proto 80 table 999", "route add prohibit 10.244.8.0/24 proto 80")
        filters.lay_calico(self.node.ns)

    def clean(self):
        return self.node.agent("clean", "--network", "calico")

    def test_after_a_revert_the_host_is_as_it_was_before(self):
        self.node.files.write(f"{LEASES}/cbr0/10.244.1.9", "c0ffee\r\neth0")
        self.succeed(self.node.agent("handback"))
        self.assertEqual(self.node.files.list(f"{LEASES}/cbr0"), ["10.244.1.70"], "no old pod lives whose lease the other could be")
        self.succeed(self.clean())
        self.assertEqual(filters.rules(self.node.ns), self.flannels)
        self.assertEqual(self.node.state(), self.begin)
        self.assertEqual(self.node.files.list(NETD), ["10-flannel.conflist"])
        self.assertEqual(self.node.files.list("var/lib/calico") + self.node.files.list("var/run/calico"), [])
        self.assertEqual(self.node.files.list(f"{LEASES}/cbr0"), [], "the lease of the Calico pod is given back")
        self.assertTrue(self.succeed(self.clean()).message.startswith("0 changes"))

    def test_leases_stay_while_an_old_pod_lives_which_may_have_them(self):
        self.node.add_pod(8)
        self.node.files.write(f"{LEASES}/cbr0/10.244.1.9", "c0ffee\r\neth0")
        self.succeed(self.node.agent("handback"))
        self.assertLessEqual({"10.244.1.8", "10.244.1.9"}, set(self.node.files.list(f"{LEASES}/cbr0")))

    def test_the_chains_of_a_dense_node_go_too(self):
        chains = "".join(f"add chain ip filter cali-tw-cali{number:011x}\n" for number in range(4000))
        self.node.ns.run("nft", "-f", "-", text=chains)
        self.succeed(self.node.agent("handback"))
        self.succeed(self.clean())
        self.assertEqual(filters.rules(self.node.ns), self.flannels)

    def test_canals_felix_keeps_what_it_uses(self):
        self.succeed(self.node.agent("handback"))
        self.node.files.write(f"{NETD}/10-canal.conflist", CANAL_CONF)
        rules, (links, routes, *rest) = filters.rules(self.node.ns), self.node.state()
        self.succeed(self.clean())
        routes = [line for line in routes if not ("/26" in line and "flannel.1" in line)]  # of the Felix with VXLAN, on a device that was its own
        self.assertEqual((filters.rules(self.node.ns), self.node.state()), (rules, (links, routes, *rest)))
        self.assertTrue(self.node.files.has(f"{NETD}/calico-kubeconfig"))

    def test_only_what_calico_makes_is_taken_for_calicos(self):
        self.node.ns.batch("route add blackhole 10.244.1.0/24 proto bird metric 32")
        self.succeed(self.node.agent("handback"))
        self.node.ns.batch("link add calico0 type bridge", "link add vxlan.calico type bridge",
                           "route add blackhole 192.0.2.0/24 proto 81")
        self.succeed(self.clean())
        self.assertLessEqual({"calico0", "vxlan.calico"}, self.node.ns.names())
        self.assertIn("192.0.2.0/24", [one["dst"] for one in self.node.routes()])
        self.assertEqual([one["metric"] for one in self.node.routes() if one["dst"] == "10.244.1.0/24" and one.get("type") == "blackhole"],
                         [32], "the anchor of a BGP route")


class CanalTest(NodeTest):
    def test_canals_leases_go_with_its_last_pod_and_its_configuration_at_the_end(self):
        self.node.files.write(f"{NETD}/10-canal.conflist", CANAL_CONF)
        self.node.files.write(f"{NETD}/10-calico.conflist", CALICO_CONF)
        self.node.files.lease("10.244.1.5", "k8s-pod-network")
        self.succeed(self.node.agent("clean", "--network", "flannel"))
        self.assertEqual([name for name in self.node.files.list(LEASES) if name.startswith("k8s-pod-network")], [])
        self.assertIn("10-canal.conflist", self.node.files.list(NETD))
        self.succeed(self.node.agent("finalize"))
        self.assertEqual(self.node.files.list(NETD), ["10-calico.conflist"])


if __name__ == "__main__":
    lib.main()

"""Hosts that are not as they should be: refused with a clear message, and nothing is deleted that was not flannel's."""
import os

import lib
from lib import NodeTest
from lib.files import LEASES, NETD

CONF = f"{NETD}/10-calico.conflist"


class HostileTest(NodeTest):
    def refuses(self, operation, message, *more):
        kernel, files = self.node.state(), self.node.files.all()
        ran = self.refuse(self.node.agent(operation, *more), message)
        self.assertEqual((self.node.state(), self.node.files.all()), (kernel, files))
        return ran

    def test_a_device_named_cni0_that_is_no_bridge_stays(self):
        self.node.ns.batch("link del cni0", "link add cni0 type veth peer name other")
        for operation in (("handover",), ("cutover",), ("clean", "--network", "flannel")):
            self.refuses(operation[0], "cni0 is no bridge but of kind 'veth'", *operation[1:])

    def test_somebody_elses_bridge_named_cni0_stays(self):
        self.node.ns.batch("addr flush dev cni0", "addr add 192.168.5.1/24 dev cni0")
        for operation in (("handover",), ("cutover",), ("clean", "--network", "flannel")):
            self.refuses(operation[0], "cni0 has no address of this node's pod networks", *operation[1:])

    def test_a_device_with_flannels_name_and_another_kind_or_vni_stays(self):
        self.node.ns.batch("link del flannel.1", "link add flannel.1 type bridge")
        self.refuses("handover", "flannel.1 is of kind 'bridge', wanted vxlan")
        self.refuses("cutover", "flannel.1 is of kind 'bridge', wanted vxlan")
        self.node.ns.batch("link del flannel.1", "link add flannel.1 type vxlan id 5 dev eth0 dstport 8472")
        self.refuses("handover", "flannel.1 has VNI 5, wanted 1")
        self.refuses("cutover", "flannel.1 has VNI 5, wanted 1")
        self.succeed(self.node.agent("handback"))
        self.assertIn("flannel.1", self.node.ns.names())

    def test_everything_that_felix_would_not_keep_is_named_at_once(self):
        self.node.ns.batch("link del flannel.1", "link add flannel.1 type vxlan id 1 dstport 4789 learning")
        ran = self.refuses("handover", "flannel.1 has port 4789, wanted 8472, has MAC")
        for problem in ("does not have address 10.244.1.0", "has learning on", "sends from none", "has no parent"):
            self.assertIn(problem, ran.message)
        self.assertEqual(ran.report["reason"], "DeviceNotHandOverable")

    def test_a_wrong_mtu_is_refused_with_the_setting_that_mends_it(self):
        self.node.ns.batch("link set flannel.1 mtu 1400")
        ran = self.refuses("handover", "flannel.1 has MTU 1400, wanted 1450: set spec.flannel.mtu")
        self.assertEqual(ran.report["observed"]["tunnelMtu"], 1400)  # what the cluster's becomes
        self.assertNotIn("reason", ran.report)

    def test_a_node_without_flannels_device_is_not_handed_over(self):
        self.node.ns.batch("link del flannel.1")
        self.assertEqual(self.refuses("handover", "there is no device flannel.1").report["reason"], "DeviceNotHandOverable")

    def test_symbolic_links_are_not_followed(self):
        outside = os.path.join(self.network.folder, "outside")
        os.makedirs(os.path.join(outside, "cbr0"))
        for name, target in ((CONF, os.path.join(outside, "passwd")), (f"{LEASES}/cbr0", os.path.join(outside, "cbr0")),
                             ("run/flannel/subnet.env", os.path.join(outside, "passwd"))):
            path = self.node.files.path(name)
            with open(os.path.join(outside, "passwd"), "w") as file:
                file.write("root")
            with open(os.path.join(outside, "cbr0", "10.244.1.9"), "w") as file:
                file.write("not a lease")
            kept = None
            if os.path.lexists(path):
                kept = path + ".kept"
                os.rename(path, kept)
            os.symlink(target, path)
            for operation in (("handover",), ("cutover",), ("handback",), ("clean", "--network", "flannel")):
                self.refuses(operation[0], "symbolic link", *operation[1:])
            with open(os.path.join(outside, "passwd")) as file:
                self.assertEqual(file.read(), "root")
            self.assertEqual(os.listdir(os.path.join(outside, "cbr0")), ["10.244.1.9"])
            os.unlink(path)
            if kept:
                os.rename(kept, path)

    def test_a_folder_on_the_way_may_not_be_a_symbolic_link(self):
        os.rename(self.node.files.path("var/lib/cni/networks"), self.node.files.path("elsewhere"))
        os.symlink(self.node.files.path("elsewhere"), self.node.files.path("var/lib/cni/networks"))
        self.refuses("handover", "/var/lib/cni/networks: a symbolic link or no folder on the way")

    def test_a_file_of_absurd_size_is_refused_without_reading_it(self):
        with open(self.node.files.path("run/flannel/subnet.env"), "w") as file:
            file.truncate(1 << 40)
        self.refuses("handover", "has 1099511627776 bytes")

    def test_garbage_in_the_cni_folder_is_told_and_left_alone(self):
        self.node.files.write(f"{NETD}/00-garbage.conf", "\0{[")
        self.node.files.write(f"{NETD}/01-list.conflist", "[" * 100_000)
        os.mkfifo(self.node.files.path(f"{NETD}/02-pipe.conf"))
        with open(self.node.files.path(f"{NETD}/03-huge.conf"), "w") as file:
            file.truncate(1 << 40)
        ran = self.succeed(self.node.agent("preflight"))
        for told in ("00-garbage.conf: no JSON", "01-list.conflist: no JSON", "02-pipe.conf: is no regular file", "03-huge.conf: "):
            self.assertIn(told, ran.message)
        self.succeed(self.node.agent("handover"))
        self.assertEqual(len(self.node.files.list(NETD)), 6)

    def test_odd_names_among_the_leases_are_left_alone(self):
        for name in ("lock", "last_reserved_ip.0", "10.244.1.300", "not an address"):
            self.node.files.write(f"{LEASES}/cbr0/{name}", "x")
        os.mkdir(self.node.files.path(f"{LEASES}/cbr0/10.244.1.66"))
        self.assertEqual(self.succeed(self.node.agent("handover")).live, {"10.244.1.0/24": "1,255"})


class PreflightTest(NodeTest):
    def test_it_reports_subnet_env_and_changes_nothing(self):
        kernel, files = self.node.state(), self.node.files.all()
        ran = self.succeed(self.node.agent("preflight"))
        self.assertEqual(ran.report["observed"]["subnetEnv"]["FLANNEL_MTU"], "1450")
        self.assertEqual(ran.message, "container runtime: none; CNI files: 10-flannel.conflist; tunnels: flannel.1 MTU 1450; masquerade: true")
        self.assertEqual((self.node.state(), self.node.files.all()), (kernel, files))

    def test_what_is_odd_is_told(self):
        self.node.ns.batch("link set flannel.1 address 02:00:00:00:00:09 mtu 1400",
                           "link add vxlan.calico type vxlan id 4096 dev eth0 dstport 4789")
        self.node.files.write("run/flannel/subnet.env", "FLANNEL_SUBNET=10.244.99.1/24\nFLANNEL_MTU=1400\n")
        message = self.succeed(self.node.agent("preflight")).message
        for told in ("flannel.1 has MAC 02:00:00:00:00:09, wanted", "has MTU 1400, wanted 1450", "vxlan.calico is left over",
                     "names 10.244.99.0/24, which is no pod CIDR", "names MTU 1400, wanted 1450"):
            self.assertIn(told, message)

    def test_a_taken_port_is_told(self):
        self.node.ns.batch("link del flannel.1")
        with self.node.listen_as_felix() as _, self.node.udp_socket(8472):
            message = self.succeed(self.node.agent("preflight")).message
        self.assertIn("a process has UDP port 8472", message)

    def test_a_listening_container_runtime_is_told(self):
        path = os.path.join(self.network.folder, "containerd.sock")
        with self.node.unix_listener(path):
            message = self.succeed(self.node.agent("preflight")).message
        self.assertIn(f"container runtime: {path}", message)


if __name__ == "__main__":
    lib.main()

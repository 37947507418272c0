"""hostPorts over a change of the network: portmap's rules, made and asked for by the real plugin in each back end of iptables."""
import json
import os
import shutil

import lib
from lib import NodeTest, program
from lib.files import CALICO_CONF, NETD

PLUGIN = program.built("cni/portmap")
FLANNEL, CALICO = "cbr0", "k8s-pod-network"


class NftTest(NodeTest):
    backend = "nft"

    def setUp(self):
        super().setUp()
        # What the plugin finds as iptables.
        folder = f"{self.network.folder}/bin"
        os.makedirs(folder)
        for tool in ("iptables", "ip6tables"):
            os.symlink(shutil.which(f"{tool}-{self.backend}"), f"{folder}/{tool}")
        self.path = f"{folder}:{os.environ['PATH']}"

    def plugin(self, command, container, network, address="10.244.1.7"):
        ask = {"cniVersion": "0.4.0", "name": network, "type": "portmap", "snat": True, "backend": "iptables",
               "runtimeConfig": {"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]},
               "prevResult": {"cniVersion": "0.4.0", "interfaces": [{"name": "eth0", "sandbox": "/there"}],
                              "ips": [{"version": "4", "address": f"{address}/24", "interface": 0}]}}
        self.node.ns.run("env", f"PATH={self.path}", f"CNI_COMMAND={command}", f"CNI_CONTAINERID={container}", "CNI_NETNS=/there",
                         "CNI_IFNAME=eth0", "CNI_PATH=/nowhere", PLUGIN, text=json.dumps(ask))

    def rules(self):
        return [line for line in self.node.ns.run(f"iptables-{self.backend}-save", "-t", "nat").splitlines() if "CNI-" in line]

    def entries(self):
        return [line for line in self.rules() if line.startswith("-A CNI-HOSTPORT-DNAT")]

    def hand(self, operation, *more):
        self.succeed(self.node.agent(operation, *more))
        self.node.files.write(f"{NETD}/10-calico.conflist", CALICO_CONF)

    def test_a_pod_of_flannel_is_forgotten_by_calico(self):
        self.node.add_pod(7)
        for way, back in (("handover", "handback"), ("cutover", "cutback")):
            self.plugin("ADD", "c0ffee", FLANNEL)
            before = self.entries()
            self.hand(way)
            self.assertEqual(len(self.entries()), len(before), "the pod lives: its port is open")
            self.assertNotEqual(self.entries(), before)
            self.plugin("DEL", "c0ffee", CALICO)
            self.assertEqual(self.entries(), [])
            self.succeed(self.node.agent(back))

    def test_a_pod_of_calico_is_forgotten_by_flannel_and_one_of_flannel_too(self):
        self.plugin("ADD", "c0ffee", FLANNEL)
        begin = self.entries()
        self.hand("handover")
        self.plugin("ADD", "decade", CALICO, "10.244.1.70")
        self.succeed(self.node.agent("handback"))
        self.plugin("DEL", "decade", FLANNEL)
        self.assertEqual(self.entries(), begin)
        self.plugin("DEL", "c0ffee", FLANNEL)
        self.assertEqual(self.entries(), [])

    def test_a_bare_name_that_any_process_may_take_is_no_crio(self):
        self.addCleanup(self.node.unix_listener(f"\0{self.network.folder}/crio.sock").close)
        self.plugin("ADD", "c0ffee", FLANNEL)
        self.hand("handover")
        self.plugin("DEL", "c0ffee", CALICO)
        self.assertEqual(self.entries(), [])
        self.succeed(self.node.agent("handback"))

    def test_what_the_node_says_of_its_runtime_counts_for_more_than_who_listens(self):
        self.addCleanup(self.node.unix_listener(f"{self.network.folder}/crio.sock").close)
        self.plugin("ADD", "c0ffee", FLANNEL)
        self.hand("handover", "--container-runtime", "containerd://1.7.13")
        self.plugin("DEL", "c0ffee", CALICO)
        self.assertEqual(self.entries(), [])
        self.succeed(self.node.agent("handback"))

    def test_crio_which_remembers_is_asked_with_the_old_name(self):
        self.plugin("ADD", "c0ffee", FLANNEL)
        self.hand("handover", "--container-runtime", "cri-o://1.28.1")
        self.plugin("DEL", "c0ffee", FLANNEL)
        self.assertEqual(self.entries(), [])
        self.succeed(self.node.agent("handback"))

    def test_crio_is_known_by_its_socket_where_the_node_does_not_say(self):
        self.addCleanup(self.node.unix_listener(f"{self.network.folder}/crio.sock").close)
        self.plugin("ADD", "c0ffee", FLANNEL)
        self.hand("handover")
        self.plugin("DEL", "c0ffee", FLANNEL)
        self.assertEqual(self.entries(), [])
        self.succeed(self.node.agent("handback"))

    def test_clean_takes_what_nobody_has_asked_for(self):
        self.plugin("ADD", "c0ffee", FLANNEL)
        comment = ("-m", "comment", "--comment", f'name: "{FLANNEL}" id: "c0ffee"')
        masquerade = f"iptables-{self.backend}", "-t", "nat"
        self.node.ns.run(*masquerade, "-N", "CNI-0123456789abcdef01234567")
        self.node.ns.run(*masquerade, "-A", "CNI-0123456789abcdef01234567", *comment, "-j", "MASQUERADE")
        self.node.ns.run(*masquerade, "-A", "POSTROUTING", "-s", "10.244.1.7", *comment, "-j", "CNI-0123456789abcdef01234567")
        self.hand("handover")
        self.plugin("ADD", "decade", CALICO, "10.244.1.70")
        self.succeed(self.node.agent("clean", "--network", "flannel"))
        self.assertEqual([line for line in self.rules() if "c0ffee" in line or "0123456789abcdef" in line], [])
        self.assertEqual(len(self.entries()), 1, "that of a living pod of Calico")
        self.succeed(self.node.agent("handback"))
        self.succeed(self.node.agent("clean", "--network", "calico"))
        self.assertEqual(self.entries(), [])


class LegacyTest(NftTest):
    backend = "legacy"


if __name__ == "__main__":
    lib.main(FM_PORTMAP=PLUGIN)

"""A migration and a revert of one node by the agent in a pod like the operator's: nothing is missing there."""
import json

import lib
from lib import NodeTest, filters
from lib.files import CALICO_CONF, LEASES, NETD
from lib.pod import Pod


class PodTest(NodeTest):
    options = {"dual": True}

    def test_every_operation_has_what_it_needs(self):
        pod = Pod(self.node)
        filters.lay_flannel(self.node.ns)
        self.node.add_pod(7)
        verify = ("verify", *self.node.peer_arguments(), "--network")
        self.succeed(pod.run("preflight"))
        self.succeed(pod.run("handover", "--rename", "down"))
        self.node.lay_felix()
        self.succeed(pod.run(*verify, "calico"))
        self.node.ns.batch("link del veth7")
        self.succeed(pod.run("clean", "--network", "flannel"))
        filters.lay_calico(self.node.ns)
        for last in (70, 71):
            self.node.add_calico_pod(last)
        self.succeed(pod.run("handback"))
        self.succeed(pod.run(*verify, "flannel"))
        self.node.ns.batch("link del cali00000047")
        self.succeed(pod.run("freeleases"))
        self.assertEqual(self.node.files.list(f"{LEASES}/cbr0"), ["10.244.1.70"])
        self.succeed(pod.run("clean", "--network", "calico"))
        self.assertEqual(filters.rules(self.node.ns), [])
        self.assertEqual(self.node.files.list("var/run/calico"), [])
        self.node.files.write(f"{NETD}/10-calico.conflist", CALICO_CONF)
        ran = self.succeed(pod.run("finalize"))
        self.assertEqual(self.node.files.list("run/flannel"), [])
        self.assertEqual(json.loads(self.node.files.read("dev/termination-log")), ran.report)

    def test_method_drain_has_what_it_needs(self):
        pod = Pod(self.node)
        self.succeed(pod.run("cutover"))
        self.succeed(pod.run("cutback"))


if __name__ == "__main__":
    lib.main()

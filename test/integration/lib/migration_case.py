"""What every test of a migration asserts at its ends: all on Calico, or all as before."""
import time
import unittest

from . import calico_check, snapshot
from .cluster import NAMESPACE, NETWORK_LABEL
from .migrations import MIGRATION

STATE = "cni-migration.io/state"
APPROVE = "cni-migration.io/approve"
RETRY = "cni-migration.io/retry"
IN_PROGRESS = "projectcalico.org/node-flannel-migration-in-progress"
# What may differ between a cluster that never saw a migration and one that was reverted, and why.
ALLOWED = {
    ("daemonsets", "metadata.annotations.deprecated.daemonset.template.generation"):
        "the API server counts the changes of a pod template in it",
}


class MigrationCase(unittest.TestCase):
    def agent_pods(self, c):
        return [pod["metadata"]["name"] for pod in c.list("pods", NAMESPACE, "app.kubernetes.io/component=agent")]

    def assert_no_traces(self, c, cordoned=()):
        for name, node in c.nodes().items():
            meta = node["metadata"]
            self.assertEqual(bool(node["spec"].get("unschedulable")), name in cordoned, f"cordon of {name}")
            self.assertNotIn(NETWORK_LABEL, meta["labels"], name)
            self.assertNotIn(IN_PROGRESS, meta["labels"], name)
            self.assertFalse({STATE, RETRY} & set(meta.get("annotations", {})), name)
        c.wait(lambda: not self.agent_pods(c), 60, "no agent pod left")

    def assert_on_calico(self, c, expected, network="10.244.0.0/16", cordoned=(), **check):
        self.assert_no_traces(c, cordoned)
        calico_check.check_cluster(c, expected, **check)
        calico_check.check_pool(c, "default-ipv4-ippool", network)
        calico_check.check_felix(c)
        # There was none: Calico's own defaults, so that blocks are handed out as ever.
        ipam = c.get("ipamconfigs", "default")["spec"]
        self.assertEqual((ipam["strictAffinity"], ipam["autoAllocateBlocks"]), (False, True), ipam)
        self.assertEqual([ds["metadata"]["name"] for ds in c.list("daemonsets")
                          if "flannel" in ds["metadata"]["name"] or ds["metadata"]["name"] == "canal"], [])
        calico = c.get("daemonsets", "calico-node", "kube-system")
        self.assertEqual(calico["spec"]["template"]["spec"]["nodeSelector"], {"kubernetes.io/os": "linux"})
        self.assertEqual(calico["status"]["numberReady"], len(expected))
        self.assertEqual(c.get("configmaps", "calico-config", "kube-system")["data"]["veth_mtu"], "1450")

    def flannel_ready(self, c):
        name, namespace = ("canal", "kube-system") if c.canal else ("kube-flannel-ds", "kube-flannel")
        status = c.get("daemonsets", name, namespace)["status"]
        wanted = status.get("desiredNumberScheduled")
        return wanted == len(c.nodes()) == status.get("numberReady") == status.get("updatedNumberScheduled")

    def assert_unchanged(self, c, before, allowed=None):
        found = snapshot.differences(before, snapshot.take(c), ALLOWED | (allowed or {}))
        self.assertEqual(found, [], "\n".join(found))

    def assert_as_before(self, c, before, allowed=None):
        self.assert_no_traces(c)
        self.assert_unchanged(c, before, allowed)
        self.assertEqual(c.list("pods", "kube-system", "k8s-app=calico-node"), [])
        c.wait(lambda: self.flannel_ready(c), 60, "flannel's pods replaced and Ready")

    def assert_rests(self, c, node=None, writes=None, quiet=2):
        """The operator, or what it does to one node, comes to rest: for so many seconds it writes nothing but status.
        `writes`: of the audit log, where others count."""
        writes = writes or c.audit.writes_beyond_status

        def rests():
            c.audit.mark()
            time.sleep(quiet)
            return not [write for write in writes() if node in (None, write.name)]

        c.wait(rests, 60, f"nothing written to {node or 'the cluster'} for {quiet} s")

    def wait_step(self, c, node, step, timeout=60, name=MIGRATION):
        """Until status.active shows the node in this step (its exact word); the entry."""
        def entry(thing):
            active = thing.get("status", {}).get("active", [])
            return next((one for one in active if one["name"] == node and one["step"] == step), None)

        return entry(c.wait_migration(entry, timeout, f"{node} in step {step}", name))

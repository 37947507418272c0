"""The main job on a real control plane: to Calico, back to flannel from half-way and from the end, and to Calico again."""
import unittest

import lib
from lib import Cluster, calico_check, snapshot
from lib.cluster import NAMESPACE, NETWORK_LABEL
from lib.rollout_watch import RolloutWatch, out_of_service

STATE = "cni-migration.io/state"
IN_PROGRESS = "projectcalico.org/node-flannel-migration-in-progress"
WORKERS = ["node-0001", "node-0002", "node-0003", "node-0004"]
CONTROL_PLANES = ["cp-1", "cp-2", "cp-3"]
# What may differ between a cluster that never saw a migration and one that was reverted, and why.
ALLOWED = {
    ("daemonsets", "metadata.annotations.deprecated.daemonset.template.generation"):
        "the API server counts the changes of a pod template in it",
}


def setUpModule():
    global CLUSTER, BEFORE, EXPECTED
    CLUSTER = unittest.enterModuleContext(Cluster(nodes=7, control_plane=3, pods_per_node=4))
    BEFORE, EXPECTED = snapshot.take(CLUSTER), calico_check.expectations(CLUSTER)
    CLUSTER.operator(node="cp-2").wait_ready()


def agent_pods():
    return [pod["metadata"]["name"] for pod in CLUSTER.list("pods", NAMESPACE, "app.kubernetes.io/component=agent")]


class MigrateTest(unittest.TestCase):
    """One story on one cluster: the tests run in the order of their names."""

    def assert_no_traces(self):
        for name, node in CLUSTER.nodes().items():
            meta = node["metadata"]
            self.assertFalse(out_of_service(node), f"{name} is cordoned")
            self.assertNotIn(NETWORK_LABEL, meta["labels"], name)
            self.assertNotIn(IN_PROGRESS, meta["labels"], name)
            self.assertNotIn(STATE, meta.get("annotations", {}), name)
        CLUSTER.wait(lambda: not agent_pods(), 10, "no agent pod left")

    def assert_on_calico(self):
        self.assert_no_traces()
        calico_check.check_cluster(CLUSTER, EXPECTED)
        calico_check.check_pool(CLUSTER, "default-ipv4-ippool", "10.244.0.0/16")
        calico_check.check_felix(CLUSTER)
        # There was none: Calico's own defaults, so that blocks are handed out as ever.
        ipam = CLUSTER.get("ipamconfigs", "default")["spec"]
        self.assertEqual((ipam["strictAffinity"], ipam["autoAllocateBlocks"]), (False, True), ipam)
        self.assertIsNone(CLUSTER.find("daemonsets", "kube-flannel-ds", "kube-flannel"))
        calico = CLUSTER.get("daemonsets", "calico-node", "kube-system")
        self.assertEqual(calico["spec"]["template"]["spec"]["nodeSelector"], {"kubernetes.io/os": "linux"})
        self.assertEqual(calico["status"]["numberReady"], len(EXPECTED))
        self.assertEqual(CLUSTER.get("configmaps", "calico-config", "kube-system")["data"]["veth_mtu"], "1450")

    def assert_as_before(self):
        self.assert_no_traces()
        CLUSTER.wait(lambda: self.flannel_status().get("numberReady") == len(EXPECTED), 30, "flannel Ready again")
        found = snapshot.differences(BEFORE, snapshot.take(CLUSTER), ALLOWED)
        self.assertEqual(found, [], "\n".join(found))
        self.assertEqual(CLUSTER.list("pods", "kube-system", "k8s-app=calico-node"), [])

    @staticmethod
    def flannel_status():
        return CLUSTER.get("daemonsets", "kube-flannel-ds", "kube-flannel")["status"]

    def test_1_reverted_half_way(self):
        with RolloutWatch(CLUSTER) as rollout:
            CLUSTER.apply_migration(target="Calico")
            CLUSTER.wait_progress(2, 60)
            CLUSTER.edit_migration(target="Flannel")
            CLUSTER.wait_phase("Reverted", 90)
            self.assert_as_before()
            moved = set(rollout.order)
            self.assertTrue(set(WORKERS[:2]) <= moved and len(moved) < 5, rollout.order)
            for name in EXPECTED:
                if name in moved:
                    # One when it came back, and one more when the saved template was put back.
                    self.assertIn(rollout.flannel_pods_since(name), (1, 2), name)
                else:
                    self.assertEqual(rollout.flannel_pods_since(name), 0, name)
                    self.assertTrue(rollout.flannel_kept(name), name)
        self.assertFalse(CLUSTER.status().get("failed"))

    def test_2_completed(self):
        CLUSTER.audit.mark()
        with RolloutWatch(CLUSTER) as rollout:
            CLUSTER.edit_migration(target="Calico")
            migration = CLUSTER.wait_phase("Completed", 120)
            # The operator's own node is the last one, although cp-3 comes after it by name.
            self.assertEqual(rollout.order, WORKERS + ["cp-1", "cp-3", "cp-2"])
            for name in EXPECTED:
                self.assertEqual(rollout.flannel_pods_since(name), 0, f"flannel was started again on {name}")
                self.assertEqual(rollout.labels_seen(name), [None, "flannel", "none", "calico", None], name)
        self.assert_on_calico()
        self.assertEqual(CLUSTER.audit.forbidden(), [])
        status = migration["status"]
        self.assertEqual((status["progress"], status["nodes"]["calico"]), ("7/7", 7))
        self.assertEqual(CLUSTER.condition("Completed")["status"], "True")

    def test_3_reverted_from_the_end(self):
        with RolloutWatch(CLUSTER) as rollout:
            CLUSTER.edit_migration(target="Flannel")
            CLUSTER.wait_phase("Reverted", 120)
            self.assert_as_before()
            for name in EXPECTED:
                self.assertIn(rollout.flannel_pods_since(name), (1, 2), name)

    def test_4_completed_again(self):
        with RolloutWatch(CLUSTER, most=3) as rollout:
            CLUSTER.edit_migration(target="Calico", rollout={"maxUnavailable": 3})
            CLUSTER.wait_phase("Completed", 120)
            self.assertGreater(rollout.peak, 1)
        self.assert_on_calico()


if __name__ == "__main__":
    lib.main(needs_operator=True)

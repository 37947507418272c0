"""The main job on a real control plane: to Calico, back to flannel from half-way and from the end, and to Calico again."""
import time
import unittest

import lib
from lib import Cluster, calico_check, snapshot
from lib.migration_case import MigrationCase
from lib.rollout_watch import RolloutWatch

WORKERS = ["node-0001", "node-0002", "node-0003", "node-0004"]


def setUpModule():
    global CLUSTER, BEFORE, EXPECTED, OPERATOR
    CLUSTER = unittest.enterModuleContext(Cluster(nodes=7, control_plane=3, pods_per_node=1))
    BEFORE, EXPECTED = snapshot.take(CLUSTER), calico_check.expectations(CLUSTER)
    OPERATOR = CLUSTER.operator(node="cp-2").wait_ready()


class MigrateTest(MigrationCase):
    """One story on one cluster: the tests run in the order of their names."""

    def test_1_reverted_half_way(self):
        with RolloutWatch(CLUSTER) as rollout:
            CLUSTER.apply_migration(target="Calico")
            # Turned round while it is only cordoned, it would keep flannel's pod.
            CLUSTER.wait(lambda: len(rollout.order) > 2 and CLUSTER.networks()[rollout.order[2]] != "flannel", 60,
                         "the third node off flannel")
            CLUSTER.edit_migration(target="Flannel")
            CLUSTER.wait_phase("Reverted", 90)
            self.assert_as_before(CLUSTER, BEFORE)
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
            CLUSTER.apply_migration(target="Calico")
            migration = CLUSTER.wait_phase("Completed", 120)
            # The operator's own node is the last one, although cp-3 comes after it by name.
            self.assertEqual(rollout.order, WORKERS + ["cp-1", "cp-3", "cp-2"])
            for name in EXPECTED:
                self.assertEqual(rollout.flannel_pods_since(name), 0, f"flannel was started again on {name}")
                self.assertEqual(rollout.labels_seen(name), [None, "flannel", "none", "calico", None], name)
        self.assert_on_calico(CLUSTER, EXPECTED)
        self.assertEqual(CLUSTER.audit.forbidden(), [])
        status = migration["status"]
        self.assertEqual((status["progress"], status["nodes"]["calico"]), ("7/7", 7))
        self.assertEqual(CLUSTER.condition("Completed")["status"], "True")
        events = CLUSTER.kubectl("describe", "fm", "migration").split("Events:")[1]
        for phase in ("Migrating", "Reverted", "Completed"):
            self.assertRegex(events, rf"(?m)^ *Normal +{phase} .* flannel-migration-operator ")

    def test_3_reverted_from_the_end(self):
        # By an operator that never saw flannel's DaemonSet.
        detected = CLUSTER.status()["detected"]
        OPERATOR.restart()
        OPERATOR.wait_ready()
        CLUSTER.wait(OPERATOR.follows_a_migration, 60, "its first plan")
        time.sleep(1)
        self.assertEqual(CLUSTER.status()["detected"], detected)
        plan = CLUSTER.plan_command(target="Flannel")
        self.assertEqual(plan.returncode, 0, plan.stderr)
        self.assertRegex(plan.stdout, r"(?m)^  network +10\.244\.0\.0/16 ")
        self.assertRegex(plan.stdout, r"0/7 on their target now\n +at most 1 node out of service .*\n +1  node-0001  \(on calico\)\n")
        self.assertIn("\nIn the cluster now: Completed, 7/7: 7 nodes on Calico\n", plan.stdout)
        self.assertIn("\nPlanned: nothing was written; to carry it out: kubectl replace -f -", plan.stdout)
        with RolloutWatch(CLUSTER) as rollout:
            CLUSTER.edit_migration(target="Flannel")
            CLUSTER.wait_phase("Reverted", 120)
            self.assert_as_before(CLUSTER, BEFORE)
            for name in EXPECTED:
                self.assertIn(rollout.flannel_pods_since(name), (1, 2), name)

    def test_4_completed_again(self):
        with RolloutWatch(CLUSTER, most=3) as rollout:
            CLUSTER.edit_migration(target="Calico", rollout={"maxUnavailable": 3})
            CLUSTER.wait_phase("Completed", 120)
            self.assertGreater(rollout.peak, 1)
        self.assert_on_calico(CLUSTER, EXPECTED)


if __name__ == "__main__":
    lib.main(needs_operator=True)

"""Steering a migration with kubectl: plan, pause, turn round in every step, delete and adopt."""
import time
import unittest

import lib
from lib import ApiError, Cluster, calico_check, snapshot
from lib.migration_case import APPROVE, MigrationCase
from lib.migrations import MIGRATION
from lib.rollout_watch import RolloutWatch

FIRST, SECOND = "node-0001", "node-0002"
ORDER = [FIRST, SECOND, "cp-1"]


def setUpModule():
    global CLUSTER, BEFORE, EXPECTED
    CLUSTER = unittest.enterModuleContext(Cluster(nodes=3, control_plane=1, pods_per_node=1))
    BEFORE, EXPECTED = snapshot.take(CLUSTER), calico_check.expectations(CLUSTER)
    CLUSTER.operator().wait_ready()


class PlanTest(MigrationCase):
    """A: before anything is done. The classes run in the order of their names, their tests too."""

    def test_1_the_plan_command_writes_nothing(self):
        CLUSTER.audit.mark()
        done = CLUSTER.plan_command(target="Calico")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^Preflight\n +Warn +UnmanagedPods: pods without a controller: workloads/bare-0, workloads/bare-1, "
                                      r"workloads/bare-2\n +wanted: .*\n +fix: .*\n\nDetected")
        self.assertRegex(done.stdout, r"network +10\.244\.0\.0/16 +ConfigMap kube-flannel/kube-flannel-cfg")
        self.assertRegex(done.stdout, r"1 +node-0001 +\(on flannel\)\n +2 +node-0002 .*\n +3 +cp-1 ")
        self.assertNotIn("In the cluster now", done.stdout)
        wrong = CLUSTER.plan_command(target="Calico", flannel={"vni": 7})
        self.assertEqual(wrong.returncode, 1, wrong.stdout + wrong.stderr)
        self.assertRegex(wrong.stdout, r"Block +NodeVNI: .*\n +wanted: .*\n +fix: ")
        misspelt = CLUSTER.plan_command(pause=True, rollout={"canary": {"node": 1}})
        self.assertEqual(misspelt.returncode, 2, misspelt.stdout + misspelt.stderr)
        self.assertIn("spec.rollout.canary.node: unknown field; spec.pause: unknown field", misspelt.stderr)
        paused = CLUSTER.plan_command(paused=True)
        self.assertIn("\nPaused: nothing was written; to carry it out: set spec.paused to false, then kubectl apply -f -", paused.stdout)
        nameless = CLUSTER.plan_command("", target="Calico")
        self.assertEqual(nameless.returncode, 2, nameless.stdout + nameless.stderr)
        self.assertIn("-: metadata.name: missing", nameless.stderr)
        self.assertEqual(CLUSTER.audit.writes(), [])

    def test_2_mode_plan_writes_nothing(self):
        CLUSTER.audit.mark()
        CLUSTER.apply_migration(mode="Plan")
        status = CLUSTER.wait_phase("Planned", 60)["status"]
        self.assertEqual((status["plan"]["nodes"], status["plan"]["order"]), (3, ORDER))
        self.assertEqual(CLUSTER.condition("PreflightPassed")["status"], "True")
        time.sleep(1)
        self.assertEqual(CLUSTER.audit.writes_beyond_status(), [])
        self.assert_as_before(CLUSTER, BEFORE)
        CLUSTER.patch("flannelmigrations", MIGRATION, {"metadata": {"annotations": {APPROVE: "true"}}})
        self.assertIn("; that takes the approval away", CLUSTER.plan_command(mode="Run").stdout)
        CLUSTER.patch("flannelmigrations", MIGRATION, {"metadata": {"annotations": {APPROVE: None}}})
        self.assertNotIn("approval", CLUSTER.plan_command(mode="Run").stdout)

    def test_3_wrong_values_are_refused_or_block(self):
        with self.assertRaisesRegex(ApiError, "spec.rollout.maxUnavailable must be a number"):
            CLUSTER.edit_migration(rollout={"maxUnavailable": "0%"})
        CLUSTER.edit_migration(flannel={"vni": 7}, mode="Run")
        CLUSTER.audit.mark()
        message = CLUSTER.wait_phase("Blocked", 60)["status"]["message"]
        self.assertIn("NodeVNI", message)
        self.assertEqual(CLUSTER.findings()["NodeVNI"]["severity"], "Block")
        time.sleep(1)
        self.assertEqual(CLUSTER.audit.writes_beyond_status(), [])
        CLUSTER.edit_migration(flannel=None, mode="Plan")
        CLUSTER.wait_phase("Planned", 60)


class RunTest(MigrationCase):
    def test_1_a_second_object_does_nothing(self):
        time.sleep(1)  # objects of one second go by name
        CLUSTER.apply_migration("another")
        told = CLUSTER.wait_migration(lambda thing: "was here before" in thing.get("status", {}).get("message", ""), 60,
                                      "the second object told", "another")
        self.assertIn("FlannelMigration migration was here before", told["status"]["message"])
        self.assertEqual(set(CLUSTER.networks().values()), {None})
        planned = CLUSTER.plan_command("a-third", target="Calico")
        self.assertEqual((planned.returncode, planned.stdout), (1, f"Pending: {told['status']['message']}\n"))
        CLUSTER.delete("flannelmigrations", "another")
        CLUSTER.wait_gone(60, "another")

    def test_2_paused_and_resumed(self):
        with RolloutWatch(CLUSTER) as rollout:
            CLUSTER.edit_migration(mode="Run")
            CLUSTER.wait(lambda: rollout.order, 60, "the first node out of service")
            CLUSTER.edit_migration(paused=True)
            CLUSTER.wait_phase("Paused", 60)
            CLUSTER.wait(self.nobody_out, 60, "nobody out of service")
            self.assert_rests(CLUSTER)
            self.assertNotIn("cp-1", rollout.order)
            self.assertEqual(CLUSTER.condition("Paused")["status"], "True")
            back = CLUSTER.plan_command(target="Flannel")
            self.assertEqual(back.returncode, 0, back.stderr)
            self.assertRegex(back.stdout, r"node-0001 +\(on calico\)\n(.*\n)*.* cp-1 +\(on flannel\)\n")
            self.assertIn("In the cluster now: Paused, ", back.stdout)
            self.assertIn("nothing was written; to carry it out: kubectl replace -f -", back.stdout)
            self.assertIn("nothing was written; FlannelMigration migration asks for all of this already",
                          CLUSTER.plan_command(paused=True).stdout)
            CLUSTER.edit_migration(paused=False)
            CLUSTER.wait_phase("Completed", 90)
        self.assert_on_calico(CLUSTER, EXPECTED)

    def nobody_out(self):
        return not any(node["spec"].get("unschedulable") for node in CLUSTER.nodes().values())

    def test_3_reverted(self):
        CLUSTER.replace_migration(target="Flannel")  # as `plan` says
        CLUSTER.wait_phase("Reverted", 90)
        self.assert_as_before(CLUSTER, BEFORE)


class TurnTest(MigrationCase):
    """The target flipped while a node is held in a step: towards Calico, then towards flannel."""

    def hold_and_turn(self, start, step, kind, *arguments):
        """Sets out for `start`, holds FIRST in a step, turns round, lets it go."""
        other = {"Calico": "Flannel", "Flannel": "Calico"}[start]
        CLUSTER.fail(kind, FIRST, *arguments)
        try:
            CLUSTER.apply_migration(target=start)
            self.wait_step(CLUSTER, FIRST, step, 60)
            CLUSTER.edit_migration(target=other)
            time.sleep(0.5)
        finally:
            CLUSTER.unfail(kind, FIRST, *arguments)

    def test_towards_calico(self):
        for step, *failure in (("StopFlannel", "pod-terminating"), ("HandOver", "agent-hangs", "handover"),
                               ("StartCalico", "calico-not-ready"), ("Verify", "agent-hangs", "verify"),
                               ("Clean", "agent-hangs", "clean")):
            with self.subTest(step), RolloutWatch(CLUSTER):
                self.hold_and_turn("Calico", step, *failure)
                CLUSTER.wait_phase("Reverted", 90)
                self.assert_as_before(CLUSTER, BEFORE)

    def test_towards_flannel(self):
        CLUSTER.edit_migration(target="Calico")
        CLUSTER.wait_phase("Completed", 90)
        # StopCalico cannot be held: calico-node has no grace period.
        for step, *failure in (("HandBack", "agent-hangs", "handback"),
                               ("StartFlannel", "flannel-not-ready"), ("Verify", "agent-hangs", "verify")):
            with self.subTest(step), RolloutWatch(CLUSTER):
                self.hold_and_turn("Flannel", step, *failure)
                CLUSTER.wait_phase("Completed", 90)
                self.assert_on_calico(CLUSTER, EXPECTED)


class VanishTest(MigrationCase):
    def test_deleted_half_way_and_adopted(self):
        CLUSTER.edit_migration(target="Flannel")
        CLUSTER.wait_phase("Reverted", 90)
        with RolloutWatch(CLUSTER) as rollout:
            CLUSTER.edit_migration(target="Calico")
            CLUSTER.wait(lambda: CLUSTER.networks()[FIRST] == "calico", 60, f"{FIRST} labelled for Calico")
            CLUSTER.delete("flannelmigrations", "migration")
            CLUSTER.wait_gone(60)
            self.assertFalse(any(node["spec"].get("unschedulable") for node in CLUSTER.nodes().values()))
            self.assert_rests(CLUSTER, writes=CLUSTER.audit.writes)
            self.assertEqual(CLUSTER.networks()[FIRST], "calico")
            self.assertEqual(CLUSTER.networks()["cp-1"], "flannel")
            CLUSTER.apply_migration("contradicting", flannel={"ipv6Network": "fd00:10:244::/48"})
            message = CLUSTER.wait_phase("Blocked", 60, "contradicting")["status"]["message"]
            self.assertIn("KeptSettings: spec.flannel.ipv6Network is fd00:10:244::/48", message)
            CLUSTER.delete("flannelmigrations", "contradicting")
            CLUSTER.wait_gone(60, "contradicting")
            self.assertIsNone(CLUSTER.find("ippools", "default-ipv6-ippool"))
            CLUSTER.apply_migration("adopting")
            CLUSTER.wait_phase("Completed", 90, "adopting")
            self.assertEqual(rollout.order, ORDER)
        self.assert_on_calico(CLUSTER, EXPECTED)


if __name__ == "__main__":
    lib.main(needs_operator=True)

"""The life of the chart around a migration: upgraded, rolled back and uninstalled while nodes are on their way."""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib  # noqa: E402
from lib import Cluster, calico_check, paths  # noqa: E402
from lib.cluster import NAMESPACE  # noqa: E402
from lib.helm_case import RELEASE, HelmCase  # noqa: E402
from lib.pod_programs import PodPrograms  # noqa: E402

CRD = "flannelmigrations.cni-migration.io"
ETA = "        - name: ETA\n          type: string\n          description: How long the rest will take.\n          jsonPath: .status.eta\n"


def older_chart(c):
    """The chart as a release before this one would be: another version and image, and a CRD with a column less."""
    folder = os.path.join(c.directory, "older")
    shutil.copytree(paths.CHART, folder)
    # Both version and appVersion, and so the image.
    replace(os.path.join(folder, "Chart.yaml"), "ersion: 0.1.0\n", "ersion: 0.0.9\n")
    replace(os.path.join(folder, "files", "flannelmigrations.yaml"), ETA, "")
    return folder


def replace(path, what, by):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert what in text, f"{path} has no {what}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(what, by))


def columns(c):
    return [column["name"] for column in c.get("customresourcedefinitions", CRD)["spec"]["versions"][0]["additionalPrinterColumns"]]


class LifeTest(HelmCase):
    def assert_one_after_the_other(self, c):
        """Once a replica has written after another one, the other one never writes again."""
        writers = c.audit.writers()
        self.assertNotIn("", writers)
        self.assertEqual(len(writers), len(set(writers)), "a replica wrote between the writes of another one")
        return writers

    def assert_held(self, c):
        status = c.status()
        self.assertEqual((status["phase"], status["nodes"]["migrating"]), ("Migrating", 1), status)

    def hold(self, c):
        """The next node is on its way, and stays there until let_go(). Any node: the last one is the operator's own."""
        c.fail("agent-hangs", "*", "handover")
        c.wait_migration(lambda thing: any(one["step"] == "HandOver" for one in thing.get("status", {}).get("active", [])),
                         60, "a node in HandOver")

    def let_go(self, c):
        done = c.status()["nodes"]["calico"]
        c.unfail("agent-hangs", "*", "handover")
        return done

    def test_upgraded_and_rolled_back_in_the_middle(self):
        with Cluster(nodes=6, control_plane=1, pods_per_node=1, product=False) as c, PodPrograms(c) as programs:
            expected = calico_check.expectations(c)
            self.install(c, older_chart(c))
            self.assertNotIn("ETA", columns(c))
            c.apply_migration()
            self.hold(c)
            self.helm(c, "upgrade", RELEASE, paths.CHART)
            self.assertIn("ETA", columns(c), "helm upgrade changes the CRD")
            self.assert_held(c)
            c.wait_progress(self.let_go(c) + 1, 120)
            self.hold(c)
            self.helm(c, "rollback", RELEASE, "1")
            self.assertNotIn("ETA", columns(c), "helm rollback brings the older one back")
            self.assert_held(c)
            c.unfail()
            c.wait_phase("Completed", 180)
            self.assert_on_calico(c, expected)
            self.assertGreater(len(programs.all), 4, "two replicas, and others after the upgrade, and others after the rollback")
            self.assertGreater(len(self.assert_one_after_the_other(c)), 1)
            self.assertEqual(c.audit.forbidden(), [])
            self.assertEqual(programs.running[0].log(level="error"), [])

    def of_the_release(self, c):
        """What there is of the installation, beside CRD and FlannelMigrations."""
        kinds = ("deployments,poddisruptionbudgets,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,leases,"
                 "validatingadmissionpolicies,validatingadmissionpolicybindings,services,networkpolicies")
        ours = c.kubectl("get", kinds, "-A", "-o", "name", "-l", "app.kubernetes.io/name=flannel-migration").split()
        # A paused migration keeps the finished agent pods of a node that it has not done with.
        pods = c.kubectl("-n", NAMESPACE, "get", "pods", "-o", "name", "--field-selector", "status.phase!=Succeeded").split()
        return ours + pods + c.kubectl("-n", NAMESPACE, "get", "leases", "-o", "name").split()

    def uninstall(self, c, programs):
        self.helm(c, "uninstall", RELEASE)
        for program in programs.all.values():
            c.wait(lambda one=program: not one.running, 10, "the operator ended with its pod")
        self.assertEqual(self.of_the_release(c), [])
        self.assertEqual([name for name, node in c.nodes().items() if node["spec"].get("unschedulable")], [])
        self.assertTrue(c.migration())

    def uninstall_as_told(self, c):
        """Refused; the message is followed word for word. The operator goes on meanwhile."""
        refused = self.try_helm(c, "uninstall", RELEASE)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("FlannelMigration migration is Migrating, nodes out of service: 1.", refused.stderr)
        commands = re.search(r"try again: (kubectl .*fm/migration)\. To uninstall all the same: helm uninstall --no-hooks", refused.stderr)
        c.unfail()
        subprocess.run(["sh", "-c", commands[1]], env=c.env, check=True, timeout=300)

    def test_refused_on_the_way_then_uninstalled_and_taken_up_again(self):
        with Cluster(nodes=3, control_plane=1, pods_per_node=1, product=False) as c, PodPrograms(c) as programs:
            expected = calico_check.expectations(c)
            self.install(c)
            c.apply_migration()
            self.hold(c)
            self.uninstall_as_told(c)
            self.uninstall(c, programs)
            self.install(c)
            c.edit_migration(paused=False)
            c.wait_phase("Completed", 120)
            self.assert_on_calico(c, expected)
            # What a revert needs is still there.
            self.uninstall(c, programs)
            self.install(c)
            c.edit_migration(target="Flannel")
            c.wait_phase("Reverted", 120)
            self.assert_no_traces(c)
            self.refused_while_one_is_deleted(c)
            self.assert_one_after_the_other(c)

    def refused_while_one_is_deleted(self, c):
        """Held here by a finalizer of somebody else's."""
        held = {"apiVersion": "cni-migration.io/v1alpha1", "kind": "FlannelMigration", "spec": {"mode": "Plan"},
                "metadata": {"name": "held", "finalizers": ["example.com/hold"]}}
        c.kubectl("create", "-f", "-", stdin=json.dumps(held))
        c.kubectl("delete", "fm", "held", "--wait=false")
        refused = self.try_helm(c, "uninstall", RELEASE)
        self.assertIn("FlannelMigration held is being deleted", refused.stderr)
        c.kubectl("patch", "fm", "held", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        self.helm(c, "uninstall", RELEASE)


if __name__ == "__main__":
    lib.main(needs_operator=True)

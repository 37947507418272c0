"""What the chart installs is enough for the main job: with its account, its rights and its arguments, to Completed."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib  # noqa: E402
from lib import Cluster, calico_check, paths  # noqa: E402
from lib.cluster import ACCOUNT, NAMESPACE  # noqa: E402
from lib.helm_case import RELEASE, HelmCase  # noqa: E402

TEST_POD = "flannel-migration-test"


class ChartMigrationTest(HelmCase):
    def test_installed_by_helm_then_migrated_and_reverted(self):
        with Cluster(nodes=3, control_plane=1, pods_per_node=1, product=False) as c:
            expected = calico_check.expectations(c)
            self.install(c)
            operator = self.operator_of(c)
            self.helm_test(c)
            c.apply(os.path.join(paths.SAMPLES, "minimal.yaml"))
            name = c.list("flannelmigrations")[0]["metadata"]["name"]
            c.wait_phase("Completed", 120, name)
            self.assert_on_calico(c, expected)
            c.edit_migration(name, target="Flannel")
            c.wait_phase("Reverted", 120, name)
            self.assert_no_traces(c)
            self.assertEqual(c.audit.forbidden(), [], "the chart's roles grant everything that was asked for")
            self.assertEqual(operator.log(level="error"), [])

    def helm_test(self, c):
        """The program of its pod, run for it with the file that is mounted there; its exit code is the pod's end."""
        plans = []

        def play(change):
            pod = change.object
            if pod["metadata"]["name"] != TEST_POD or pod.get("status", {}).get("phase") != "Running" or plans:
                return
            container = pod["spec"]["containers"][0]
            mounted = c.get("configmaps", pod["spec"]["volumes"][0]["configMap"]["name"], NAMESPACE)["data"]["migration.yaml"]
            self.assertEqual(container["args"][0], "plan")
            plans.append(c.plan_file("-", mounted))
            phase = "Succeeded" if plans[0].returncode == 0 else "Failed"
            c.patch("pods", TEST_POD, {"status": {"phase": phase}}, namespace=NAMESPACE, subresource="status")

        with c.watch("pods", NAMESPACE, on_change=play):
            tested = self.try_helm(c, "test", RELEASE, "--timeout", "120s")
        self.assertIn("Planned: plan only", plans[0].stdout)
        self.assertEqual(tested.returncode, 0, tested.stdout + tested.stderr)
        self.assertIn("Phase:          Succeeded", tested.stdout)
        self.assertIsNone(c.find("pods", TEST_POD, NAMESPACE))

    def operator_of(self, c):
        """The image cannot run here, kwok only says that it does: the program itself, as the Deployment would start it."""
        deployment = c.get("deployments", ACCOUNT, NAMESPACE)
        self.assertEqual(deployment["status"]["readyReplicas"], 2)
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual((container["args"][0], container["args"][1]), ("run", "--namespace=$(POD_NAMESPACE)"))
        node = c.list("pods", NAMESPACE, "app.kubernetes.io/component=operator")[0]["spec"]["nodeName"]
        return c.operator(leader_elect=True, node=node).wait_ready()


if __name__ == "__main__":
    lib.main(needs_operator=True)

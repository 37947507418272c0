"""What the chart installs is enough for the main job: with its account, its rights and its arguments, to Completed."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib  # noqa: E402
from lib import Cluster, calico_check, paths  # noqa: E402
from lib.cluster import ACCOUNT, NAMESPACE  # noqa: E402
from lib.helm_case import HelmCase  # noqa: E402


class ChartMigrationTest(HelmCase):
    def test_installed_by_helm_then_migrated_and_reverted(self):
        with Cluster(nodes=3, control_plane=1, pods_per_node=1, product=False) as c:
            expected = calico_check.expectations(c)
            self.install(c)
            operator = self.operator_of(c)
            c.apply(os.path.join(paths.SAMPLES, "minimal.yaml"))
            name = c.list("flannelmigrations")[0]["metadata"]["name"]
            c.wait_phase("Completed", 120, name)
            self.assert_on_calico(c, expected)
            c.edit_migration(name, target="Flannel")
            c.wait_phase("Reverted", 120, name)
            self.assert_no_traces(c)
            self.assertEqual(c.audit.forbidden(), [], "the chart's roles grant everything that was asked for")
            self.assertEqual(operator.log(level="error"), [])

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

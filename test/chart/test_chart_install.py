"""The Helm chart, installed by the real helm on a real control plane: the CRD, the values, what is left."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib  # noqa: E402
from lib import Cluster, paths, shell  # noqa: E402
from lib.cluster import ACCOUNT, NAMESPACE  # noqa: E402
from lib.helm_case import RELEASE, HelmCase  # noqa: E402
from lib.migrations import MIGRATION  # noqa: E402

CRD = "flannelmigrations.cni-migration.io"


def readme_commands(beginning):
    """The commands of the chart's README in the block that begins so."""
    with open(os.path.join(paths.CHART, "README.md"), encoding="utf-8") as file:
        block = next(block for block in file.read().split("```sh\n")[1:] if block.startswith(beginning))
    return block.split("```")[0]


class InstallTest(HelmCase):
    """Each test begins and ends without the CRD."""

    @classmethod
    def setUpClass(cls):
        cls.c = cls.enterClassContext(Cluster(nodes=3, product=False))

    def tearDown(self):
        self.c.delete("customresourcedefinitions", CRD)
        self.c.wait(lambda: not self.c.find("customresourcedefinitions", CRD), 60, "the CRD gone")

    def test_a_crd_of_somebody_else_is_taken_over_as_the_readme_says(self):
        self.c.kubectl("apply", "--server-side", "-f", paths.CRD)
        refused = self.try_helm(self.c, "install", RELEASE, paths.CHART, "--create-namespace")
        self.assertIn("cannot be imported into the current release", refused.stderr)
        shell.run(["sh", "-euc", readme_commands("kubectl label crd").replace("RELEASE", RELEASE)], env=self.c.env)
        self.helm(self.c, "install", RELEASE, paths.CHART, "--create-namespace")
        self.helm(self.c, "uninstall", RELEASE)
        self.assertTrue(self.c.find("customresourcedefinitions", CRD))

    def test_install_upgrade_uninstall(self):
        notes = self.helm(self.c, "install", RELEASE, paths.CHART, "--create-namespace")
        self.assertIn("kubectl get fm -w", notes)
        self.assertIn(f"kubectl label namespace {NAMESPACE} pod-security", notes)
        self.assert_running()
        # Made by the first release that has it among its values, and left alone by the next.
        migration = {"create": True, "name": MIGRATION, "spec": {"mode": "Plan"}}
        self.helm(self.c, "upgrade", RELEASE, paths.CHART, values={"migration": migration})
        self.c.edit_migration(paused=True)
        # Named here but absent from the cluster: a namespace in which no Role can be made.
        self.helm(self.c, "upgrade", RELEASE, paths.CHART, values={"flannel": {"extraNamespaces": ["nowhere"]}, "listen": {"port": 10791},
                                                          "migration": migration | {"spec": {"paused": False}}})
        self.assert_running()
        self.assertEqual([self.c.migration()["spec"][key] for key in ("mode", "paused")], ["Plan", True])
        self.helm(self.c, "uninstall", RELEASE)
        self.assertFalse(self.c.list("deployments", NAMESPACE))
        self.assertFalse(self.c.list("clusterroles", labels="app.kubernetes.io/name=flannel-migration"))
        self.assertTrue(self.c.migration(), "uninstalling must not take the migrations with it")
        self.helm(self.c, "install", RELEASE, paths.CHART, values={"migration": migration})
        self.helm(self.c, "uninstall", RELEASE)

    def test_a_migration_in_the_values_of_the_first_installation(self):
        self.helm(self.c, "install", RELEASE, paths.CHART, values={"migration": {"create": True}})
        self.assertEqual(self.c.migration("to-calico")["spec"]["mode"], "Plan")
        self.helm(self.c, "uninstall", RELEASE)

    def test_the_namespace_gets_its_label_where_helm_may_take_it(self):
        if not self.c.find("namespaces", NAMESPACE):
            self.c.kubectl("create", "namespace", NAMESPACE)
        self.helm(self.c, "install", RELEASE, paths.CHART, "--take-ownership",
                  values={"podSecurity": {"labelNamespace": True}, "networkPolicy": {"enabled": True}})
        self.assert_running()
        self.helm(self.c, "uninstall", RELEASE)
        labels = self.c.get("namespaces", NAMESPACE)["metadata"]["labels"]
        self.assertEqual(labels["pod-security.kubernetes.io/enforce"], "privileged")

    def assert_running(self):
        """kwok plays the pods, so this is what the API server, the controllers and the scheduler make of them."""
        pods = [pod for pod in self.c.list("pods", NAMESPACE) if not pod["metadata"].get("deletionTimestamp")]
        nodes = {pod["spec"]["nodeName"] for pod in pods}
        self.assertEqual((len(pods), len(nodes)), (2, 2), "two replicas on two nodes")
        self.assertEqual(pods[0]["spec"]["priorityClassName"], "system-cluster-critical")
        budget = self.c.get("poddisruptionbudgets", ACCOUNT, NAMESPACE)
        self.assertEqual(budget["spec"]["maxUnavailable"], 1)


if __name__ == "__main__":
    lib.main()

"""The chart, installed by the real helm beside a migration."""
import json
import os

from . import paths, shell
from .cluster import ACCOUNT, NAMESPACE
from .migration_case import MigrationCase

RELEASE = "fm"


class HelmCase(MigrationCase):
    @staticmethod
    def try_helm(c, *arguments, values=None):
        """The finished process."""
        if values:
            path = os.path.join(c.directory, "values.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(values, file)
            arguments = [*arguments, "--values", path]
        env = c.env | {key: os.path.join(c.directory, "helm") for key in
                       ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")}
        return shell.attempt([os.path.join(c.bin, "helm"), "--namespace", NAMESPACE, *arguments], env=env)

    def helm(self, c, *arguments, values=None):
        result = self.try_helm(c, *arguments, "--wait", "--timeout", "180s", values=values)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def install(self, c, chart=paths.CHART, *arguments):
        self.helm(c, "install", RELEASE, chart, "--create-namespace", *arguments)
        # Helm is content with as many as a rolling update leaves.
        c.kubectl("-n", NAMESPACE, "rollout", "status", f"deployment/{ACCOUNT}", "--timeout=120s")

"""What the chart renders, line by line, and its README beside its values. FM_RENEW=1 writes the renderings anew."""
import difflib
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib  # noqa: E402
from lib import paths, program, shell  # noqa: E402
from test_chart import EVERYTHING, POLICIES  # noqa: E402

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
# The CRD is a file of its own, and there.
SERVED = ("--api-versions", "cni-migration.io/v1alpha1/FlannelMigration")
DEFAULTS = {"crd": {"create": False}}
OPTIONS = DEFAULTS | EVERYTHING | {
    "listen": {"address": "0.0.0.0", "port": 18080}, "podSecurity": {"labelNamespace": True}, "networkPolicy": {"enabled": True},
    "metrics": {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}, "podMonitor": {"enabled": True, "interval": "30s"},
                "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}}, "dashboard": {"enabled": True}},
    "migration": {"create": True, "name": "mine", "spec": {"mode": "Run", "rollout": {"maxUnavailable": "10%"}}},
}


def template(chart, *arguments, values=None):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(values or {}, file)
        file.flush()
        return shell.run([os.path.join(program.bin_folder(), "helm"), "template", "fm", chart, "--namespace", "flannel-migration",
                          "--kube-version", "1.34.0", "--values", file.name, *arguments])


def leaves(values, path=""):
    """Each value that is no map with something in it, by its path."""
    if isinstance(values, dict) and values:
        return {key: leaf for name, value in values.items() for key, leaf in leaves(value, f"{path}{name}.").items()}
    return {path[:-1]: values}


def values_of_the_chart():
    """values.yaml as Helm reads it: through a chart with these values and nothing else."""
    with tempfile.TemporaryDirectory() as folder, open(os.path.join(paths.CHART, "values.yaml"), encoding="utf-8") as values:
        os.mkdir(os.path.join(folder, "templates"))
        for name, text in (("Chart.yaml", "apiVersion: v2\nname: x\nversion: 0.0.1\n"), ("values.yaml", values.read()),
                           ("templates/all.yaml", "all: {{ toJson .Values }}")):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        return json.loads(template(folder).split("all: ", 1)[1])


def table_of_the_readme():
    with open(os.path.join(paths.CHART, "README.md"), encoding="utf-8") as file:
        rows = [line.split("|") for line in file if line.startswith("| `")]
    return {name.strip(" `"): json.loads(default.strip(" `")) for _, name, default, *_ in rows}


class FilesTest(unittest.TestCase):
    def assert_golden(self, name, values):
        path = os.path.join(GOLDEN, name)
        made = template(paths.CHART, *POLICIES, *SERVED, values=values)
        if os.environ.get("FM_RENEW"):
            os.makedirs(GOLDEN, exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(made)
        with open(path, encoding="utf-8") as file:
            wanted = file.read()
        changes = "".join(difflib.unified_diff(wanted.splitlines(True), made.splitlines(True), path, "made now"))
        self.assertEqual(changes, "", "if that is meant: FM_RENEW=1 python3 test/chart/test_chart_files.py")

    def test_the_defaults_render_as_before(self):
        self.assert_golden("defaults.yaml", DEFAULTS)

    def test_all_options_render_as_before(self):
        self.assert_golden("options.yaml", OPTIONS)

    def test_the_readme_has_each_value_with_its_default(self):
        wanted, written = leaves(values_of_the_chart()), table_of_the_readme()
        self.assertEqual(sorted(written), sorted(wanted))
        self.assertEqual(written, wanted)


if __name__ == "__main__":
    lib.main()

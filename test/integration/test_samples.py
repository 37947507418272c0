"""Every sample is taken by a real API server as it stands, and says what it is for."""
import glob
import os
import unittest

import lib
from lib import Cluster, paths

SAMPLES = sorted(glob.glob(os.path.join(paths.SAMPLES, "*.yaml")))
# Each common case has its sample; a script that finds no files must not read as green.
WANTED = {"minimal", "plan-only", "canary-manual-approval", "zone-by-zone", "node-pool", "canal",
          "explicit-flannel-values", "revert", "drain-method", "careful-production", "windows"}


def setUpModule():
    global CLUSTER
    CLUSTER = unittest.enterModuleContext(Cluster())


class SamplesTest(unittest.TestCase):
    def test_the_samples_are_the_expected_ones(self):
        self.assertEqual({os.path.basename(path).removesuffix(".yaml") for path in SAMPLES}, WANTED)

    def test_each_sample_is_taken_without_a_warning(self):
        for path in SAMPLES:
            with self.subTest(os.path.basename(path)):
                result = CLUSTER.try_kubectl("create", "--validate=strict", "-f", path)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                CLUSTER.kubectl("delete", "-f", path)

    def test_each_field_of_a_sample_is_kept(self):
        for path in SAMPLES:
            with self.subTest(os.path.basename(path)):
                written = CLUSTER.manifest(path)[0]
                CLUSTER.apply_migration(**written["spec"])
                self.assert_within(written["spec"], CLUSTER.migration()["spec"])
                CLUSTER.delete("flannelmigrations", "migration")

    def test_each_sample_is_planned_for(self):
        for path in SAMPLES:
            with self.subTest(os.path.basename(path)):
                done = CLUSTER.plan_file(path)
                # There is no flannel here.
                self.assertEqual((done.returncode, done.stderr), (1, ""), done.stdout)
                self.assertIn("\nBlocked: ", done.stdout)

    def assert_within(self, part, whole):
        for key, value in part.items():
            if isinstance(value, dict):
                self.assert_within(value, whole[key])
            else:
                self.assertEqual(whole[key], value)

    def test_each_sample_begins_with_what_it_is_for(self):
        for path in SAMPLES:
            with open(path, encoding="utf-8") as text:
                self.assertTrue(text.readline().startswith("# "), path)


if __name__ == "__main__":
    lib.main(needs_operator=True)

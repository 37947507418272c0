"""Runs the C++ tests of the Kubernetes client against a real API server."""
import os
import subprocess
import unittest

import lib
from lib import Cluster


class ClientTest(unittest.TestCase):
    def test_the_client_against_a_real_api_server(self):
        with Cluster() as c:
            env = c.env | {"FM_TEST_KUBECONFIG": c.kubeconfig, "FM_TEST_CLUSTER": c.directory}
            result = subprocess.run([os.environ["FM_CLIENT_TESTS"]], env=env, timeout=240, check=False)
            self.assertEqual(result.returncode, 0)


if __name__ == "__main__":
    lib.main()

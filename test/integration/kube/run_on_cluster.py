"""Starts an empty test cluster, runs a program with FM_TEST_KUBECONFIG set to it, and ends as the program does."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lib import Cluster, program  # noqa: E402


def main(command):
    reason = program.missing(needs_go=True)
    if reason:
        print(f"SKIPPED: {reason}")
        return program.SKIPPED
    with Cluster(product=False, audit=False) as cluster:
        return subprocess.run(command, env=cluster.env | {"FM_TEST_KUBECONFIG": cluster.kubeconfig}).returncode


sys.exit(main(sys.argv[1:]))

"""What the tests with a RudeServer share: a small flannel cluster, the operator beside it, and bounds."""
import os
import re
import shutil
import sys
import tempfile
import time
import unittest

from . import loopback_pki, program
from .operator_process import Operator
from .rude_server import PATIENCE, Asked, RudeServer
from .small_api import SmallApi, collection
from .small_cluster import MIGRATION, migration, small_cluster

NAMESPACE = "flannel-migration"
POD_LIMIT = 256 << 20  # bytes: the limit of the operator's pod
LONG_END = 10          # seconds: five times what is allowed from SIGTERM to the end; the machine may be starved

NODES, MIGRATIONS = collection("Node"), collection("FlannelMigration")
LIST_NODES, WATCH_NODES = Asked("GET", NODES, watch=False), Asked("GET", NODES, watch=True)
WRITE_STATUS = Asked("PATCH", f"{MIGRATIONS}/[^/]+/status")
LEASE = Asked("GET|POST|PATCH", collection("Lease", NAMESPACE) + "(/.*)?")
REVIEW = Asked("POST", collection("SelfSubjectAccessReview"))


class PeerCase(unittest.TestCase):
    """A RudeServer for each test, with three nodes and a FlannelMigration that only plans."""

    NODES = 3

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="fm-peer-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.pki = loopback_pki.shared()
        self.api = SmallApi(small_cluster(self.NODES) + [migration()])
        self.server = self.enterContext(RudeServer(self.pki, self.api))
        self.addCleanup(lambda: self.assertEqual(self.server.faults, []))
        self.operator = None

    def kubeconfig(self, **changes):
        what = {"server": self.server.url, "authority": self.pki.authority} | changes
        return loopback_pki.write_kubeconfig(os.path.join(self.directory, "kubeconfig"), **what)

    def start(self, leader_elect=False, wrapper=(), **kubeconfig):
        """The operator, by way of `wrapper` (operator_process); it is ended with the test."""
        arguments = ["--namespace", NAMESPACE, "--agent-image", "flannel-migration:test",
                     f"--leader-elect={str(leader_elect).lower()}"]
        environment = {key: value for key, value in os.environ.items() if key != "KUBECONFIG"}
        self.operator = Operator(self.directory, self.kubeconfig(**kubeconfig), arguments, environment, wrapper)
        self.addCleanup(self._stop)
        return self.operator

    def start_ready(self, **how):
        """Once it has told its plan of all nodes."""
        operator = self.start(**how)
        self.wait_progress(f"0/{self.NODES}")
        return operator

    def _stop(self):
        self.operator.stop()
        if program.Result.failed:
            print(f"--- the operator's last words\n{self.operator.log_tail()}", file=sys.stderr)

    # --- waiting ---

    def wait_until(self, predicate, what, timeout=PATIENCE):
        """For what no request tells: until predicate() is true; its value."""
        deadline = time.monotonic() + timeout
        while not (found := predicate()):
            self.assertLess(time.monotonic(), deadline, f"after {timeout} s still not: {what}")
            self.server.ending.wait(0.05)
        return found

    def progress(self):
        """As the status of the FlannelMigration says."""
        thing = self.api.find("FlannelMigration", MIGRATION) or {}
        return thing.get("status", {}).get("progress")

    def wait_progress(self, wanted):
        self.wait_until(lambda: self.progress() == wanted, f"progress {wanted}, but {self.progress()}")

    def statuses(self, since=0.0):
        """What was written to FlannelMigrations, accepted or not."""
        return [request.json()["status"] for request in self.server.seen(WRITE_STATUS, since)]

    # --- judging ---

    def assert_small(self):
        """At no time has the operator had more than its pod may have."""
        peak = self.operator.peak_rss_bytes()
        self.assertLess(peak, POD_LIMIT, f"{peak >> 20} MB")

    def assert_ends(self, within=LONG_END):
        """By itself, cleanly, so many seconds after SIGTERM."""
        self.operator.terminate(within)

    def log_lines(self, pattern):
        with open(self.operator.log_path, encoding="utf-8", errors="replace") as log:
            return [line for line in log if re.search(pattern, line)]

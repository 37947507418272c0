"""What goes wrong on nodes: agents that fail, Calico that does not start, pods that may not be evicted, admins' cordons."""
import collections
import datetime
import json
import unittest

import lib
from lib import Cluster, calico_check, snapshot
from lib.cluster import NETWORK_LABEL
from lib.migration_case import RETRY, STATE, MigrationCase
from lib.rollout_watch import RolloutWatch

WORKERS = [f"node-000{number}" for number in range(1, 6)]
ADMINS = "node-0004"  # cordoned by somebody else throughout
EVICTION_SECONDS = 5
STUCK = "workloads/stuck-0"


def setUpModule():
    global CLUSTER, BEFORE, EXPECTED
    CLUSTER = unittest.enterModuleContext(Cluster(nodes=6, control_plane=1, pods_per_node=1))
    CLUSTER.kubectl("cordon", ADMINS)
    BEFORE, EXPECTED = snapshot.take(CLUSTER), calico_check.expectations(CLUSTER)
    CLUSTER.operator().wait_ready()


def state_of(node):
    return json.loads(node["metadata"].get("annotations", {}).get(STATE, "{}"))


def seconds(stamp):
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


class FailuresTest(MigrationCase):
    """One story on one cluster: the tests run in the order of their names."""

    def cordon_kept(self, change):
        node = change.object
        if node["metadata"]["name"] == ADMINS:
            assert node["spec"].get("unschedulable"), f"the admin's cordon of {ADMINS} was taken away"

    def test_1_each_operation_fails_once(self):
        once = "1"  # the first run of a node's agents
        failures = {WORKERS[0]: ("agent-failed", "handover", once), WORKERS[1]: ("agent-failed", "verify", once),
                    WORKERS[2]: ("calico-not-ready",), ADMINS: ("agent-failed", "clean", once),
                    WORKERS[4]: ("agent-not-handoverable", "handover", once)}
        for name, (kind, *arguments) in failures.items():
            CLUSTER.fail(kind, name, *arguments)
        with CLUSTER.watch("nodes", on_change=self.cordon_kept) as nodes, RolloutWatch(CLUSTER, most=5, admins=[ADMINS]):
            CLUSTER.apply_migration(rollout={"maxUnavailable": 6, "startTimeout": "3s"})
            CLUSTER.wait(lambda: self.rolled_back(nodes, WORKERS[2]), 60, "rolled back where Calico does not start")
            CLUSTER.unfail("calico-not-ready", WORKERS[2])
            CLUSTER.wait_phase("Completed", 180)
            for name, words in zip(failures, ("HandOver", "Verify", "StartCalico", "Clean", "HandOver")):
                errors = {state_of(node).get("error") for node in self.past(nodes, name)} - {None}
                self.assertTrue(errors and all(error.startswith(words) for error in errors), f"{name}: {errors}")
                # Only a failure of Clean leaves the node where it is.
                self.assertEqual(bool(self.rolled_back(nodes, name)), name != ADMINS, name)
            methods = {state_of(node).get("method") for node in self.past(nodes, WORKERS[4])}
            self.assertIn("Drain", methods, "the device that cannot be handed over")
        CLUSTER.unfail()
        self.assert_on_calico(CLUSTER, EXPECTED, cordoned=[ADMINS])
        self.assertFalse(CLUSTER.status().get("failed"))

    @staticmethod
    def past(nodes, name):
        """All that a node was, in order."""
        return [change.object for change in list(nodes.history) if change.object["metadata"]["name"] == name]

    def rolled_back(self, nodes, name):
        """After its failure it was in service on flannel again."""
        return [node for node in self.past(nodes, name) if state_of(node).get("error") and state_of(node)["step"] == "Failed"
                and not node["spec"].get("unschedulable") and node["metadata"]["labels"].get(NETWORK_LABEL) == "flannel"]

    def test_2_quarantined_until_somebody_mends_it(self):
        CLUSTER.fail("agent-failed", WORKERS[0], "handback")
        CLUSTER.edit_migration(target="Flannel", rollout={"retries": 0, "maxFailures": 0})
        status = CLUSTER.wait_phase("Blocked", 90)["status"]
        # Where the others were faster, none is left that maxFailures could hold.
        self.assertRegex(status["message"], f"1 of 6 nodes failed(, more than rollout.maxFailures 0 allows)?; node {WORKERS[0]}: HandBack.*"
                                            f"kubectl annotate node {WORKERS[0]} {RETRY}=true")
        self.assertEqual([one["name"] for one in status["failed"]], [WORKERS[0]])
        self.assertEqual(CLUSTER.condition("Degraded")["status"], "True")
        # The others, which were on their way, may still be finished; the failed one is left alone once it is back.
        CLUSTER.wait(lambda: state_of(CLUSTER.nodes()[WORKERS[0]])["step"] == "Failed", 60, "back on Calico")
        self.assert_rests(CLUSTER, WORKERS[0])
        self.assertEqual(CLUSTER.networks()[WORKERS[0]], "calico")
        self.assertFalse(CLUSTER.nodes()[WORKERS[0]]["spec"].get("unschedulable"))
        # More failures are allowed now: the others go on without it.
        CLUSTER.edit_migration(rollout={"maxFailures": 1})
        CLUSTER.wait_migration(lambda thing: thing["status"]["nodes"].get("flannel") == 5, 90, "5 nodes on flannel")
        CLUSTER.unfail("agent-failed", WORKERS[0], "handback")
        CLUSTER.kubectl("annotate", "node", WORKERS[0], f"{RETRY}=true")
        CLUSTER.wait_phase("Reverted", 90)
        self.assert_unchanged(CLUSTER, BEFORE)

    def test_3_a_pod_that_may_not_be_evicted(self):
        self.make_stuck_pod()
        CLUSTER.audit.mark()
        drain = {"timeout": "8s", "onTimeout": "Wait"}
        CLUSTER.apply_migration(target="Calico", drain=drain, refresh={"maxPending": 2},
                               rollout={"maxFailures": 0, "retries": 3, "maxUnavailable": 2})
        # A node whose old pods wait is in service: the rollout goes on around it, also after the timeout.
        CLUSTER.wait_progress(5, 120)
        told = CLUSTER.wait_migration(lambda thing: self.told(thing, "stuck-budget"), 60, "the budget named")
        self.assertIn(STUCK, self.told(told, "stuck-budget"))
        CLUSTER.edit_migration(drain={"onTimeout": "Pause"})
        message = CLUSTER.wait_phase("Blocked", 60)["status"]["message"]
        self.assertIn(f"old pods on {WORKERS[0]} not replaced within 8s", message)
        self.assertIn("stuck-budget", message)
        CLUSTER.edit_migration(drain={"onTimeout": "Skip"})
        CLUSTER.wait_phase("Migrating", 60)
        self.check_evictions()
        CLUSTER.edit_migration(drain={"onTimeout": "Force"})
        CLUSTER.wait_phase("Completed", 90)
        self.assertIsNone(CLUSTER.find("pods", "stuck-0", "workloads"))
        self.assert_on_calico(CLUSTER, EXPECTED, cordoned=[ADMINS])

    @staticmethod
    def make_stuck_pod():
        meta = {"name": "stuck-0", "namespace": "workloads", "labels": {"app": "stuck"}}
        CLUSTER.apply({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {
            "nodeName": WORKERS[0], "containers": [{"name": "main", "image": "registry.k8s.io/pause:3.10"}]}})
        CLUSTER.apply({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                       "metadata": {"name": "stuck-budget", "namespace": "workloads"},
                       "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "stuck"}}}})
        CLUSTER.wait(lambda: CLUSTER.get("pods", "stuck-0", "workloads")["status"].get("podIP"), 60, "the pod runs")

    @staticmethod
    def told(thing, words):
        active = thing.get("status", {}).get("active", [])
        return next((one["message"] for one in active if words in one.get("message", "")), None)

    def check_evictions(self):
        """A pod whose eviction was refused is not asked for again within five seconds. After one that was granted,
        the name is another pod's."""
        asked = collections.defaultdict(list)
        for request in CLUSTER.audit.requests():
            if request.subresource == "eviction":
                asked[(request.namespace, request.name)].append((seconds(request.time), request.code))
        self.assertGreater(len(asked[("workloads", "stuck-0")]), 1)
        for pod, requests in asked.items():
            requests.sort()
            gaps = [later - earlier for (earlier, code), (later, _) in zip(requests, requests[1:]) if code >= 400]
            self.assertFalse([gap for gap in gaps if gap < EVICTION_SECONDS], f"{pod}: {requests}")


if __name__ == "__main__":
    lib.main(needs_operator=True)

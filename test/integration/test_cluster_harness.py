"""The harness on a real control plane: what migration tests rely on is there before an operator is blamed."""
import time
import unittest

import lib
from lib import ApiError, Cluster, calico_check
from lib.cluster import ACCOUNT, NAMESPACE, NETWORK_LABEL


def setUpModule():
    global CLUSTER
    CLUSTER = unittest.enterModuleContext(Cluster(nodes=5, control_plane=3))


def label(node, value):
    CLUSTER.patch("nodes", node, {"metadata": {"labels": {NETWORK_LABEL: value}}})


def label_of(node):
    return node["metadata"]["labels"].get(NETWORK_LABEL)


class HarnessTest(unittest.TestCase):
    def test_nodes_are_flannels(self):
        expected = calico_check.expectations(CLUSTER)
        self.assertEqual(len(expected), 5)
        for node in expected.values():
            self.assertEqual((set(node.cidrs), set(node.macs)), ({4}, {4}))
        self.assertEqual(set(CLUSTER.networks().values()), {None})

    def test_before_a_migration_the_calico_check_finds_every_object_missing(self):
        problems = calico_check.find_problems(CLUSTER)
        # Each node: three annotations, four blocks with their affinities, one handle.
        self.assertEqual(len(problems), 5 * (3 + 4 * 2 + 1), problems)

    def test_a_broken_invariant_fails_the_test(self):
        def never_labelled(change):
            assert label_of(change.object) != "none", "labelled none"

        with self.assertRaisesRegex(AssertionError, "labelled none"):
            with CLUSTER.watch("nodes", on_change=never_labelled) as watch:
                label("cp-2", "none")
                watch.wait(lambda nodes: False, 5)
        label("cp-2", None)

    def test_the_audit_log_counts_what_a_program_asked(self):
        kubeconfig = CLUSTER.account_kubeconfig()
        CLUSTER.audit.mark()
        CLUSTER.kubectl("get", "nodes", kubeconfig=kubeconfig)
        CLUSTER.try_kubectl("delete", "node", "cp-3", kubeconfig=kubeconfig)
        mine = [request for request in CLUSTER.audit.requests(user_agent="kubectl") if request.resource == "nodes"]
        self.assertTrue(all(request.user == f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}" for request in mine))
        self.assertEqual([(r.verb, r.code) for r in CLUSTER.audit.writes(user_agent="kubectl")], [("delete", 403)])
        self.assertEqual(len(CLUSTER.audit.forbidden(user_agent="kubectl")), 1)
        self.assertIn("list nodes", CLUSTER.audit.table(user_agent="kubectl"))
        self.assertEqual(CLUSTER.audit.requests(), [])

    def test_a_failed_wait_shows_the_status(self):
        CLUSTER.apply_migration(mode="Plan")
        status = {"phase": "Blocked", "observedGeneration": 1, "message": "the backend is udp"}
        CLUSTER.patch("flannelmigrations", "migration", {"status": status}, subresource="status")
        self.assertEqual(CLUSTER.wait_phase("Blocked", 60)["status"]["message"], "the backend is udp")
        with self.assertRaisesRegex(AssertionError, "the backend is udp"):
            CLUSTER.wait_phase("Planned", 0.2)
        # A status that speaks of an older spec is not believed.
        CLUSTER.edit_migration(mode="Run")
        with self.assertRaises(AssertionError):
            CLUSTER.wait_phase("Blocked", 0.2)
        CLUSTER.delete("flannelmigrations", "migration")
        CLUSTER.wait_gone(60)

    def test_failures_come_and_go(self):
        CLUSTER.fail("node-not-ready", "node-0001")
        CLUSTER.wait(lambda: self.ready("node-0001") == "False", 60, "node-0001 NotReady")
        CLUSTER.unfail("node-not-ready", "node-0001")
        CLUSTER.wait(lambda: self.ready("node-0001") == "True", 60, "node-0001 Ready")

    @staticmethod
    def ready(node):
        conditions = CLUSTER.get("nodes", node)["status"].get("conditions", [])
        return next((one["status"] for one in conditions if one["type"] == "Ready"), None)

    def test_nodes_join_and_leave(self):
        CLUSTER.add_node("late", 9)
        CLUSTER.wait(lambda: self.ready("late") == "True", 60, "late Ready")
        CLUSTER.delete("nodes", "late")
        CLUSTER.wait(lambda: "late" not in CLUSTER.nodes(), 60, "late gone")

    def test_waiting_ends_in_time(self):
        started = time.monotonic()
        with self.assertRaisesRegex(AssertionError, "the moon"):
            CLUSTER.wait(lambda: False, 0.3, "the moon")
        self.assertLess(time.monotonic() - started, 30)

    def test_a_missing_object_is_none_or_an_error_with_the_servers_words(self):
        self.assertIsNone(CLUSTER.find("nodes", "nobody"))
        with self.assertRaisesRegex(ApiError, 'nodes "nobody" not found'):
            CLUSTER.get("nodes", "nobody")


class DualStackTest(unittest.TestCase):
    def test_canal_with_two_families(self):
        with Cluster(nodes=2, control_plane=1, canal=True, dual_stack=True) as c:
            self.assertTrue(c.find("daemonsets", "canal", "kube-system"))
            self.assertIsNone(c.find("namespaces", "kube-flannel"))
            for node in calico_check.expectations(c).values():
                self.assertEqual((set(node.cidrs), set(node.macs)), ({4, 6}, {4, 6}))
            # Two families: six annotations; four blocks of each with their affinities, two handles.
            self.assertEqual(len(calico_check.find_problems(c)), 2 * (6 + 8 * 2 + 2))


class RestartTest(unittest.TestCase):
    def test_a_watch_sees_changes_in_order_and_survives_the_api_server(self):
        seen = []
        with CLUSTER.watch("nodes", on_change=lambda change: seen.append(change.type)) as watch:
            self.assertEqual(len(watch.objects), 5)
            label("cp-1", "flannel")
            self.assertTrue(watch.wait(lambda nodes: label_of(nodes["cp-1"]) == "flannel", 60))
            CLUSTER.restart_apiserver()
            label("cp-1", None)
            self.assertTrue(watch.wait(lambda nodes: label_of(nodes["cp-1"]) is None, 60))
        self.assertEqual(seen[:5], ["ADDED"] * 5)
        self.assertIn("MODIFIED", seen)


if __name__ == "__main__":
    lib.main()

"""Every reason not to begin: told with what was observed, what is wanted and the fix, and not one write besides."""
import json
import os
import time
import unittest

import lib
from lib import ApiError, Cluster, calico_check, paths
from lib.migration_case import MigrationCase

FLANNEL = ("daemonsets", "kube-flannel-ds", "kube-flannel")
CALICO = ("daemonsets", "calico-node", "kube-system")
NETWORK = "projectcalico.org/node-network-during-migration"
ROLE = "flannel-migration-operator"


def setUpModule():
    global CLUSTER, EXPECTED, OPERATOR
    CLUSTER = unittest.enterModuleContext(Cluster(nodes=2, control_plane=0))
    EXPECTED = calico_check.expectations(CLUSTER)
    OPERATOR = CLUSTER.operator().wait_ready()


def replace(resource, name, namespace, change):
    """Changes an object in place, whatever else writes it; answers how to undo that."""
    def put(edit):
        while True:
            thing = CLUSTER.get(resource, name, namespace)
            edit(thing)
            try:
                return CLUSTER.api.replace(resource, thing)
            except ApiError as error:
                if error.status != 409:
                    raise

    before = CLUSTER.get(resource, name, namespace)
    put(change)

    def put_back(thing):
        for key in ("spec", "data", "rules"):
            if key in before:
                thing[key] = before[key]
        for key in ("labels", "annotations"):
            thing["metadata"][key] = before["metadata"].get(key)

    return lambda: put(put_back)


def net_conf(**backend):
    def change(config):
        conf = json.loads(config["data"]["net-conf.json"])
        conf["Backend"] |= backend
        config["data"]["net-conf.json"] = json.dumps(conf)

    return replace("configmaps", "kube-flannel-cfg", "kube-flannel", change)


def flannel_container(edit):
    return replace(*FLANNEL, lambda ds: edit(ds["spec"]["template"]["spec"]["containers"][0]))


def make(resource, thing):
    CLUSTER.api.create(resource, thing)
    return lambda: CLUSTER.delete(resource, thing["metadata"]["name"], thing["metadata"].get("namespace"))


def foreign_pool():
    spec = {"cidr": "10.244.0.0/16", "blockSize": 26, "ipipMode": "Always", "vxlanMode": "Never", "natOutgoing": True,
            "nodeSelector": "all()"}
    return make("ippools", {"apiVersion": "crd.projectcalico.org/v1", "kind": "IPPool", "metadata": {"name": "mine"},
                            "spec": spec})


def foreign_block():
    spec = {"cidr": "10.244.1.64/26", "affinity": "host:long-gone", "allocations": [0] + [None] * 63,
            "unallocated": list(range(1, 64)), "strictAffinity": False, "deleted": False,
            "attributes": [{"handle_id": "k8s-pod-network.1", "secondary": {"node": "long-gone"}}]}
    return make("ipamblocks", {"apiVersion": "crd.projectcalico.org/v1", "kind": "IPAMBlock",
                               "metadata": {"name": "10-244-1-64-26"}, "spec": spec})


def second_flannel():
    thing = CLUSTER.get(*FLANNEL)
    labels = {"app": "flannel-too"}
    spec = thing["spec"] | {"selector": {"matchLabels": labels}}
    spec["template"] = spec["template"] | {"metadata": {"labels": labels}}
    return make("daemonsets", {"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": spec,
                               "metadata": {"name": "my-flannel", "namespace": "kube-system"}})


def without_pod_cidr():
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "bare-metal", "labels": {"kubernetes.io/os": "linux"}}}
    return make("nodes", node)


def without_annotation():
    return replace("nodes", "node-0001", None, lambda node: node["metadata"]["annotations"].pop(
        "flannel.alpha.coreos.com/backend-data"))


def without_gate():
    return replace(*CALICO, lambda ds: ds["spec"]["template"]["spec"]["nodeSelector"].pop(NETWORK))


def without_calico_node():
    thing = CLUSTER.get(*CALICO)
    CLUSTER.delete(*CALICO)
    fresh = {key: thing[key] for key in ("apiVersion", "kind", "spec")}
    fresh["metadata"] = {key: thing["metadata"][key] for key in ("name", "namespace", "labels")}
    return lambda: CLUSTER.api.create("daemonsets", fresh)


def without_right():
    def change(role):
        role["rules"] = [rule for rule in role["rules"] if (rule["resources"], rule["verbs"]) != (["nodes"], ["patch"])]

    put_back = replace("clusterroles", ROLE, None, change)
    OPERATOR.restart()  # it asks for its rights when it starts, and again while one is missing

    def undo():
        put_back()
        OPERATOR.restart()

    return undo


def without_definitions():
    CLUSTER.delete("customresourcedefinitions", "ipamhandles.crd.projectcalico.org")
    return lambda: CLUSTER.kubectl("apply", "--server-side", "--validate=false", "-f",
                                   os.path.join(paths.SCRIPTS, "calico", "crds"))


def locked_datastore():
    return replace("clusterinformations", "default", None, lambda info: info["spec"].update(datastoreReady=False))


# What is broken: the finding, words in what was observed, how to break it.
KINDS = [
    ("FlannelBackend", "host-gw", lambda: net_conf(Type="host-gw")),
    ("FlannelDirectRouting", "DirectRouting is true", lambda: net_conf(DirectRouting=True)),
    ("FlannelGBP", "GBP is true", lambda: net_conf(GBP=True)),
    ("FlannelConfiguration", "net-conf.json", lambda: replace(
        "configmaps", "kube-flannel-cfg", "kube-flannel", lambda config: config["data"].update({"net-conf.json": "{,"}))),
    ("FlannelOwner", "addonmanager.kubernetes.io/mode", lambda: replace(
        *FLANNEL, lambda ds: ds["metadata"]["labels"].update({"addonmanager.kubernetes.io/mode": "Reconcile"}))),
    ("FlannelVersion", "0.8.0", lambda: flannel_container(
        lambda container: container.update(image="quay.io/coreos/flannel:v0.8.0"))),
    ("FlannelStore", "etcd", lambda: flannel_container(
        lambda container: container.update(args=["--etcd-endpoints=http://etcd:2379"]))),
    ("FlannelSingle", "kube-system/my-flannel", second_flannel),
    ("NodePodCIDR", "bare-metal", without_pod_cidr),
    ("NodeAnnotations", "node-0001", without_annotation),
    ("IPPoolCompatible", "mine", foreign_pool),
    ("IPAMBlocks", "long-gone", foreign_block),
    ("CalicoNodeSelector", "no node selector", without_gate),
    ("CalicoNode", "no DaemonSet kube-system/calico-node", without_calico_node),
    ("CalicoDatastore", "datastoreReady false", locked_datastore),
    ("Permissions", "nodes", without_right),
    ("CalicoDefinitions", "ipamhandles", without_definitions),
]


class PreflightTest(MigrationCase):
    def test_1_each_kind_is_refused_with_no_write(self):
        for finding, words, breaks in KINDS:
            with self.subTest(finding):
                undo = breaks()
                try:
                    self.check_refused(finding, words)
                finally:
                    # In this order: what is mended goes on by itself.
                    CLUSTER.delete("flannelmigrations", "migration")
                    self.wait_forgotten()
                    undo()

    def check_refused(self, finding, words):
        CLUSTER.audit.mark()
        # As a plan first: what was broken just now comes to the operator by a watch of its own.
        CLUSTER.apply_migration(mode="Plan")
        thing = CLUSTER.wait_migration(lambda thing: self.blocking(thing, finding), 60, f"{finding} found")
        told = self.blocking(thing, finding)
        self.assertIn(words, told["observed"])
        self.assertTrue(told["wanted"] and told["fix"], told)
        CLUSTER.edit_migration(mode="Run")
        self.assertIn(finding, CLUSTER.wait_phase("Blocked", 60)["status"]["message"])
        self.assertEqual(CLUSTER.condition("PreflightPassed")["status"], "False")
        time.sleep(0.3)
        self.assertEqual(CLUSTER.audit.writes_beyond_status(), [])

    @staticmethod
    def wait_forgotten():
        """Until the operator knows, too: it hears of the deletion and of what is mended by watches of their own."""
        CLUSTER.wait_gone(60)
        CLUSTER.wait(lambda: not OPERATOR.follows_a_migration(), 60, "no FlannelMigration in the operator's metrics")

    @staticmethod
    def blocking(thing, finding):
        found = thing.get("status", {}).get("preflight", [])
        return next((one for one in found if (one["id"], one["severity"]) == (finding, "Block")), None)

    def test_2_all_at_once_and_on_by_itself_when_mended(self):
        undo = [net_conf(Type="host-gw"), without_annotation(), foreign_pool(), locked_datastore()]
        CLUSTER.apply_migration(mode="Plan")
        for finding in ("FlannelBackend", "NodeAnnotations", "IPPoolCompatible", "CalicoDatastore"):
            CLUSTER.wait_migration(lambda thing: self.blocking(thing, finding), 60, f"{finding} found")
        CLUSTER.edit_migration(mode="Run")
        for step in undo:
            step()
        CLUSTER.wait_phase("Completed", 90)
        self.assert_on_calico(CLUSTER, EXPECTED)


if __name__ == "__main__":
    lib.main(needs_operator=True)

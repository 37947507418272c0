"""What people really run (lib/field_configurations.py): recognised, refused before the first write where it cannot be done, and
never called done when it is not."""
import json
import os
import re
import shlex
import sys
import unittest

import lib
from lib import Cluster, field_table, paths, shell
from lib.field_configurations import AT_EDGE, CLOUD, CLOUD_SET, ROWS
from lib.field_steps import (COMMAND, CONFIG, EDGE, FLANNEL, FLANNEL_CONFIG, ROW_LABEL, edit, ends, fresh, give_rights, named,
                             node)
from lib.migration_case import MigrationCase

SOURCE = re.compile(r"reconstructed.*|[\w.-]+/[\w.-]+(#\d+| .+)")


class TableTest(unittest.TestCase):
    def test_each_row_names_what_it_was_made_from(self):
        for row in ROWS:
            self.assertRegex(row["source"], SOURCE, row["name"])
        self.assertEqual(len({(row["section"], row["name"]) for row in ROWS}), len(ROWS))

    def test_each_section_has_two_configurations_that_were_looked_for(self):
        for section in range(1, 7):
            own = {row["source"] for row in ROWS if row["section"] == section and row["own"]}
            self.assertGreaterEqual(len(own), 2, section)


class Field:
    """The healthy cluster, and back to it."""

    def __init__(self, c):
        self.c = c
        self.healthy = {resource: self.things(resource) for resource in ("daemonsets", "nodes", "felixconfigurations", "ippools")}
        self.data = {where: c.get(*where)["data"] for where in (CONFIG, FLANNEL_CONFIG)}

    def things(self, resource):
        return {(thing["metadata"].get("namespace"), thing["metadata"]["name"]): thing for thing in self.c.list(resource)}

    def restore(self):
        for resource, healthy in self.healthy.items():
            for (namespace, name), thing in self.things(resource).items():
                if (namespace, name) not in healthy:
                    self.c.delete(resource, name, namespace)
        for (namespace, name), thing in self.healthy["daemonsets"].items():
            if self.c.find("daemonsets", name, namespace):
                self.restore_set(name, namespace, thing)
            else:
                self.c.api.create("daemonsets", fresh(thing))
        for (_, name), thing in self.healthy["nodes"].items():
            self.restore_node(name, thing)
        for where, data in self.data.items():
            edit(where, lambda thing, data=data: thing.update(data=data))(self.c)
        for thing in self.c.list("configmaps", "kube-flannel", labels=next(iter(ROW_LABEL))):
            self.c.delete("configmaps", thing["metadata"]["name"], "kube-flannel")

    def restore_set(self, name, namespace, thing):
        def change(present):
            present["spec"] = thing["spec"]
            present["metadata"].pop("ownerReferences", None)
            present["metadata"]["labels"] = thing["metadata"]["labels"]

        edit(("daemonsets", name, namespace), change)(self.c)

    def restore_node(self, name, thing):
        present = self.c.get("nodes", name)["metadata"]
        metadata = {}
        for part in ("labels", "annotations"):
            gone = {key: None for key in present.get(part, {}) if key not in thing["metadata"][part]}
            metadata[part] = thing["metadata"][part] | gone
        self.c.patch("nodes", name, {"metadata": metadata})


class FieldPlanTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.c = cls.enterClassContext(Cluster(nodes=3, control_plane=0))
        give_rights(cls.c)
        cls.field = Field(cls.c)

    def plan(self, spec):
        migration = {"apiVersion": "cni-migration.io/v1alpha1", "kind": "FlannelMigration", "metadata": {"name": "migration"},
                     "spec": spec}
        done = shell.attempt([paths.operator_program(), "plan", "--kubeconfig", self.c.account_kubeconfig(), "-o", "json",
                              "-f", "-"], json.dumps(migration))
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    def test_the_healthy_cluster_is_planned_for_without_a_word(self):
        status = self.plan({})
        self.assertEqual((status["phase"], status.get("preflight", [])), ("Planned", []))

    def test_each_configuration_of_the_field_gets_the_right_answer(self):
        for row in ROWS:
            with self.subTest(f"{row['section']}: {row['name']}", source=row["source"]):
                try:
                    for step in row["steps"]:
                        step(self.c)
                    status = self.plan(row["spec"])
                    self.check(row, status)
                    if row["mends"]:
                        self.mend(status)
                        # A definition is served a moment after it was taken.
                        self.c.wait(lambda row=row: not self.plan(row["spec"]).get("preflight"), 60, "nothing left to find")
                finally:
                    self.field.restore()

    def mend(self, status):
        """As a user would, with what the fixes say."""
        for finding in status["preflight"]:
            if finding["severity"] == "Info":
                continue
            command = COMMAND.search(finding["fix"])
            self.assertTrue(command, finding)
            arguments = shlex.split(command.group(0))[1:]
            self.c.kubectl(*(os.path.join(paths.ROOT, one) if one == "crds" else one for one in arguments))

    def check(self, row, status):
        findings = status.get("preflight", [])
        blocking = [one for one in findings if one["severity"] == "Block"]
        self.assertEqual({one["id"] for one in blocking}, set(row["blocks"]), json.dumps(findings, indent=1))
        self.assertEqual(status["phase"], row["phase"], status)
        self.assertEqual(status["nodes"].get("skipped", 0), row["skipped"], status["nodes"])
        self.assertEqual(status["nodes"]["total"], 3)
        for finding, words in (row["blocks"] | row["told"]).items():
            told = [one for one in findings if one["id"] == finding]
            self.assertTrue(any(words in one["observed"] for one in told), json.dumps(findings, indent=1))
            self.assertTrue(all(one["wanted"] and one["fix"] for one in told), told)
        detected = {one["name"]: one["value"] for one in status.get("detected", [])}
        self.assertEqual({name: detected.get(name) for name in row["detected"]}, row["detected"])
        self.assertNotIn("NodeLabel", {one["id"] for one in findings})


class FieldRunTest(MigrationCase):
    """Sections 1 and 2 to the end and back: flannel in two DaemonSets, a load balancer's dummy, a virtual kubelet."""

    def setUp(self):
        self.c = self.enterContext(Cluster(nodes=3, control_plane=0))
        give_rights(self.c)
        self.c.patch("nodes", "node-0003", {"metadata": {"labels": {EDGE: ""}}})
        things = [named("kube-flannel-cloud-ds", affinity=CLOUD)(self.c), named("kube-flannel-edge-ds", affinity=AT_EDGE)(self.c)]
        self.c.delete(*FLANNEL)
        for thing in things:
            self.c.api.create("daemonsets", thing)
        node("bigip1", cidr="10.244.255.0/24", annotations=ends("00:50:56:bb:70:8b", "172.18.9.1"))(self.c)
        node("virtual", labels={"type": "virtual-kubelet"})(self.c)
        self.c.wait(lambda: self.flannel_pods() == {"node-0001": "kube-flannel-cloud-ds", "node-0002": "kube-flannel-cloud-ds",
                                                    "node-0003": "kube-flannel-edge-ds"}, 60, "flannel on every node")

    def flannel_pods(self):
        return {pod["spec"].get("nodeName"): pod["metadata"]["ownerReferences"][0]["name"]
                for pod in self.c.list("pods", "kube-flannel") if pod["status"].get("phase") == "Running"}

    def test_several_daemon_sets_and_nodes_that_are_left_alone_to_the_end_and_back(self):
        self.c.operator().wait_ready()
        # One of the two, which stands for both.
        self.c.apply_migration(**CLOUD_SET["spec"])
        status = self.c.wait_phase("Completed", 300)["status"]
        self.assertEqual((status["progress"], status["nodes"].get("skipped")), ("3/3", 2))
        self.assertIn("set up by hand: bigip1", status["message"])
        self.assertEqual(self.flannel_pods(), {})
        self.check_dummy()
        self.c.edit_migration(target="Flannel")
        self.c.wait_phase("Reverted", 300)
        self.assertEqual(set(self.flannel_pods().values()), {"kube-flannel-cloud-ds", "kube-flannel-edge-ds"})
        self.assertEqual(len(self.flannel_pods()), 3)
        self.assertNotIn("projectcalico.org/IPv4VXLANTunnelAddr", self.c.get("nodes", "bigip1")["metadata"]["annotations"])

    def check_dummy(self):
        """What Calico's nodes need to reach the device."""
        told = self.c.get("nodes", "bigip1")["metadata"]["annotations"]
        self.assertEqual(told["projectcalico.org/VXLANTunnelMACAddr"], "00:50:56:bb:70:8b")
        self.assertEqual(told["projectcalico.org/IPv4Address"].split("/")[0], "172.18.9.1")
        self.assertEqual(told["projectcalico.org/IPv4VXLANTunnelAddr"], "10.244.255.0")
        blocks = {block["spec"]["cidr"]: block["spec"]["affinity"] for block in self.c.list("ipamblocks")}
        self.assertEqual(blocks["10.244.255.0/26"], "host:bigip1")


if __name__ == "__main__":
    if "--table" in sys.argv:
        print(field_table.markdown(ROWS))
        sys.exit()
    lib.main(needs_operator=True)

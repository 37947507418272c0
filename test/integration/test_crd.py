"""The CRD on a real API server: defaults, what is refused and with which words, explanations, columns."""
import unittest

import lib
from lib import ApiError, Cluster

KIND = {"apiVersion": "cni-migration.io/v1alpha1", "kind": "FlannelMigration"}
DURATIONS = [("rollout.canary.soak", True), ("rollout.soak", True), ("rollout.startTimeout", False),
             ("drain.timeout", False), ("verify.timeout", False), ("agent.timeout", False)]
# field, minimum, maximum
NUMBERS = [("flannel.vni", 1, 16777215), ("flannel.port", 1, 65535), ("flannel.mtu", 576, 65535),
           ("flannel.subnetLength", 8, 30), ("flannel.ipv6SubnetLength", 16, 126), ("calico.blockSize", 20, 32),
           ("calico.ipv6BlockSize", 116, 128), ("rollout.canary.nodes", 0, 1000), ("rollout.maxFailures", 0, 5000),
           ("rollout.retries", 0, 100), ("drain.gracePeriodSeconds", -1, 86400), ("verify.peers", 0, 50)]
ENUMS = ["target", "mode", "rollout.method", "rollout.canary.approval", "drain.mode", "drain.onTimeout",
         "drain.unmanagedPods", "agent.imagePullPolicy", "completion.flannel", "windows"]
BUDGETS = ["rollout.maxUnavailable", "refresh.maxPending"]
USER_DOCUMENT_OPTIONS = """FLANNEL_NETWORK FLANNEL_IPV6_NETWORK FLANNEL_DAEMONSET_NAME FLANNEL_DAEMONSET_NAMESPACE FLANNEL_MTU
    FLANNEL_IP_MASQ FLANNEL_SUBNET_LEN FLANNEL_IPV6_SUBNET_LEN FLANNEL_ANNOTATION_PREFIX FLANNEL_VNI FLANNEL_PORT
    CALICO_DAEMONSET_NAME CNI_CONFIG_DIR""".split()


def spec_with(path, value):
    """{"a": {"b": value}} for "a.b"."""
    for part in reversed(path.split(".")):
        value = {part: value}
    return value


def setUpModule():
    global CLUSTER
    CLUSTER = unittest.enterModuleContext(Cluster())


class CrdTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.c = CLUSTER
        crd = cls.c.get("customresourcedefinitions", "flannelmigrations.cni-migration.io")
        cls.crd = crd["spec"]
        cls.schema = cls.crd["versions"][0]["schema"]["openAPIV3Schema"]

    def tearDown(self):
        for thing in self.c.list("flannelmigrations"):
            self.c.delete("flannelmigrations", thing["metadata"]["name"])

    def dry_run(self, spec):
        """The stored form of a new object, without storing it."""
        path = "/apis/cni-migration.io/v1alpha1/flannelmigrations?dryRun=All&fieldValidation=Strict"
        return self.c.api.request("POST", path, KIND | {"metadata": {"name": "x"}, "spec": spec})

    def assert_refused(self, spec, *words):
        with self.assertRaises(ApiError) as caught:
            self.dry_run(spec)
        for word in words:
            self.assertIn(word, caught.exception.message)

    def assert_field(self, path, bad, good, *words):
        """Each bad value is refused with a message that names the field and has these words; each good one is taken."""
        for value in bad:
            with self.subTest(path, refused=value):
                self.assert_refused(spec_with(path, value), f"spec.{path}", *words)
        for value in good:
            with self.subTest(path, taken=value):
                self.dry_run(spec_with(path, value))


class ValuesTest(CrdTest):
    def test_everything_has_a_default_but_what_is_detected(self):
        spec = self.dry_run({})["spec"]
        self.assertEqual(spec, {
            "target": "Calico", "mode": "Run", "paused": False,
            "calico": {"daemonSet": {"namespace": "kube-system", "name": "calico-node"},
                       "cniConfigDir": "/etc/cni/net.d", "blockSize": 26, "ipv6BlockSize": 122},
            "rollout": {"method": "HandOver", "maxUnavailable": 1, "soak": "0s", "topologyKey": "", "nodeSelector": {},
                        "canary": {"nodes": 0, "soak": "0s", "approval": "Auto"}, "maxFailures": 0, "retries": 3,
                        "startTimeout": "5m"},
            "refresh": {"maxPending": "10%"},
            "drain": {"mode": "Minimal", "timeout": "10m", "onTimeout": "Pause", "gracePeriodSeconds": -1,
                      "unmanagedPods": "Evict"},
            "verify": {"peers": 3, "timeout": "30s"},
            "agent": {"image": "", "imagePullPolicy": "IfNotPresent", "imagePullSecrets": [], "timeout": "2m"},
            "completion": {"flannel": "Delete"}, "windows": "Refuse"})

    def test_an_object_without_spec_gets_the_same(self):
        self.c.api.create("flannelmigrations", KIND | {"metadata": {"name": "bare"}})
        self.assertEqual(self.c.migration("bare")["spec"], self.dry_run({})["spec"])

    def test_a_field_beside_a_default_does_not_lose_it(self):
        self.assertEqual(self.dry_run({"rollout": {"canary": {"nodes": 2}}})["spec"]["rollout"]["canary"],
                         {"nodes": 2, "soak": "0s", "approval": "Auto"})

    def test_numbers_have_ranges(self):
        for path, low, high in NUMBERS:
            self.assert_field(path, [low - 1], [low, high], "greater than or equal")
            self.assert_field(path, [high + 1], [], "less than or equal")
            self.assert_field(path, ["many"], [], "integer")

    def test_words_are_those_of_the_list(self):
        for path in ENUMS:
            self.assert_field(path, ["Sometimes", "run", ""], [], "supported values")

    def test_booleans(self):
        for path in ("paused", "flannel.ipMasq"):
            self.assert_field(path, ["yes", 1], [True, False], "boolean")

    def test_budgets_are_numbers_or_percentages(self):
        for path in BUDGETS:
            self.assert_field(path, [0, -1, "0%", "101%", "10", "1.5%", "%", "ten", ""], [1, 5000, "1%", "33%", "100%"],
                              "must be a number from 1 or a percentage from 1% to 100%, for example 3 or 10%")

    def test_durations(self):
        for path, zero in DURATIONS:
            wanted = "must be a duration"
            bad = ["", "10", "5 m", "-1m", "1d", "1.5h", "m", "999h", "999999h999999h"]
            self.assert_field(path, bad + ([] if zero else ["0s", "0m0s"]), ["30s", "1m30s", "500ms"] + ["0s"] * zero, wanted)
            self.assert_field(path, [30], [], "string")

    def test_ipv4_network(self):
        bad = ["10.244.0.0", "10.244.0.0/0", "10.244.0.0/33", "10.244.0/16", "10.244.0.256/16", "010.244.0.0/16",
               "fd00::/56", "ten", "10.244.0.0/16 "]
        self.assert_field("flannel.network", bad, ["10.244.0.0/16", "10.64.0.0/10", "192.168.4.0/22", "128.0.0.0/1", ""],
                          "must be an IPv4 network as address/length")
        self.assert_field("flannel.network", ["10.244.1.0/16", "10.64.0.1/10", "64.0.0.0/1", "1.2.3.6/30"], ["1.2.3.4/30"],
                          "no bit may be set behind the length")

    def test_ipv6_network(self):
        bad = ["fd00::", "fd00::/0", "fd00::/127", "fd00::1::/64", "1:2:3:4:5:6:7:8:9/64", "1:2:3:4:5:6:7::8:9/64",
               "fd00:12345::/64", "fd00:g::/64", ":fd00/64", "10.244.0.0/16", "fd00:::/64"]
        good = ["fd00:10:244::/56", "::/1", "1:2:3:4:5:6:7:8/126", "FD00::1:0:0:0/64", "1:2:3:4:5:6:7::/112", ""]
        self.assert_field("flannel.ipv6Network", bad, good, "must be an IPv6 network as address/length")

    def test_names(self):
        for path in ("flannel.daemonSet", "calico.daemonSet"):
            for key in ("namespace", "name"):
                other = {"namespace": "kube-system", "name": "x"}
                for value in ("Kube", "-a", "a_b", ""):
                    with self.subTest(path, key=key, refused=value):
                        self.assert_refused(spec_with(path, other | {key: value}), f"spec.{path}.{key} must be")
        self.assert_refused({"flannel": {"daemonSet": {"name": "x"}}}, "spec.flannel.daemonSet.namespace", "Required")
        self.dry_run({"flannel": {"daemonSet": {"name": "canal", "namespace": "kube-system"}}})

    def test_annotation_prefix(self):
        self.assert_field("flannel.annotationPrefix", ["/x", "a b", "Flannel.io", "a/b/c"],
                          ["flannel.alpha.coreos.com", "example.com/net", "example.com/net-", ""], "must be an annotation prefix")

    def test_cni_folder(self):
        self.assert_field("calico.cniConfigDir", ["etc/cni", "", "/etc/../root", "/etc/cni net.d", "/a;b", "/"],
                          ["/etc/cni/net.d", "/var/lib/rancher/k3s/agent/etc/cni/net.d", "/etc/cni/"], "must be an absolute path")

    def test_topology_key(self):
        self.assert_field("rollout.topologyKey", ["a/b/c", "-zone", "zone of node", "/zone"],
                          ["topology.kubernetes.io/zone", "rack", ""], "must be a node label key")

    def test_node_selector(self):
        self.assert_field("rollout.nodeSelector", [{"a/b/c": "x"}, {"pool": "a b"}, {"": "x"}, {"pool": "-"}],
                          [{"pool": "blue"}, {"example.com/pool": ""}], "must map node label keys to label values")
        self.assert_field("rollout.nodeSelector", [{f"k{i}": "v" for i in range(21)}], [], "20")

    def test_a_manual_canary_needs_canaries(self):
        self.assert_field("rollout.canary", [{"approval": "Manual"}, {"approval": "Manual", "nodes": 0}],
                          [{"approval": "Manual", "nodes": 1}], "nodes must be at least 1")

    def test_agent(self):
        self.assert_field("agent.image", ["an image", "a;b", "x" * 513], ["example.com:5000/fm@sha256:" + "a" * 64, "fm:1"])
        self.assert_field("agent.imagePullSecrets", [[{"name": "a"}, {"name": "a"}]], [[{"name": "a"}, {"name": "b"}]], "Duplicate")
        self.assert_refused(spec_with("agent.imagePullSecrets", [{"name": "A_b"}]), "spec.agent.imagePullSecrets[0].name")
        self.assert_refused(spec_with("agent.imagePullSecrets", [{}]), "spec.agent.imagePullSecrets[0].name", "Required")

    def test_a_misspelt_field_is_named(self):
        self.assert_refused({"rollout": {"maxUnavailible": 2}}, "spec.rollout.maxUnavailible")

    def test_all_mistakes_are_told_at_once(self):
        self.assert_refused({"flannel": {"vni": 0, "port": 0}, "rollout": {"maxUnavailable": 0, "soak": "soon"}},
                            "spec.flannel.vni", "spec.flannel.port", "spec.rollout.maxUnavailable", "spec.rollout.soak")


class LifeTest(CrdTest):
    def start(self, counts):
        self.c.apply_migration(flannel={"vni": 7})
        self.c.patch("flannelmigrations", "migration", {"status": {"nodes": counts}}, subresource="status")

    def assert_edit_refused(self, field, **spec):
        with self.assertRaises(ApiError) as caught:
            self.c.edit_migration(**spec)
        self.assertIn(f"spec.{field} may not change once nodes have moved", caught.exception.message)

    def test_networks_may_change_until_nodes_move(self):
        for counts in ({}, {"calico": 0, "migrating": 0, "flannel": 5}):
            self.start(counts)
            self.c.edit_migration(flannel={"vni": 8}, calico={"blockSize": 24})

    def test_networks_may_not_change_once_nodes_have_moved(self):
        for counts in ({"calico": 1}, {"migrating": 1, "calico": 0}):
            with self.subTest(counts):
                self.start(counts)
                self.assert_edit_refused("flannel", flannel={"vni": 8})
                self.assert_edit_refused("flannel", flannel={"mtu": 1400})
                self.assert_edit_refused("flannel", flannel=None)
                self.assert_edit_refused("calico, but for cniConfigDir,", calico={"blockSize": 24})
                self.c.delete("flannelmigrations", "migration")

    def test_the_rest_may_change_at_any_time(self):
        self.start({"calico": 3, "migrating": 1})
        self.c.edit_migration(target="Flannel", paused=True, rollout={"maxUnavailable": "20%", "method": "Drain"},
                              flannel={"vni": 7}, calico={"blockSize": 26, "cniConfigDir": "/etc/cni/other"})

    def test_spec_and_status_are_written_apart(self):
        self.start({"calico": 2})
        self.c.edit_migration(paused=True)
        self.c.patch("flannelmigrations", "migration", {"status": {"phase": "Completed"}})
        self.c.patch("flannelmigrations", "migration", {"spec": {"paused": False}}, subresource="status")
        thing = self.c.migration()
        self.assertEqual((thing["spec"]["paused"], thing["status"]), (True, {"nodes": {"calico": 2}}))
        self.assertEqual(thing["metadata"]["generation"], 2)

    def test_columns(self):
        self.start({"calico": 37, "migrating": 2, "failed": 1})
        self.c.patch("flannelmigrations", "migration", subresource="status", patch={"status": {
            "phase": "Migrating", "progress": "37/120", "eta": "4m10s", "message": "moving node-0038",
            "revertible": {"possible": True, "message": "38 nodes"}}})
        header, row = self.c.kubectl("get", "fm").splitlines()
        self.assertEqual(header.split(), "NAME PHASE TARGET MIGRATED ACTIVE FAILED ETA MESSAGE AGE".split())
        self.assertEqual(row.split()[:-1], "migration Migrating Calico 37/120 2 1 4m10s moving node-0038".split())
        wide = self.c.kubectl("get", "flannelmigration", "-o", "wide").splitlines()
        self.assertIn("REVERTIBLE", wide[0].split())
        self.assertIn("true", wide[1].split())

    def test_a_full_status_is_taken_and_kept(self):
        now = "2026-11-23T14:00:00Z"
        node = {"name": "node-0001", "step": "HandOver", "since": now, "attempt": 1, "message": "waiting"}
        status = {
            "observedGeneration": 1, "phase": "PreparingIPAM", "message": "m", "startTime": now, "completionTime": now,
            "estimatedCompletionTime": now, "eta": "4m10s", "progress": "37/120",
            "conditions": [{"type": "PreflightPassed", "status": "True", "reason": "Passed", "message": "",
                            "lastTransitionTime": now, "observedGeneration": 1}],
            "detected": [{"name": "flannel.vni", "value": "1", "source": "net-conf.json"}],
            "preflight": [{"id": "Backend", "severity": "Block", "observed": "udp", "wanted": "vxlan", "fix": "f"}] * 100,
            "plan": {"nodes": 120, "waves": 12, "order": ["node-0001"] * 50, "fullPlan": "flannel-migration-plan"},
            "nodes": dict.fromkeys(("total", "flannel", "migrating", "refreshing", "calico", "failed", "skipped"), 1),
            "active": [node] * 50, "failed": [node] * 50, "revertible": {"possible": False, "message": "m"}}
        self.start({})
        self.c.patch("flannelmigrations", "migration", {"status": status}, subresource="status")
        self.assertEqual(self.c.status(), status)

    def test_each_phase_is_known(self):
        self.start({})
        phases = ("Pending Preflight Planned PreparingIPAM Migrating Finalizing Completed Paused Blocked Reverting "
                  "Reverted").split()
        for phase in phases:
            self.c.patch("flannelmigrations", "migration", {"status": {"phase": phase}}, subresource="status")
        with self.assertRaises(ApiError):
            self.c.patch("flannelmigrations", "migration", {"status": {"phase": "Done"}}, subresource="status")


class ExplainTest(CrdTest):
    def fields(self, schema=None, path=""):
        for name, child in (schema or self.schema).get("properties", {}).items():
            where = f"{path}.{name}" if path else name
            yield where, child
            yield from self.fields(child.get("items", child), where)

    def test_every_field_has_a_description_that_ends_as_a_sentence(self):
        for where, schema in self.fields():
            # The API server itself describes metadata, and lets nobody else.
            if where != "metadata":
                with self.subTest(where):
                    self.assertRegex(schema.get("description", ""), r"^.{10,}[.]$")

    def test_defaults_and_ranges_are_told_in_words(self):
        for where, schema in self.fields():
            if not where.startswith("spec."):
                continue
            with self.subTest(where):
                text = schema["description"]
                if "default" in schema and schema["default"] not in ({}, [], ""):
                    default = schema["default"]
                    shown = str(default).lower() if isinstance(default, bool) else str(default)
                    self.assertIn(f"Default {shown}", text)
                for bound in ("minimum", "maximum"):
                    if bound in schema:
                        self.assertIn(str(schema[bound]), text)

    def test_every_option_of_the_user_document_is_replaced_by_a_field(self):
        texts = " ".join(schema.get("description", "") for _, schema in self.fields())
        for option in USER_DOCUMENT_OPTIONS:
            self.assertRegex(texts, rf"\b{option}\b")

    def test_kubectl_explains_fields(self):
        # The server publishes a new resource's description a moment after the resource.
        text = self.c.wait(lambda: self.c.try_kubectl("explain", "fm.spec.rollout.maxUnavailable").stdout, 60, "explained")
        self.assertIn("rounded down but at least 1", " ".join(text.split()))
        tree = self.c.kubectl("explain", "fm.spec", "--recursive")
        for word in ("annotationPrefix", "maxUnavailable", "unmanagedPods", "startTimeout"):
            self.assertIn(word, tree)

    def test_names(self):
        self.assertEqual((self.crd["scope"], self.crd["names"]["shortNames"]), ("Cluster", ["fm"]))


if __name__ == "__main__":
    lib.main()

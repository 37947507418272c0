"""What the Helm chart renders: the same as deploy/manifests, and what the values say."""
import filecmp
import glob
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib  # noqa: E402
from lib import Cluster, paths, shell  # noqa: E402
from lib.cluster import ACCOUNT, NAMESPACE  # noqa: E402

RELEASE = "fm"
CRD = "CustomResourceDefinition"
GUARD = "flannel-migration-uninstall"
# What the API server of the oldest Kubernetes with a guard of `helm uninstall` knows; `helm template` asks none.
POLICIES = ["--api-versions", "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy"]
EVERYTHING = {
    "image": {"repository": "registry.example.com:5000/net/flannel-migration", "digest": "sha256:" + "0123456789abcdef" * 4,
              "pullPolicy": "Always"},
    "imagePullSecrets": [{"name": "mirror"}], "replicas": 1, "listen": {"address": "::1", "port": 18080},
    "logLevel": "debug", "extraArgs": ["--leader-elect=false"], "nodeSelector": {"example.com/pool": "system"},
    "affinity": {"nodeAffinity": {}}, "podAnnotations": {"example.com/a": "b"}, "podLabels": {"example.com/team": "net"},
    "podDisruptionBudget": {"enabled": False}, "rbac": {"createFlannelDaemonSet": False},
    "flannel": {"extraNamespaces": ["net"], "extraDaemonSets": ["my-flannel"], "extraConfigMaps": ["my-flannel-cfg"]},
    "calico": {"namespace": "calico", "daemonSet": "my-calico", "extraIPPools": ["mine"]},
}


def setUpModule():
    global CLUSTER
    CLUSTER = unittest.enterModuleContext(Cluster(product=False))


def values_file(values):
    """JSON is YAML."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=CLUSTER.directory, delete=False) as file:
        json.dump(values, file)
    return file.name


def helm(*arguments, values=None):
    files = ["--values", values_file(values)] if values else []
    env = CLUSTER.env | {name: os.path.join(CLUSTER.directory, "helm") for name in
                         ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")}
    return shell.attempt([os.path.join(CLUSTER.bin, "helm"), *arguments, *files], env=env)


def rendered(values=None, *arguments):
    """The chart's objects by kind, namespace and name."""
    result = helm("template", RELEASE, paths.CHART, "--namespace", NAMESPACE, "--kube-version", "1.34.0", *arguments, values=values)
    assert result.returncode == 0, result.stderr
    return by_key(CLUSTER.parse_yaml(result.stdout))


def plain():
    """The CRD and the objects of deploy/manifests."""
    things = CLUSTER.manifest(paths.CRD)
    for path in sorted(glob.glob(os.path.join(paths.MANIFESTS, "*.yaml"))):
        things += CLUSTER.manifest(path)
    return by_key(things)


def by_key(things):
    return {(thing["kind"], thing["metadata"].get("namespace", ""), thing["metadata"]["name"]): thing for thing in things}


def grants(role):
    """A role as a set of single permissions: how its rules are cut does not matter."""
    return {(group, resource, name, verb) for rule in role["rules"] for group in rule["apiGroups"]
            for resource in rule["resources"] for name in rule.get("resourceNames", [""]) for verb in rule["verbs"]}


def meaning(thing):
    """An object without what may differ between the chart and the plain manifests: labels and the form of roles."""
    if thing["kind"] in ("Role", "ClusterRole"):
        return grants(thing)
    return {key: value for key, value in thing.items() if key not in ("metadata", "status")}


def is_hook(thing):
    return "helm.sh/hook" in thing["metadata"].get("annotations", {})


def only(things, kind):
    found = [thing for (one, _, _), thing in things.items() if one == kind]
    assert len(found) == 1, found
    return found[0]


class RenderTest(unittest.TestCase):
    def test_lint_is_content(self):
        for values in (None, EVERYTHING):
            result = helm("lint", "--strict", paths.CHART, "--kube-version", "1.34.0", values=values)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertNotIn("[WARNING]", result.stdout)

    def test_the_crd_is_the_same_file(self):
        copy = os.path.join(paths.CHART, "files", "flannelmigrations.yaml")
        self.assertTrue(filecmp.cmp(paths.CRD, copy, shallow=False), f"copy {paths.CRD} to {copy}")

    def test_the_crd_is_kept_by_uninstall(self):
        self.assertEqual(only(rendered(), CRD)["metadata"]["annotations"], {"helm.sh/resource-policy": "keep"})
        self.assertNotIn(CRD, {kind for kind, _, _ in rendered({"crd": {"create": False}})})

    def test_a_migration_is_never_deleted_by_helm(self):
        """Hooks are no part of the release, which is deleted; and one with this policy is not deleted to be made again."""
        values = {"migration": {"create": True, "name": "mine", "spec": {"mode": "Run", "rollout": {"maxUnavailable": "10%"}}}}
        for known in ([], ["--api-versions", "cni-migration.io/v1alpha1/FlannelMigration"]):
            thing = only(rendered(values, *known), "FlannelMigration")
            self.assertEqual((thing["metadata"]["name"], thing["spec"]), ("mine", values["migration"]["spec"]))
            self.assertEqual(thing["metadata"]["annotations"], {"helm.sh/hook": "post-install,post-upgrade",
                                                                "helm.sh/hook-delete-policy": "hook-failed"})

    def test_the_guard_is_there_where_policies_are(self):
        guard = {("ValidatingAdmissionPolicy", "", GUARD), ("ValidatingAdmissionPolicyBinding", "", GUARD),
                 ("ConfigMap", NAMESPACE, GUARD)}
        self.assertEqual(set(rendered(None, *POLICIES)) - set(rendered()), guard)
        self.assertEqual(set(rendered({"uninstallGuard": {"enabled": False}}, *POLICIES)), set(rendered()))

    def installed(self):
        """Without what is there for Helm alone."""
        return {key: thing for key, thing in rendered().items() if not is_hook(thing)}

    def test_the_chart_and_the_plain_manifests_make_the_same_objects(self):
        chart, manifests = self.installed(), plain()
        # Helm makes the namespace by itself (--create-namespace).
        del manifests[("Namespace", "", NAMESPACE)]
        self.assertEqual(sorted(chart), sorted(manifests))

    def test_the_objects_mean_the_same(self):
        chart, manifests = self.installed(), plain()
        for key, thing in chart.items():
            with self.subTest(key):
                self.assertEqual(meaning(thing), meaning(manifests[key]))

    def test_every_object_has_the_usual_labels(self):
        for key, thing in rendered(None, *POLICIES).items():
            labels = thing["metadata"]["labels"]
            for label in ("name", "instance", "version", "managed-by", "component"):
                self.assertIn(f"app.kubernetes.io/{label}", labels, key)

    def test_wrong_values_are_refused_by_name(self):
        wrong = {"image": {"repository": "Not An Image"}, "replicas": "two", "listen": {"port": 0}, "imagePullSecrets": ["a"],
                 "flannel": {"extraNamespaces": ["A"]}, "calico": {"daemonset": "x"}, "replicaCount": 3,
                 "logLevel": "loud", "metrics": {"podMonitor": {"interval": "soon"}}}
        for name, value in wrong.items():
            with self.subTest(name):
                result = helm("template", RELEASE, paths.CHART, "--kube-version", "1.34.0", values={name: value})
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(name, result.stderr)

    def test_a_migration_without_a_mode_is_refused(self):
        """The CRD's default is Run: an empty value would begin."""
        for spec in ({"mode": None}, None):
            result = helm("template", RELEASE, paths.CHART, "--kube-version", "1.34.0", values={"migration": {"create": True, "spec": spec}})
            self.assertIn("migration", result.stderr, spec)

    def test_a_namespace_of_others_is_not_closed(self):
        for namespace in ("kube-system", "kube-flannel"):
            result = helm("template", RELEASE, paths.CHART, "--kube-version", "1.34.0", "--namespace", namespace,
                          values={"networkPolicy": {"enabled": True}})
            self.assertIn("a namespace of its own", result.stderr, namespace)

    def test_without_the_crd_nothing_guards_the_uninstall(self):
        things = rendered({"crd": {"create": False}}, *POLICIES)
        self.assertEqual([key for key in things if key[0].startswith("ValidatingAdmissionPolicy")], [])

    def test_an_old_kubernetes_is_refused(self):
        result = helm("template", RELEASE, paths.CHART, "--kube-version", "1.24.0")
        self.assertIn("kubeVersion", result.stderr)


class ValuesTest(unittest.TestCase):
    def setUp(self):
        self.things = rendered(EVERYTHING)
        self.deployment = only(self.things, "Deployment")["spec"]
        self.pod = self.deployment["template"]
        self.container = self.pod["spec"]["containers"][0]

    def test_the_image_goes_by_digest_to_operator_and_agent(self):
        image = f"{EVERYTHING['image']['repository']}@{EVERYTHING['image']['digest']}"
        self.assertEqual((self.container["image"], self.container["imagePullPolicy"]), (image, "Always"))
        self.assertIn(f"--agent-image={image}", self.container["args"])

    def test_a_tag_without_digest(self):
        container = only(rendered({"image": {"tag": "1.2"}}), "Deployment")["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["image"], "flannel-migration:1.2")

    def test_pull_secrets_reach_operator_and_agents(self):
        secrets = [{"name": "mirror"}]
        self.assertEqual(self.pod["spec"]["imagePullSecrets"], secrets)
        for account in (ACCOUNT, "flannel-migration-agent"):
            self.assertEqual(self.things[("ServiceAccount", NAMESPACE, account)]["imagePullSecrets"], secrets)

    def test_the_port_is_the_same_everywhere(self):
        self.assertIn("--listen=[::1]:18080", self.container["args"])
        for probe in ("livenessProbe", "readinessProbe"):
            asked = self.container[probe]["httpGet"]
            self.assertEqual((asked["host"], asked["port"]), ("::1", 18080))
        self.assertEqual(self.container["ports"][0]["containerPort"], 18080)

    def test_metrics_need_an_address_that_can_be_reached(self):
        for name in ("service", "serviceMonitor", "podMonitor", "prometheusRule"):
            result = helm("template", RELEASE, paths.CHART, "--kube-version", "1.34.0", values={"metrics": {name: {"enabled": True}}})
            self.assertIn("set listen.address", result.stderr, name)

    def test_monitors_find_the_pods(self):
        things = rendered({"listen": {"address": "0.0.0.0"}, "metrics": {
            "serviceMonitor": {"enabled": True, "labels": {"release": "p"}}, "podMonitor": {"enabled": True, "interval": "30s"}}})
        pod = only(things, "Deployment")["spec"]["template"]
        service, of_services, of_pods = (only(things, kind) for kind in ("Service", "ServiceMonitor", "PodMonitor"))
        labels = pod["metadata"]["labels"]
        for selector, found in ((service["spec"]["selector"], labels), (of_pods["spec"]["selector"]["matchLabels"], labels),
                                (of_services["spec"]["selector"]["matchLabels"], service["metadata"]["labels"])):
            self.assertLessEqual(selector.items(), found.items())
        self.assertEqual(of_services["spec"]["endpoints"], [{"port": service["spec"]["ports"][0]["name"], "path": "/metrics"}])
        self.assertEqual(of_services["metadata"]["labels"]["release"], "p")
        port = pod["spec"]["containers"][0]["ports"][0]["name"]
        self.assertEqual(of_pods["spec"]["podMetricsEndpoints"], [{"port": port, "path": "/metrics", "interval": "30s"}])
        self.assertEqual(service["spec"]["ports"][0]["targetPort"], port)

    def test_the_pod_is_as_asked(self):
        self.assertEqual(self.deployment["replicas"], 1)
        self.assertEqual(self.pod["spec"]["nodeSelector"], EVERYTHING["nodeSelector"])
        self.assertEqual(self.pod["spec"]["affinity"], EVERYTHING["affinity"])
        self.assertEqual(self.pod["metadata"]["annotations"], EVERYTHING["podAnnotations"])
        self.assertEqual(self.pod["metadata"]["labels"]["example.com/team"], "net")
        self.assertLessEqual({"--leader-elect=false", "--log-level=debug"}, set(self.container["args"]))
        self.assertNotIn("PodDisruptionBudget", {kind for kind, _, _ in self.things})

    def test_extra_names_get_rights_and_nothing_is_created(self):
        flannel = grants(self.things[("Role", "net", f"{ACCOUNT}-flannel")])
        self.assertIn(("apps", "daemonsets", "my-flannel", "delete"), flannel)
        self.assertIn(("apps", "daemonsets", "canal", "patch"), flannel)
        self.assertNotIn("create", {verb for _, _, _, verb in flannel})
        self.assertEqual(grants(self.things[("Role", "calico", f"{ACCOUNT}-calico")]),
                         {("", "configmaps", "calico-config", "patch"), ("apps", "daemonsets", "my-calico", "patch")})
        cluster = grants(self.things[("ClusterRole", "", ACCOUNT)])
        self.assertLessEqual({("", "configmaps", "my-flannel-cfg", "get"), ("", "configmaps", "calico-config", "watch"),
                              ("crd.projectcalico.org", "ippools", "mine", "patch")}, cluster)

    def test_roles_can_be_left_to_others(self):
        kinds = {kind for kind, _, _ in rendered({"rbac": {"create": False}})}
        self.assertEqual(kinds, {CRD, "ServiceAccount", "Deployment", "PodDisruptionBudget", "Lease",
                                 "Pod", "ConfigMap"})

    def test_the_pod_is_confined(self):
        self.assertEqual(self.container["securityContext"], {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})
        self.assertTrue(self.pod["spec"]["securityContext"]["runAsNonRoot"])
        self.assertEqual(self.pod["spec"]["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})


if __name__ == "__main__":
    lib.main()

"""The operator's account on a real API server: it may do what each step needs, and nothing that it must not."""
import unittest

import lib
from lib import Cluster
from lib.cluster import ACCOUNT, NAMESPACE

AGENT = "flannel-migration-agent"
CALICO = "crd.projectcalico.org"
READ = ("get", "list", "watch")

# (verbs, resource, name, namespace): "" is any name, and the cluster's scope or all namespaces.
NEEDED = [
    (READ, "flannelmigrations.cni-migration.io", "", ""),
    (("patch",), "flannelmigrations.cni-migration.io", "migration", ""),
    (("patch",), "flannelmigrations.cni-migration.io/status", "migration", ""),
    (("update",), "flannelmigrations.cni-migration.io/finalizers", "migration", ""),
    (READ, "nodes", "", ""),
    (("patch",), "nodes", "node-0001", ""),
    (("patch",), "nodes/status", "node-0001", ""),
    (READ + ("delete",), "pods", "", ""),
    (("create",), "pods/eviction", "some-pod", "some-namespace"),
    (READ, "daemonsets.apps", "", ""),
    (("create",), "events", "", "default"),
    (("create",), "selfsubjectaccessreviews.authorization.k8s.io", "", ""),
    (("create",), "subjectaccessreviews.authorization.k8s.io", "", ""),
    *[(READ, f"{kind}.{CALICO}", "", "") for kind in (
        "ippools", "felixconfigurations", "ipamconfigs", "ipamblocks", "blockaffinities", "ipamhandles",
        "clusterinformations")],
    *[(("create",), f"{kind}.{CALICO}", "", "") for kind in ("ippools", "felixconfigurations", "ipamconfigs")],
    *[(("patch", "delete"), f"ippools.{CALICO}", name, "") for name in ("default-ipv4-ippool", "default-ipv6-ippool")],
    *[(("patch", "delete"), f"{kind}.{CALICO}", "default", "") for kind in ("felixconfigurations", "ipamconfigs")],
    *[(("create", "update", "patch", "delete"), f"{kind}.{CALICO}", "", "")
      for kind in ("ipamblocks", "blockaffinities", "ipamhandles")],
    *[(READ, "configmaps", name, "") for name in (
        "kube-flannel-cfg", "canal-config", "rke2-canal-config", "calico-config")],
    (("patch",), "configmaps", "calico-config", "kube-system"),
    (("patch",), "daemonsets.apps", "calico-node", "kube-system"),
    *[(("patch", "delete"), "daemonsets.apps", name, namespace) for namespace in ("kube-flannel", "kube-system")
      for name in ("kube-flannel-ds", "kube-flannel-ds-amd64", "kube-flannel-ds-arm64", "kube-flannel-ds-arm",
                   "kube-flannel-ds-ppc64le", "kube-flannel-ds-s390x", "kube-flannel", "canal", "rke2-canal")],
    (("create",), "daemonsets.apps", "", "kube-flannel"),
    (("create",), "daemonsets.apps", "", "kube-system"),
    (READ + ("create", "delete", "deletecollection"), "pods", "", NAMESPACE),
    (("create",), "configmaps", "", NAMESPACE),
    *[(READ + ("patch", "delete"), "configmaps", name, NAMESPACE)
      for name in ("flannel-migration-originals", "flannel-migration-originals-part-1",
                   "flannel-migration-originals-part-16", "flannel-migration-plan")],
    (("create",), "leases.coordination.k8s.io", "", NAMESPACE),
    (("get", "update", "patch"), "leases.coordination.k8s.io", "flannel-migration-operator", NAMESPACE),
]
FORBIDDEN = [
    (("get", "list", "update", "patch", "delete"), "events", "", "default"),
    *[(READ + ("create", "patch"), "secrets", "", namespace) for namespace in ("", "kube-system", NAMESPACE)],
    *[(("create", "get"), f"pods/{sub}", "a-pod", namespace) for sub in ("exec", "attach", "portforward", "ephemeralcontainers")
      for namespace in ("kube-system", NAMESPACE)],
    (("create",), "serviceaccounts/token", "default", "kube-system"),
    (("create", "patch", "update"), "pods", "", "kube-system"),
    (("create", "patch", "update", "delete", "get"), "configmaps", "coredns", "kube-system"),
    (("create", "delete"), "configmaps", "calico-config", "kube-system"),
    (("list", "create", "delete"), "configmaps", "", ""),
    (("patch", "delete"), "daemonsets.apps", "kube-proxy", "kube-system"),
    (("delete", "update"), "daemonsets.apps", "calico-node", "kube-system"),
    (("create",), "daemonsets.apps", "", "default"),
    (("create", "patch", "delete"), "deployments.apps", "", ""),
    (("create", "update", "delete", "deletecollection"), "nodes", "", ""),
    (("get", "create"), "nodes/proxy", "", ""),
    (("get", "update"), "nodes/status", "", ""),
    (("patch", "delete"), f"ippools.{CALICO}", "a-users-pool", ""),
    (("patch", "delete"), f"felixconfigurations.{CALICO}", "node.node-0001", ""),
    (("deletecollection",), f"ipamblocks.{CALICO}", "", ""),
    (("create", "patch", "delete"), f"clusterinformations.{CALICO}", "default", ""),
    (("create", "patch", "delete"), "customresourcedefinitions.apiextensions.k8s.io", "", ""),
    (("create", "update", "delete"), "flannelmigrations.cni-migration.io", "", ""),
    (("create", "patch", "bind", "escalate"), "clusterroles.rbac.authorization.k8s.io", "", ""),
    (("impersonate",), "users", "", ""),
    (("get", "update"), "leases.coordination.k8s.io", "another", NAMESPACE),
    (("get", "update"), "leases.coordination.k8s.io", "kube-scheduler", "kube-system"),
]


def setUpModule():
    global CLUSTER
    CLUSTER = unittest.enterModuleContext(Cluster(product=False))
    CLUSTER.kubectl("create", "namespace", "kube-flannel")
    CLUSTER.install_product()


def may(account, verb, resource, name, namespace):
    """As `kubectl auth can-i --as`, without a process for each question."""
    resource, _, subresource = resource.partition("/")
    resource, _, group = resource.partition(".")
    attributes = {"verb": verb, "group": group, "resource": resource, "subresource": subresource, "name": name,
                  "namespace": namespace}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {
        "user": f"system:serviceaccount:{NAMESPACE}:{account}", "resourceAttributes": attributes,
        "groups": ["system:serviceaccounts", f"system:serviceaccounts:{NAMESPACE}", "system:authenticated"]}}
    answer = CLUSTER.api.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    return answer["status"]["allowed"]


class OperatorRightsTest(unittest.TestCase):
    def assert_rights(self, table, allowed):
        for verbs, resource, name, namespace in table:
            for verb in verbs:
                with self.subTest(f"{verb} {resource} {name} {namespace}".strip()):
                    self.assertEqual(may(ACCOUNT, verb, resource, name, namespace), allowed)

    def test_it_may_do_what_its_steps_need(self):
        self.assert_rights(NEEDED, True)

    def test_it_may_not_do_more(self):
        self.assert_rights(FORBIDDEN, False)

    def test_kubectl_says_the_same_with_the_real_token(self):
        kubeconfig = CLUSTER.account_kubeconfig()
        for arguments, wanted in ((["patch", "nodes"], "yes"), (["get", "secrets", "-A"], "no"),
                                  (["create", "pods/exec", "-n", "kube-system"], "no"),
                                  (["patch", "daemonsets.apps/canal", "-n", "kube-system"], "yes")):
            answer = CLUSTER.try_kubectl("auth", "can-i", *arguments, kubeconfig=kubeconfig)
            self.assertEqual(answer.stdout.strip(), wanted, arguments)

    def test_no_rule_has_a_star(self):
        for kind in ("clusterroles", "roles"):
            for role in CLUSTER.list(kind, labels="app.kubernetes.io/name=flannel-migration"):
                for rule in role["rules"]:
                    self.assertNotIn("*", rule["verbs"] + rule["resources"] + rule["apiGroups"])


class AgentRightsTest(unittest.TestCase):
    def test_it_has_none(self):
        for verbs, resource, name, namespace in NEEDED + FORBIDDEN:
            # Everybody may ask what he may do himself.
            if not resource.startswith("selfsubject"):
                for verb in verbs:
                    self.assertFalse(may(AGENT, verb, resource, name, namespace), f"{verb} {resource}")

    def test_neither_account_hands_its_token_to_pods(self):
        for account in (ACCOUNT, AGENT):
            self.assertFalse(CLUSTER.get("serviceaccounts", account, NAMESPACE)["automountServiceAccountToken"])


class ManifestsTest(unittest.TestCase):
    def test_the_namespace_takes_agent_pods(self):
        labels = CLUSTER.get("namespaces", NAMESPACE)["metadata"]["labels"]
        self.assertEqual(labels["pod-security.kubernetes.io/enforce"], "privileged")


if __name__ == "__main__":
    lib.main()

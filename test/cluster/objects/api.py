"""A small client of the test cluster's API server: several keep-alive connections, client certificates from DIR.

Only creation is needed, a thousand nodes of it in seconds; everything else in tests is kubectl's work.
"""
import http.client
import json
import os
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

CONNECTIONS = 16

# Where each kind lives: path prefix, plural, whether it has a namespace.
KINDS = {
    "Namespace": ("/api/v1", "namespaces", False),
    "Node": ("/api/v1", "nodes", False),
    "Pod": ("/api/v1", "pods", True),
    "ConfigMap": ("/api/v1", "configmaps", True),
    "ServiceAccount": ("/api/v1", "serviceaccounts", True),
    "Service": ("/api/v1", "services", True),
    "DaemonSet": ("/apis/apps/v1", "daemonsets", True),
    "Deployment": ("/apis/apps/v1", "deployments", True),
    "StatefulSet": ("/apis/apps/v1", "statefulsets", True),
    "PodDisruptionBudget": ("/apis/policy/v1", "poddisruptionbudgets", True),
    "ClusterRole": ("/apis/rbac.authorization.k8s.io/v1", "clusterroles", False),
    "ClusterRoleBinding": ("/apis/rbac.authorization.k8s.io/v1", "clusterrolebindings", False),
    "IPPool": ("/apis/crd.projectcalico.org/v1", "ippools", False),
    "Stage": ("/apis/kwok.x-k8s.io/v1alpha1", "stages", False),
}


class ApiError(Exception):
    def __init__(self, method, path, status, body):
        super().__init__(f"{method} {path}: {status} {body[:500]}")
        self.status = status


def path_of(kind, namespace="", name=""):
    prefix, plural, namespaced = KINDS[kind]
    path = f"{prefix}/namespaces/{namespace or 'default'}/{plural}" if namespaced else f"{prefix}/{plural}"
    return f"{path}/{name}" if name else path


def server_of(directory):
    """The address that `up` wrote into cluster.env."""
    with open(os.path.join(directory, "cluster.env"), encoding="utf-8") as settings:
        for line in settings:
            if line.startswith("server="):
                return line.split("=", 1)[1].strip().replace("\\", "")
    raise SystemExit(f"{directory} is not a running test cluster")


class Client:
    def __init__(self, directory):
        url = urlsplit(server_of(directory))
        self._host, self._port = url.hostname, url.port
        pki = os.path.join(directory, "pki")
        self._tls = ssl.create_default_context(cafile=os.path.join(pki, "ca.crt"))
        self._tls.load_cert_chain(os.path.join(pki, "admin.crt"), os.path.join(pki, "admin.key"))
        self._local = threading.local()

    def _connection(self):
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPSConnection(
                self._host, self._port, context=self._tls, timeout=60)
        return self._local.connection

    def request(self, method, path, body=None):
        headers = {"Content-Type": "application/json", "User-Agent": "test-cluster"}
        connection = self._connection()
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        text = response.read().decode()
        if response.status >= 300:
            raise ApiError(method, path, response.status, text)
        return json.loads(text)

    def create(self, thing):
        """An object that is there already stays as it is, so that a script can be run again."""
        try:
            self.request("POST", path_of(thing["kind"], thing["metadata"].get("namespace", "")), thing)
        except ApiError as error:
            if error.status != 409:
                raise

    def create_all(self, things):
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for _ in pool.map(self.create, things):
                pass

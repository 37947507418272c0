"""The API server as JSON: get, list, create, patch, delete and watch, with the admin's certificate.

For everything that a test looks at; `Cluster.kubectl` is there for what kubectl itself does (apply, explain, auth can-i).
"""
import http.client
import json
import ssl
import threading
import time
import urllib.parse

from . import shell

# Where a resource lives: path prefix, whether it has a namespace.
_CALICO = "/apis/crd.projectcalico.org/v1"
_CLUSTER_SCOPED = {
    "/api/v1": ["nodes", "namespaces"],
    "/apis/cni-migration.io/v1alpha1": ["flannelmigrations"],
    "/apis/rbac.authorization.k8s.io/v1": ["clusterroles", "clusterrolebindings"],
    "/apis/apiextensions.k8s.io/v1": ["customresourcedefinitions"],
    "/apis/admissionregistration.k8s.io/v1": ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
    _CALICO: ["ippools", "felixconfigurations", "ipamconfigs", "ipamblocks", "blockaffinities", "ipamhandles",
              "clusterinformations", "kubecontrollersconfigurations", "tiers"],
}
_NAMESPACED = {
    "/api/v1": ["pods", "configmaps", "secrets", "serviceaccounts", "events", "services"],
    "/apis/apps/v1": ["daemonsets", "deployments", "statefulsets", "replicasets"],
    "/apis/policy/v1": ["poddisruptionbudgets"],
    "/apis/coordination.k8s.io/v1": ["leases"],
    "/apis/rbac.authorization.k8s.io/v1": ["roles", "rolebindings"],
}
_RESOURCES = {
    plural: (prefix, namespaced)
    for table, namespaced in ((_CLUSTER_SCOPED, False), (_NAMESPACED, True))
    for prefix, plurals in table.items() for plural in plurals
}
THROTTLED_SECONDS = 10  # how long an answer 429 is waited out
PATCH_TYPES = {"merge": "application/merge-patch+json", "json": "application/json-patch+json",
               "strategic": "application/strategic-merge-patch+json"}


class ApiError(AssertionError):
    def __init__(self, method, path, status, body):
        self.status = status
        try:
            self.message = json.loads(body).get("message", body)
        except ValueError:
            self.message = body
        super().__init__(f"{method} {path}: {status} {self.message}")


def path_of(resource, name="", namespace=None, subresource=""):
    prefix, namespaced = _RESOURCES[resource]
    parts = [prefix]
    if namespaced and (namespace or name):
        parts += ["namespaces", namespace or "default"]
    return "/".join(parts + [resource] + [part for part in (name, subresource) if part])


class Api:
    """One keep-alive connection per thread."""

    def __init__(self, kubeconfig):
        text = shell.run(["kubectl", "config", "view", "--minify", "--raw", "-o", "json", "--kubeconfig", kubeconfig])
        config = json.loads(text)
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self._url = urllib.parse.urlsplit(cluster["server"])
        self._tls = ssl.create_default_context(cafile=cluster["certificate-authority"])
        self._tls.load_cert_chain(user["client-certificate"], user["client-key"])
        self._local = threading.local()

    def connect(self, timeout=30):
        return http.client.HTTPSConnection(self._url.hostname, self._url.port, context=self._tls, timeout=timeout)

    def close(self):
        """The calling thread's connection."""
        if getattr(self._local, "connection", None):
            self._local.connection.close()
            self._local.connection = None

    def request(self, method, path, body=None, content_type="application/json"):
        for last in (False, True):
            if not getattr(self._local, "connection", None):
                self._local.connection = self.connect()
            try:
                return self._send(self._local.connection, method, path, body, content_type)
            except (OSError, http.client.HTTPException):
                # The server was restarted, or closed an idle connection: once more on a fresh one.
                self.close()
                if last:
                    raise

    def _send(self, connection, method, path, body, content_type):
        deadline = time.monotonic() + THROTTLED_SECONDS
        while True:
            try:
                return self._send_once(connection, method, path, body, content_type)
            except ApiError as error:
                # Throttled, or the storage of a resource is not there yet.
                if error.status != 429 or time.monotonic() > deadline or "/eviction" in path:
                    raise
                time.sleep(0.1)

    @staticmethod
    def _send_once(connection, method, path, body, content_type):
        headers = {"Content-Type": content_type, "User-Agent": "test-harness"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read().decode()
        if response.status >= 400:
            raise ApiError(method, path, response.status, text)
        return json.loads(text) if text.startswith("{") else text

    def get(self, resource, name, namespace=None):
        return self.request("GET", path_of(resource, name, namespace))

    def find(self, resource, name, namespace=None):
        """The object, or None."""
        try:
            return self.get(resource, name, namespace)
        except ApiError as error:
            if error.status != 404:
                raise
            return None

    def list(self, resource, namespace=None, labels="", fields=""):
        return self.list_page(resource, namespace, labels, fields)["items"]

    def list_page(self, resource, namespace=None, labels="", fields=""):
        query = urllib.parse.urlencode({"labelSelector": labels, "fieldSelector": fields})
        return self.request("GET", f"{path_of(resource, namespace=namespace)}?{query}")

    def create(self, resource, thing, namespace=None):
        namespace = namespace or thing["metadata"].get("namespace")
        path = path_of(resource, namespace=namespace or "default")
        return self.request("POST", path, thing)

    def replace(self, resource, thing, subresource=""):
        meta = thing["metadata"]
        return self.request("PUT", path_of(resource, meta["name"], meta.get("namespace"), subresource), thing)

    def patch(self, resource, name, patch, namespace=None, subresource="", kind="merge"):
        return self.request("PATCH", path_of(resource, name, namespace, subresource), patch, PATCH_TYPES[kind])

    def delete(self, resource, name, namespace=None, propagation="Background"):
        return self.request("DELETE", path_of(resource, name, namespace), {"propagationPolicy": propagation})

    def stream(self, resource, namespace, version, connection):
        """One watch on a fresh connection: yields (type, object) until either side ends it."""
        try:
            query = f"watch=1&allowWatchBookmarks=true&resourceVersion={version}"
            connection.request("GET", f"{path_of(resource, namespace=namespace)}?{query}",
                               headers={"User-Agent": "test-harness"})
            response = connection.getresponse()
            if response.status >= 400:
                raise ApiError("WATCH", resource, response.status, response.read().decode())
            for line in response:
                event = json.loads(line)
                yield event["type"], event["object"]
        finally:
            connection.close()

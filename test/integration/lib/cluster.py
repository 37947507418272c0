"""A test cluster and everything in it, as a context manager around the scripts of test/cluster."""
import glob
import json
import os
import shutil
import sys
import tempfile
import time

from . import interrupts, paths, program, shell
from .api import Api, ApiError
from .audit import AuditLog
from .migrations import API_VERSION, Migrations
from .operator_process import Operator
from .watch import Watch

NAMESPACE = "flannel-migration"
ACCOUNT = "flannel-migration-operator"
NETWORK_LABEL = "projectcalico.org/node-network-during-migration"


class Cluster(Migrations):
    """A control plane without kubelets (kwok plays the nodes). With `nodes`, flannel and Calico as a user has them.

    product    install the CRD, the accounts and the RBAC of deploy/manifests (not the Deployment)
    calico     install Calico; by default where there are nodes
    options    further options of make-flannel, e.g. ["--backend", "udp"]
    audit      keep an audit log (self.audit)
    address    of the API server: 127.0.0.1 or ::1
    FM_KEEP=1 leaves the folder with all logs in place; a failed test always does.
    """

    def __init__(self, nodes=0, control_plane=0, *, zones=0, pods_per_node=0, canal=False, dual_stack=False,
                 calico=None, product=True, options=(), audit=True, address="127.0.0.1"):
        self._nodes, self._product = nodes, product
        self._calico = nodes > 0 if calico is None else calico
        self.canal, self.dual_stack = canal, dual_stack
        self._audit, self._address = audit, address
        self._flannel = ["--nodes", str(nodes), "--control-plane", str(control_plane), "--zones", str(zones),
                         "--pods-per-node", str(pods_per_node), *options]
        self._flannel += ["--canal"] if canal else []
        self._flannel += ["--dual-stack"] if dual_stack else []
        self._operators = []
        self.api = None

    # --- life ---

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="fm-test-")
        try:
            self._start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, error, trace):
        with interrupts.uninterrupted():
            self._leave(kind)

    def _leave(self, kind):
        for operator in self._operators:
            operator.stop()
        if self.api:
            self.api.close()
        self._end()
        # Last: whoever reads it may be gone.
        self._keep_or_forget(kind is not None or program.Result.failed)

    def _keep_or_forget(self, failed):
        if failed and self._operators:
            print(f"--- the operator's last words\n{self._operators[-1].log_tail()}", file=sys.stderr)
        if failed or os.environ.get("FM_KEEP"):
            print(f"--- logs: {self.directory}", file=sys.stderr)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _end(self):
        shell.attempt([paths.script("down"), self.directory])

    def _connect(self):
        self.kubeconfig = os.path.join(self.directory, "kubeconfig")
        # A cache of its own: ports are used again, and another cluster's list of resources would be believed.
        self.env = os.environ | {"KUBECONFIG": self.kubeconfig, "PATH": f"{os.environ['PATH']}:{self.bin}",
                                 "KUBECACHEDIR": os.path.join(self.directory, "kubectl-cache")}
        self.api = Api(self.kubeconfig)

    def _start(self):
        self.bin = program.bin_folder()
        self.script("up", *(["--audit"] if self._audit else []), "--api-address", self._address)
        self._connect()
        self.audit = AuditLog(os.path.join(self.directory, "audit.log"))
        if self._nodes:
            self.script("make-flannel", *self._flannel)
        if self.canal:
            self.kubectl("apply", "--server-side", "-f", paths.script(os.path.join("calico", "canal-rbac.yaml")))
        if self._calico:
            self.script("install-calico", *(["--dual-stack"] if self.dual_stack else []))
        if self._product:
            self.install_product()
        if self._nodes:
            self.wait(self._flannel_ready, 60, "flannel Ready on every node")

    def _flannel_ready(self):
        sets = [ds["status"] for ds in self.api.list("daemonsets")
                if ds["metadata"]["name"] in ("canal", "kube-flannel-ds")]
        return sets and all(status.get("numberReady", 0) == self._nodes for status in sets)

    def script(self, name, *arguments):
        """A script of test/cluster, e.g. c.script("add-node", "late", "9")."""
        return shell.run([paths.script(name), self.directory, *arguments])

    def install_product(self):
        """CRD, namespace, accounts and RBAC: what a user applies, without the Deployment."""
        self.kubectl("apply", "--server-side", "-f", paths.CRD)
        # Not by `kubectl wait`: it gives up on a CRD that has no conditions yet.
        self.wait(self._serves_migrations, 60, "FlannelMigrations served")
        for manifest in sorted(glob.glob(os.path.join(paths.MANIFESTS, "*.yaml"))):
            name = os.path.basename(manifest)
            absent = name.endswith("rbac-kube-flannel.yaml") and not self.find("namespaces", "kube-flannel")
            if not absent and "deployment" not in name and "disruption" not in name:
                self.kubectl("apply", "-f", manifest)

    def _serves_migrations(self):
        """Established comes a little before the resource is discovered and its storage is there."""
        try:
            resources = self.api.request("GET", f"/apis/{API_VERSION}")["resources"]
            self.list("flannelmigrations")
        except ApiError as error:
            if error.status not in (404, 429):
                raise
            return False
        shutil.rmtree(self.env["KUBECACHEDIR"], ignore_errors=True)
        return len(resources) == 2

    # --- failures on request ---

    def fail(self, kind, node, *arguments):
        """Provokes a failure (kinds: test/cluster/fail) until unfail() with the same arguments."""
        self.script("fail", kind, node, *arguments)

    def unfail(self, *arguments):
        self.script("unfail", *(arguments or ["--all"]))

    def add_node(self, name, index):
        self.script("add-node", *(["--dual-stack"] if self.dual_stack else []), name, str(index))

    def restart_apiserver(self, pause=0):
        self.script("restart-apiserver", *(["--pause", str(pause)] if pause else []))

    # --- objects ---

    def kubectl(self, *arguments, stdin=None, kubeconfig=None):
        env = self.env | ({"KUBECONFIG": kubeconfig} if kubeconfig else {})
        return shell.run(["kubectl", *arguments], stdin, env)

    def try_kubectl(self, *arguments, stdin=None, kubeconfig=None):
        """The finished process: returncode, stdout, stderr."""
        env = self.env | ({"KUBECONFIG": kubeconfig} if kubeconfig else {})
        return shell.attempt(["kubectl", *arguments], stdin, env)

    def manifest(self, path):
        """The objects of a YAML file, as kubectl reads them."""
        with open(path, encoding="utf-8") as file:
            return self.parse_yaml(file.read())

    def parse_yaml(self, text):
        """YAML documents to objects, without asking the server."""
        output = self.kubectl("annotate", "--local", "--dry-run=client", "-o", "json", "-f", "-", "x=y", stdin=text)
        decoder, position, things = json.JSONDecoder(), 0, []
        while output[position:].strip():
            position += len(output[position:]) - len(output[position:].lstrip())
            thing, position = decoder.raw_decode(output, position)
            things += thing["items"] if thing.get("kind") == "List" else [thing]
        for thing in things:
            del thing["metadata"]["annotations"]["x"]
            if not thing["metadata"]["annotations"]:
                del thing["metadata"]["annotations"]
        return things

    def apply(self, thing):
        """An object, or the path of a file or folder."""
        if isinstance(thing, str):
            return self.kubectl("apply", "-f", thing)
        return self.kubectl("apply", "-f", "-", stdin=json.dumps(thing))

    def get(self, resource, name, namespace=None):
        return self.api.get(resource, name, namespace)

    def find(self, resource, name, namespace=None):
        return self.api.find(resource, name, namespace)

    def list(self, resource, namespace=None, labels="", fields=""):
        return self.api.list(resource, namespace, labels, fields)

    def patch(self, resource, name, patch, **options):
        return self.api.patch(resource, name, patch, **options)

    def delete(self, resource, name, namespace=None):
        return self.api.delete(resource, name, namespace)

    def nodes(self):
        """By name."""
        return {node["metadata"]["name"]: node for node in self.list("nodes")}

    def networks(self):
        """The migration label of each node; None where there is none."""
        return {name: node["metadata"]["labels"].get(NETWORK_LABEL) for name, node in self.nodes().items()}

    # --- the operator and its object ---

    def operator(self, *arguments, leader_elect=False, node=None, environment=None,
                 image="flannel-migration:test"):
        """Starts the operator with the token of its ServiceAccount. `node` is the node it believes to run on."""
        kubeconfig = self.account_kubeconfig()
        env = self.env | {"POD_NAMESPACE": NAMESPACE} | ({"NODE_NAME": node} if node else {}) | (environment or {})
        env.pop("KUBECONFIG")
        flags = ["--namespace", NAMESPACE, "--agent-image", image,
                 f"--leader-elect={'true' if leader_elect else 'false'}", *arguments]
        self._operators.append(Operator(self.directory, kubeconfig, flags, env))
        return self._operators[-1]

    def account_kubeconfig(self, account=ACCOUNT):
        """The path of a kubeconfig that acts as a ServiceAccount of ours."""
        path = os.path.join(self.directory, f"{account}.kubeconfig")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.script("token-kubeconfig", NAMESPACE, account))
        return path

    # --- waiting ---

    def watch(self, resource, namespace=None, on_change=None):
        """All changes from now on; close it, or use it in `with`."""
        return Watch(self.api, resource, namespace, on_change)

    def wait(self, predicate, timeout, what):
        """Until predicate() is true; its value. For what a watch cannot see at once."""
        deadline = time.monotonic() + timeout
        while True:
            found = predicate()
            if found:
                return found
            if time.monotonic() >= deadline:
                raise AssertionError(f"after {timeout} s still not: {what}")
            time.sleep(0.1)

"""A cluster of real kubelets with real flannel (test/lab), with the same ways to look at it as a test cluster."""
import os
import time

from . import paths, shell
from .cluster import NAMESPACE, Cluster

START_SECONDS = 1800  # with nothing in the caches


class Lab(Cluster):
    """`with Lab(nodes=3) as lab:`; the nodes are n1, n2, ...

    canal      Canal in the place of flannel
    calico     install Calico's manifests beside flannel; the stand-in plays calico-node
    product    install the CRD, the accounts and the RBAC of deploy/manifests, and give the nodes our image
    settings   further options of `up`, e.g. ("--pod-prefix", "28")
    """

    def __init__(self, nodes=3, *, dual_stack=False, canal=False, calico=False, product=False, settings=()):
        super().__init__(dual_stack=dual_stack, canal=canal, calico=calico, product=product)
        self.names = [f"n{index + 1}" for index in range(nodes)]
        self._settings = settings

    def _start(self):
        self.bin = shell.run([paths.lab_script("build")], timeout=START_SECONDS).strip().splitlines()[-1]
        options = ["--nodes", str(len(self.names))] + (["--dual-stack"] if self.dual_stack else [])
        options += ["--canal", "--stand-in", paths.stand_in_program()] if self.canal else []
        shell.run([paths.lab_script("up"), *options, *self._settings, self.directory], timeout=START_SECONDS)
        self._connect()
        self._load_images()
        if self._calico:
            self.script("install-calico", *(["--dual-stack"] if self.dual_stack else []))
        if self._product:
            self.install_product()

    def _load_images(self):
        """Of programs of this checkout."""
        # Canal came with the stand-in.
        programs = ["--stand-in", paths.stand_in_program()] if self._calico and not self.canal else []
        programs += ["--product", paths.operator_program(), paths.agent_program()] if self._product else []
        if programs:
            folder = os.path.join(self.directory, "images")
            shell.run([paths.lab_script("make-program-images"), folder, *programs])
            shell.run([paths.lab_script("load"), self.directory, folder])

    def _end(self):
        shell.attempt([paths.lab_script("down"), self.directory])

    def start_operator(self):
        """As pods, as a user installs it: deploy/manifests with nothing changed."""
        for name in ("40-deployment.yaml", "50-poddisruptionbudget.yaml"):
            self.apply(os.path.join(paths.MANIFESTS, name))
        self.kubectl("-n", NAMESPACE, "rollout", "status", "deployment/flannel-migration-operator", "--timeout=300s")

    # --- nodes ---

    def address(self, node):
        """Its first address."""
        return self.get("nodes", node)["status"]["addresses"][0]["address"]

    def enter(self, node, *command):
        """Runs a command in a node, as root there; its output."""
        return shell.run([paths.lab_script("enter"), self.directory, node, *command])

    def power(self, node, state):
        """"off" or "on"; a node that is not there yet joins."""
        shell.run([paths.lab_script("power"), self.directory, node, state])

    def kill(self, node, command, patience=0):
        """kill -9 of what runs in a node with a command line that begins so (a pattern), as soon as it is there; its ids."""
        script = """
            end=$(($(date +%s) + $2))
            until pids=$(pgrep -f "^$1"); do [ "$(date +%s)" -lt "$end" ] || exit 0; sleep 0.005; done
            for pid in $pids; do kill -9 "$pid" && echo "$pid"; done
            true"""
        return self.enter(node, "sh", "-c", script, "_", command, str(patience)).split()

    def lone_containers(self, node):
        """Those that have a shim of their own beside their pod's. containerd 1.6 starts one when the pod's did not answer within
        100 ms. It takes the other's address, so that containerd, when it is started again, has lost the pod's sandbox, and
        kubelet ends the pod."""
        shims = self.enter(node, "pgrep", "-af", "/containerd-shim-runc-v2 ")
        containers = self.enter(node, "ls", "/run/containerd/io.containerd.grpc.v1.cri/containers").split()
        return [one for one in containers if f" -id {one} -address " in shims]

    def log(self, node, name):
        """What a program of a node said: containerd, kubelet, kube-proxy."""
        with open(os.path.join(self.directory, "nodes", node, f"{name}.log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    # --- Calico's kube-controllers, as the stand-in plays them ---

    def collect_after(self, grace):
        """For how long a block has to be empty, or an address without its pod, until it is collected: a duration as Go
        writes it. It is 15m where nobody says anything."""
        self.apply({"apiVersion": "crd.projectcalico.org/v1", "kind": "KubeControllersConfiguration",
                    "metadata": {"name": "default"}, "spec": {"controllers": {"node": {"leakGracePeriod": grace}}}})

    def wait_collected(self):
        """Until nothing is left that could have been collected when this began. They look twice in a grace period; the first
        look may be the one before, as logs are asked for by the second."""
        begin = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

        def scans():
            log = self.kubectl("-n", "kube-system", "logs", "-l", "k8s-app=calico-kube-controllers", "--tail=-1",
                               f"--since-time={begin}")
            return log.count(" scan: ")

        self.wait(lambda: scans() >= 6, 300, "six scans of kube-controllers")

    # --- pods ---

    def pods(self, labels, namespace="default"):
        """Those that are not on their way out, by node and name."""
        found = [pod for pod in self.list("pods", namespace, labels) if "deletionTimestamp" not in pod["metadata"]]
        return sorted(found, key=lambda pod: (pod["spec"].get("nodeName", ""), pod["metadata"]["name"]))

    def wait_pods(self, labels, count, timeout=300, namespace="default"):
        """Until so many pods are Ready, and no others are there; the pods."""
        def ready():
            found = self.pods(labels, namespace)
            return found if len(found) == count and all(map(is_ready, found)) else None

        return self.wait(ready, timeout, f"{count} pods with {labels} Ready")

    def pods_of_network(self, *nodes):
        """Running pods that have an address of the pod network; of these nodes only, where there are any."""
        return [pod for pod in self.list("pods") if not pod["spec"].get("hostNetwork")
                and pod["status"].get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]
                and (not nodes or pod["spec"]["nodeName"] in nodes)]

    def wait_all_ready(self, timeout=300):
        """Until no pod of the pod network is still starting; these pods. After a power cut they come back one by one."""
        def ready():
            pods = self.pods_of_network()
            return pods if all(map(is_ready, pods)) else None

        return self.wait(ready, timeout, "all pods of the pod network Ready")

    @staticmethod
    def settle(seconds):
        """For what must not happen: there is nothing to wait for."""
        time.sleep(seconds)

    def execute(self, pod, *command, stdin=None):
        """`kubectl exec`; its output."""
        meta = pod["metadata"]
        return self.kubectl("exec", "-i", "-n", meta["namespace"], meta["name"], "--", *command, stdin=stdin)

    def fetch(self, pod, address, port):
        """What a web server answers to a pod."""
        return self.execute(pod, "nc", "-w", "30", address, str(port), stdin="GET / HTTP/1.0\r\n\r\n")


class RunningLab(Lab):
    """One that `up` started and somebody else will end. Not for `with`."""

    def __init__(self, directory):
        super().__init__()
        self.directory = os.path.abspath(directory)
        self.bin = shell.run([paths.lab_script("build")], timeout=START_SECONDS).strip().splitlines()[-1]
        self._connect()
        self.names = sorted(self.nodes())


def is_ready(pod):
    conditions = pod["status"].get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def pod_on(node, pods):
    """The first of these that is on a node."""
    return next(pod for pod in pods if pod["spec"]["nodeName"] == node)


def address_of(pod, version=4):
    """Its address of an IP version."""
    addresses = [one["ip"] for one in pod["status"].get("podIPs", [])]
    return next(address for address in addresses if (":" in address) == (version == 6))

"""The operator's pods as kubelet would run them: kwok only says that they run, this starts and ends the program for each."""
import os

from .cluster import ACCOUNT, NAMESPACE
from .operator_process import Operator

OPERATOR_PODS = "app.kubernetes.io/component", "operator"


def _environment(pod):
    """What the downward API of the Deployment says."""
    return {"NODE_NAME": pod["spec"]["nodeName"], "POD_NAME": pod["metadata"]["name"], "POD_NAMESPACE": NAMESPACE}


def _arguments(pod):
    """Of the container, but for the port, which all nodes share here."""
    command, *arguments = pod["spec"]["containers"][0]["args"]
    assert command == "run", command
    return [one.replace("$(POD_NAMESPACE)", NAMESPACE) for one in arguments if not one.startswith("--listen=")]


class PodPrograms:
    """`with PodPrograms(c) as programs:`; `programs.all` has every program that was ever started, by the name of its pod."""

    def __init__(self, cluster):
        self._cluster = cluster
        self.all = {}

    def __enter__(self):
        self._watch = self._cluster.watch("pods", NAMESPACE, on_change=self._on_pod)
        return self

    def __exit__(self, kind, error, trace):
        self._watch.__exit__(kind, error, trace)
        for program in self.all.values():
            program.stop()

    def _on_pod(self, change):
        pod = change.object
        name = pod["metadata"]["name"]
        label, value = OPERATOR_PODS
        if pod["metadata"].get("labels", {}).get(label) != value:
            return
        leaves = change.type == "DELETED" or pod["metadata"].get("deletionTimestamp")
        if leaves and name in self.all:
            self.all[name].ask_to_end()
        elif not leaves and name not in self.all and pod["spec"].get("nodeName"):
            self.all[name] = self._start(pod)

    def _start(self, pod):
        """With a token of its own, as each pod has one: the audit log tells the programs apart by it."""
        path = os.path.join(self._cluster.directory, f"{pod['metadata']['name']}.kubeconfig")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._cluster.script("token-kubeconfig", NAMESPACE, ACCOUNT))
        env = {key: value for key, value in self._cluster.env.items() if key != "KUBECONFIG"}
        return Operator(self._cluster.directory, path, _arguments(pod), env | _environment(pod))

    @property
    def running(self):
        return [program for program in self.all.values() if program.running]

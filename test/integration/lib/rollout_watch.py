"""Watches a rollout while it runs: who is out of service, in which order, and which flannel pods came and went."""
import collections

from .cluster import NETWORK_LABEL

CONTROL_PLANE = "node-role.kubernetes.io/control-plane"


def out_of_service(node):
    return bool(node["spec"].get("unschedulable"))


def is_control_plane(node):
    return CONTROL_PLANE in node["metadata"]["labels"]


class RolloutWatch:
    """`with RolloutWatch(c, most=2) as rollout:` raises when more than `most` nodes are cordoned at once, or more than one
    control-plane node; nodes in `admins` are cordoned by somebody else and not counted.

    order   names of the nodes in the order in which they were cordoned, once for each time
    peak    the most that were out at once
    """

    def __init__(self, cluster, most=1, admins=()):
        self._cluster, self._most, self._admins = cluster, most, set(admins)
        self._out = {}
        self.order, self.peak = [], 0

    def __enter__(self):
        self._nodes = self._cluster.watch("nodes", on_change=self._on_node)
        namespace = "kube-system" if self._cluster.canal else "kube-flannel"
        self._pods = self._cluster.watch("pods", namespace)
        self._before = {name: uids[-1] for name, uids in self._flannel_uids().items()}
        return self

    def __exit__(self, kind, error, trace):
        for watch in (self._nodes, self._pods):
            watch.__exit__(kind, error, trace)

    def _on_node(self, change):
        name = change.object["metadata"]["name"]
        if name in self._admins:
            return
        if change.type == "DELETED" or not out_of_service(change.object):
            self._out.pop(name, None)
            return
        if name not in self._out:
            self.order.append(name)
        self._out[name] = is_control_plane(change.object)
        self.peak = max(self.peak, len(self._out))
        assert len(self._out) <= self._most, f"out at once: {sorted(self._out)}, allowed are {self._most}"
        assert sum(self._out.values()) <= 1, f"control-plane nodes out at once: {sorted(self._out)}"

    def _flannel_uids(self):
        """UIDs of the flannel pods of each node, in the order in which they appeared."""
        uids = collections.defaultdict(dict)
        for change in list(self._pods.history):
            pod = change.object
            labels = pod["metadata"].get("labels", {})
            if labels.get("app") == "flannel" or labels.get("k8s-app") == "canal":
                uids[self._node_of(pod)][pod["metadata"]["uid"]] = True
        return {name: list(found) for name, found in uids.items()}

    @staticmethod
    def _node_of(pod):
        """Of a DaemonSet's pod, also before it is bound."""
        terms = pod["spec"].get("affinity", {}).get("nodeAffinity", {}).get(
            "requiredDuringSchedulingIgnoredDuringExecution", {}).get("nodeSelectorTerms", [])
        fields = [field for term in terms for field in term.get("matchFields", []) if field["key"] == "metadata.name"]
        return fields[0]["values"][0] if fields else pod["spec"].get("nodeName")

    def flannel_pods_since(self, name):
        """How many flannel pods a node got since the watch began, the first one not counted."""
        found = self._flannel_uids().get(name, [])
        return len([uid for uid in found if uid != self._before.get(name)])

    def flannel_kept(self, name):
        """The node's flannel pod of the beginning is still there."""
        return any(pod["metadata"]["uid"] == self._before[name] and "deletionTimestamp" not in pod["metadata"]
                   for pod in self._pods.objects.values())

    def check_order(self):
        """Workers by name, then control-plane nodes; each once."""
        nodes = self._cluster.nodes()
        wanted = sorted(self.order, key=lambda name: (is_control_plane(nodes[name]), name))
        assert self.order == wanted, f"order {self.order}, not {wanted}"

    def labels_seen(self, name):
        """The values of the migration label that a node went through."""
        values = []
        for change in list(self._nodes.history):
            if change.object["metadata"]["name"] == name:
                value = change.object["metadata"]["labels"].get(NETWORK_LABEL)
                if not values or values[-1] != value:
                    values.append(value)
        return values

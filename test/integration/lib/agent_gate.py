"""An agent's start held back: a step that would be over in an instant lasts until it was struck."""
from .cluster import NAMESPACE
from .move_watch import HANDS, OPERATION

POLICIES, BINDINGS = "validatingadmissionpolicies", "validatingadmissionpolicybindings"


class AgentGate:
    """`with AgentGate(lab, nodes) as gate:` the API server refuses the agents that take over the tunnels of these nodes, each
    until gate.open(node): a node that was stopped stays in Stop."""

    def __init__(self, lab, nodes):
        self._lab, self._closed = lab, set(nodes)

    def __enter__(self):
        for node in self._closed:
            self._lab.api.create(POLICIES, self._policy(node))
            self._lab.api.create(BINDINGS, self._binding(node))
        return self

    def __exit__(self, kind, error, trace):
        for node in list(self._closed):
            self.open(node)

    def open(self, node):
        if node in self._closed:
            self._closed.discard(node)
            for kind in (BINDINGS, POLICIES):
                self._lab.delete(kind, self._name(node))

    @staticmethod
    def _name(node):
        return f"no-tunnel-of-{node}-is-taken-over"

    def _policy(self, node):
        pods = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
        hands = {"matchExpressions": [{"key": OPERATION, "operator": "In", "values": list(HANDS)}]}
        return self._object("ValidatingAdmissionPolicy", node, {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [pods], "objectSelector": hands},
            "validations": [{"expression": f"object.spec.nodeName != '{node}'", "message": f"{node} stays in Stop for a while"}]})

    def _binding(self, node):
        inside = {"matchLabels": {"kubernetes.io/metadata.name": NAMESPACE}}
        return self._object("ValidatingAdmissionPolicyBinding", node, {
            "policyName": self._name(node), "validationActions": ["Deny"], "matchResources": {"namespaceSelector": inside}})

    def _object(self, kind, node, spec):
        return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": self._name(node)},
                "spec": spec}

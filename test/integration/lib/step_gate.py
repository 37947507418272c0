"""Steps of a node that would be over in an instant, made to last: the API server refuses what ends them."""
from .api import ApiError, path_of
from .cluster import NAMESPACE, NETWORK_LABEL
from .move_watch import HANDS, OPERATION, steps_before

POLICIES, BINDINGS = "validatingadmissionpolicies", "validatingadmissionpolicybindings"
KINDS = {POLICIES: "ValidatingAdmissionPolicy", BINDINGS: "ValidatingAdmissionPolicyBinding"}
PROBE = "gates-are-in-force"
# CEL: a node's label before and after.
WAS, IS = (f"{thing}.metadata.?labels[?'{NETWORK_LABEL}'].orValue('')" for thing in ("oldObject", "object"))
# What ends a step: agents that are started, or a change of the node. The other steps end when an agent has ended.
AGENTS = {"Stop": HANDS, "Start": ("verify",), "Refresh": ("clean",)}
CHANGES = {"Cordon": f"{WAS} != 'none' && {IS} == 'none'", "Hand": f"{WAS} == 'none' && {IS} != 'none'",
           "Uncordon": "oldObject.spec.?unschedulable.orValue(false) && !object.spec.?unschedulable.orValue(false)"}


class StepGate:
    """`with StepGate(lab, [("n1", "Stop")]) as gate:` n1 does not leave Stop until gate.open("n1", "Stop"), or gate.open_all("Stop"),
    or until it was seen beyond it: gate.passed("n1", step), None when it is in no step any more."""

    def __init__(self, lab, closed):
        self._lab, self._closed = lab, {one for one in closed if one[1] in (*AGENTS, *CHANGES)}

    def __enter__(self):
        for one in sorted(self._closed):
            self._create(_name(one), _policy(*one))
        # The server takes them in their order, and its time.
        self._create(PROBE, _refuse(_rule("CREATE", "configmaps"), f"object.metadata.name == '{PROBE}'", PROBE))
        self._lab.wait(self._in_force, 300, "gates in force")
        self._delete(PROBE)
        return self

    def __exit__(self, kind, error, trace):
        for one in sorted(self._closed):
            self.open(*one)

    def open(self, node, step):
        try:
            self._closed.remove((node, step))
        except KeyError:
            pass  # also when another thread has done it just now
        else:
            self._delete(_name((node, step)))

    def open_all(self, step):
        for one in sorted(self._closed):
            if one[1] == step:
                self.open(*one)

    def passed(self, node, step):
        for before in steps_before(step):
            self.open(node, before)

    def _in_force(self):
        probe = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": PROBE}}
        try:
            self._lab.api.request("POST", f"{path_of('configmaps', namespace=NAMESPACE)}?dryRun=All", probe)
        except ApiError as error:
            return PROBE in error.message
        return False

    def _create(self, name, policy):
        binding = {"policyName": name, "validationActions": ["Deny"]}
        for resource, spec in ((POLICIES, policy), (BINDINGS, binding)):
            self._lab.api.create(resource, {"apiVersion": "admissionregistration.k8s.io/v1", "kind": KINDS[resource],
                                            "metadata": {"name": name}, "spec": spec})

    def _delete(self, name):
        for resource in (BINDINGS, POLICIES):
            self._lab.delete(resource, name)


def _name(one):
    node, step = one
    return f"{node}-stays-in-{step.lower()}"


def _policy(node, step):
    message = f"{node} stays in {step} for a while"
    if step in CHANGES:
        return _refuse(_rule("UPDATE", "nodes"), f"object.metadata.name == '{node}' && {CHANGES[step]}", message)
    agents = {"matchExpressions": [{"key": OPERATION, "operator": "In", "values": list(AGENTS[step])}]}
    return _refuse(_rule("CREATE", "pods"), f"object.spec.nodeName == '{node}'", message, objectSelector=agents)


def _refuse(rule, what, message, **among):
    return {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [rule], **among},
            "validations": [{"expression": f"!({what})", "message": message}]}


def _rule(operation, resource):
    return {"apiGroups": [""], "apiVersions": ["v1"], "operations": [operation], "resources": [resource]}

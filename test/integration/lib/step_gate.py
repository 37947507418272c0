"""Steps of a node that would be over in an instant, made to last: the API server refuses what ends them."""
from .api import ApiError, path_of
from .cluster import NAMESPACE, NETWORK_LABEL
from .move_watch import OPERATION, STATE, steps_before

POLICIES, BINDINGS = "validatingadmissionpolicies", "validatingadmissionpolicybindings"
KINDS = {POLICIES: "ValidatingAdmissionPolicy", BINDINGS: "ValidatingAdmissionPolicyBinding"}
PROBE = "gates-are-in-force"
# CEL: a node's label before and after.
WAS, IS = (f"{thing}.metadata.?labels[?'{NETWORK_LABEL}'].orValue('')" for thing in ("oldObject", "object"))
# What ends a step: an agent that is started, or a change of the node. The other steps end when an agent has ended.
AGENTS = ("Stop", "Start", "Refresh")
CHANGES = {"Cordon": f"{WAS} != 'none' && {IS} == 'none'", "Hand": f"{WAS} == 'none' && {IS} != 'none'",
           "Uncordon": "oldObject.spec.?unschedulable.orValue(false) && !object.spec.?unschedulable.orValue(false)"}


class StepGate:
    """`with StepGate(lab, "Calico", [("n1", "Stop")]) as gate:` n1, on its way to Calico, does not leave Stop until
    gate.open("n1", "Stop"), or gate.open_all("Stop"), or until it was seen beyond it: gate.passed("n1", step), None when it has
    been moved. A node that goes back after a failed try is not held."""

    def __init__(self, lab, towards, closed):
        self._lab, self._towards = lab, towards
        self._closed = {one for one in closed if one[1] in (*AGENTS, *CHANGES)}

    def __enter__(self):
        for one in sorted(self._closed):
            self._create(_name(one), _policy(self._towards, *one))
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


def _policy(towards, node, step):
    """Not where the node goes back after a failed try."""
    message = f"{node} stays in {step} for a while"
    if step in CHANGES:
        moved = f"oldObject.metadata.?annotations[?'{STATE}'].orValue('').contains('\"towards\":\"{towards}\"')"
        return _refuse(_rule("UPDATE", "nodes"), f"object.metadata.name == '{node}' && {moved} && {CHANGES[step]}", message)
    operation, network = _agent_of(step, towards)
    own = f"object.spec.nodeName == '{node}' && object.spec.containers[0].args.exists(one, one == '{network}')"
    return _refuse(_rule("CREATE", "pods"), own, message, objectSelector={"matchLabels": {OPERATION: operation}})


def _agent_of(step, towards):
    """The operation that ends the step, and one of its arguments that tells the direction."""
    hand, other = ("handover", "flannel") if towards == "Calico" else ("handback", "calico")
    return {"Stop": (hand, hand), "Start": ("verify", towards.lower()), "Refresh": ("clean", other)}[step]


def _refuse(rule, what, message, **among):
    return {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [rule], **among},
            "validations": [{"expression": f"!({what})", "message": message}]}


def _rule(operation, resource):
    return {"apiGroups": [""], "apiVersions": ["v1"], "operations": [operation], "resources": [resource]}

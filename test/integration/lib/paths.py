"""Where things are in the checkout."""
import os

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
SCRIPTS = os.path.join(ROOT, "test", "cluster")
LAB = os.path.join(ROOT, "test", "lab")
CRD = os.path.join(ROOT, "crds", "flannelmigrations.yaml")
MANIFESTS = os.path.join(ROOT, "deploy", "manifests")
SAMPLES = os.path.join(ROOT, "deploy", "samples")
CHART = os.path.join(ROOT, "helm", "flannel-migration")
OPERATOR = os.path.join(ROOT, "build", "dev", "operator", "controller", "flannel-migration-operator")
AGENT = os.path.join(ROOT, "build", "dev", "operator", "agent", "flannel-migration-agent")
STAND_IN = os.path.join(ROOT, "build", "dev", "test", "lab", "calico_stand_in")


def script(name):
    return os.path.join(SCRIPTS, name)


def lab_script(name):
    return os.path.join(LAB, name)


def operator_program():
    return os.environ.get("FM_OPERATOR") or OPERATOR


def agent_program():
    return os.environ.get("FM_AGENT") or AGENT


def stand_in_program():
    return os.environ.get("FM_STAND_IN") or STAND_IN

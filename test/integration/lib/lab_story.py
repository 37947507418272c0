"""A migration and its revert on real kubelets, as one story: the tests run in the order of their names."""
import os

from . import calico_check, paths
from .lab import Lab
from .lab_case import CALICO_FILES, FLANNEL_FILES, Traffic
from .lab_faults import Faults

SECONDS = 600
WORKLOADS = (("app=web", 4), ("app=store", 2), ("app=bare", 1))


class Story:
    """Inherit from it and from LabCase; `options` are Lab's."""

    options = {"nodes": 3}

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab(calico=True, product=True, **cls.options))
        cls.before_workloads()
        cls.lab.apply(os.path.join(paths.LAB, "workloads.yaml"))
        for labels, count in (*WORKLOADS, ("app=peer", len(cls.lab.names))):
            cls.lab.wait_pods(labels, count)
        cls.expected = calico_check.expectations(cls.lab)
        cls.start_operator()

    @classmethod
    def start_operator(cls):
        cls.lab.start_operator()

    @classmethod
    def before_workloads(cls):
        """flannel runs, and no pod of ours does."""

    @classmethod
    def start_operator_beside(cls):
        """As a process of this machine: kubelet starts a pod that ends again and again ever later."""
        cls.operator = cls.lab.operator(image="flannel-migration:0.1.0").wait_ready()

    def move(self, target, phase, faults=(), **spec):
        """`faults`: steps, each with what is done to the first node that is seen in it and had none yet."""
        with Traffic(self.lab) as traffic:
            self.lab.apply_migration(target=target, **spec)
            self.provoke(faults)
            self.lab.wait_phase(phase, SECONDS)
            self.lab.settle(2)
        return traffic

    def provoke(self, faults):
        left, hit = dict(faults), set()

        def due(thing):
            active = thing.get("status", {}).get("active", [])
            return next(((one["name"], one["step"]) for one in active if one["step"] in left and one["name"] not in hit), None)

        while left:
            node, step = due(self.lab.wait_migration(due, SECONDS, f"a node in one of {sorted(left)}"))
            hit.add(node)
            print(f"{node} in {step}: {left[step].__name__}", flush=True)
            left.pop(step)(node)

    def move_through(self, target, phase, faults, seconds=SECONDS, **rollout):
        """`faults`: of lab_faults; every one has to strike in its step."""
        with Traffic(self.lab) as traffic, Faults(self.lab, self.operator, target, faults) as struck:
            self.lab.apply_migration(target=target, rollout=rollout)
            self.lab.wait_phase(phase, seconds)
            self.lab.settle(2)
        print(f"\nhit: {', '.join(struck.hit)}", flush=True)
        self.assertEqual(struck.missed, [])
        self.assert_in_service()
        return traffic

    def assert_in_service(self):
        self.assertEqual([name for name, node in self.lab.nodes().items() if node["spec"].get("unschedulable")], [])

    def assert_all_of_calico(self):
        self.assert_pods_hang_on(self.lab, "cali")
        self.assert_host_ports_lead_to_pods(self.lab)
        self.assert_no_links(self.lab, "flannel", "cni0")
        self.assert_no_rules(self.lab, "FLANNEL", "flannel")
        self.assert_no_routes(self.lab, "flannel", "cni0")
        self.assert_no_files(self.lab, FLANNEL_FILES)
        handles = [("ipamhandles", one["metadata"]["name"]) for one in self.lab.list("ipamhandles")]
        of_pods = [handle for handle in handles if handle[1].startswith("k8s-pod-network.")]
        self.assertEqual(len(of_pods), len(self.lab.pods_of_network()))
        calico_check.check_cluster(self.lab, self.expected, others=of_pods)

    def assert_all_of_flannel(self):
        self.assert_pods_hang_on(self.lab, "cni0")
        self.assert_host_ports_lead_to_pods(self.lab)
        self.assert_no_links(self.lab, "vxlan.calico", "vxlan-v6.calico", "cali")
        self.assert_no_rules(self.lab, "cali")
        self.assert_no_sets(self.lab, "cali")
        self.assert_no_routes(self.lab, "cali", "blackhole", "proto 80", "/26 via", "/122 via")
        self.assert_no_files(self.lab, CALICO_FILES)
        self.assertEqual(self.lab.list("ipamblocks") + self.lab.list("ipamhandles"), [])

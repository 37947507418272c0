"""The harness of the cluster tests: a real control plane, the operator under its own account, and ways to look at both.

    with Cluster(nodes=5, control_plane=3) as c:
        op = c.operator()
        c.apply_migration(target="Calico")
        c.wait_phase("Completed", 120)

A test file ends with `lib.main()`. Standard library only.
"""
from .api import ApiError
from .audit import AuditLog
from .cluster import Cluster
from .lab import Lab
from .operator_process import Operator
from . import paths
from .program import main

__all__ = ["ApiError", "AuditLog", "Cluster", "Lab", "Operator", "main", "paths"]

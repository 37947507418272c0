"""Fifty nodes, a fifth of them at once."""
import lib
from lib import Cluster, calico_check
from lib.migration_case import MigrationCase
from lib.rollout_watch import RolloutWatch


class ManyTest(MigrationCase):
    def test_50_nodes_20_percent(self):
        with Cluster(nodes=50, control_plane=3) as c:
            expected = calico_check.expectations(c)
            c.operator(node="cp-1").wait_ready()
            with RolloutWatch(c, most=10) as rollout:
                c.apply_migration(rollout={"maxUnavailable": "20%"})
                c.wait_phase("Completed", 240)
                self.assertEqual(rollout.peak, 10)
                self.assertEqual(set(rollout.order[-3:]), {"cp-1", "cp-2", "cp-3"})
                self.assertEqual(rollout.order[-1], "cp-1", "the operator's own node is the last one")
            self.assert_on_calico(c, expected)


if __name__ == "__main__":
    lib.main(needs_operator=True)

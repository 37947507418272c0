"""The operator killed 20 times and the API server restarted twice during one migration: the end is the same."""
import os
import random
import threading
import time
import unittest

import lib
from lib import Cluster, calico_check
from lib.migration_case import MigrationCase
from lib.rollout_watch import RolloutWatch

KILLS = 20
API_SERVER_RESTARTS = (6, 13)  # after so many kills
# The API server ends an eviction whose client was killed, but the pod keeps its place in the budget for two minutes (the
# disruption controller's DeletionTimeout); a blocked eviction is asked for again at most 12.5 s later.
AN_EVICTION_CUT_OFF = 135


class CrashTest(MigrationCase):
    def test_killed_at_random_moments(self):
        seed = int(os.environ.get("FM_SEED") or random.randrange(1 << 32))
        print(f"FM_SEED={seed}", flush=True)
        chance = random.Random(seed)
        with Cluster(nodes=6, control_plane=1, pods_per_node=1) as c:
            expected = calico_check.expectations(c)
            operator = c.operator()
            with RolloutWatch(c, most=2) as rollout:
                c.apply_migration(rollout={"maxUnavailable": 2})
                self.kill_often(c, operator, chance)
                c.wait_phase("Completed", 120 + AN_EVICTION_CUT_OFF)
                self.assertEqual(set(rollout.order), set(expected))
                # A crash may neither make a node move twice, nor give a moved node flannel again.
                self.assertEqual(len(rollout.order), len(expected), rollout.order)
                for name in expected:
                    self.assertEqual(rollout.flannel_pods_since(name), 0, name)
            self.assert_on_calico(c, expected)
            self.assertEqual([one for one in operator.log(level="error")], [])
            self.assertLess(operator.terminate(), 2.0)

    def kill_often(self, c, operator, chance):
        restarts = []
        for kill in range(KILLS):
            # Long enough to plan and write something, short enough to hit each step.
            time.sleep(chance.uniform(0.1, 2.0))
            operator.restart()
            if kill in API_SERVER_RESTARTS:
                restarts.append(threading.Thread(target=c.restart_apiserver, args=(1,)))
                restarts[-1].start()
        for restart in restarts:
            restart.join()


class StopTest(MigrationCase):
    """SIGTERM while nodes are on their way: at an end within two seconds, and the next one goes on."""

    def test_sigterm(self):
        with Cluster(nodes=2, pods_per_node=1) as c:
            expected = calico_check.expectations(c)
            operator = c.operator(leader_elect=True)
            c.fail("agent-hangs", "node-0001", "handover")
            c.apply_migration()
            self.wait_step(c, "node-0001", "HandOver")
            self.assertLess(operator.terminate(), 2.0)
            # The lease was given back: the next one need not wait for its end.
            operator.start()
            started = time.monotonic()
            c.unfail()
            c.wait_phase("Completed", 90)
            self.assertLess(time.monotonic() - started, 60)
            self.assert_on_calico(c, expected)


if __name__ == "__main__":
    lib.main(needs_operator=True)

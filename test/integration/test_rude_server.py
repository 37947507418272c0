"""The operator beside an API server whose lists and watches are not what they should be."""
import lib
from lib.peer_case import PeerCase
from lib.small_cluster import MIGRATION


class GoodServerTest(PeerCase):
    def test_beside_a_good_server_the_operator_plans_and_ends(self):
        operator = self.start_ready(leader_elect=True)
        self.assertEqual(self.api.find("FlannelMigration", MIGRATION)["status"]["phase"], "Planned")
        self.assertEqual(operator.http("/healthz")[0], 200)
        self.assert_small()
        self.assert_ends()
        self.assertEqual(self.api.list("Lease")[0]["spec"]["holderIdentity"], "")


if __name__ == "__main__":
    lib.main(needs_cluster=False, needs_operator=True)

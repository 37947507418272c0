"""The operator beside an API server whose lists and watches are not what they should be."""
import unittest

import lib
from lib.peer_case import LIST_NODES, NODES, WATCH_NODES, PeerCase
from lib.rude_server import Asked, page, refuse
from lib.small_api import collection
from lib.small_cluster import MIGRATION, extra_node, migration, small_cluster

MANY = 7       # watches that fail one after the other: six seconds of back-off
WINDOW = 6     # seconds of watching how often something is asked for
TOO_LARGE = {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}], "retryAfterSeconds": 1}


def status(code, reason, message, **more):
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message} | more


class GoodServerTest(PeerCase):
    def test_beside_a_good_server_the_operator_plans_and_ends(self):
        operator = self.start_ready(leader_elect=True)
        self.assertEqual(self.api.find("FlannelMigration", MIGRATION)["status"]["phase"], "Planned")
        self.assertEqual(operator.http("/healthz")[0], 200)
        self.assert_small()
        self.assert_ends()
        self.assertEqual(self.api.list("Lease")[0]["spec"]["holderIdentity"], "")


class RefusedWatchTest(PeerCase):
    """14: whatever the server has against a version, only a new list helps."""

    def assert_listed_again(self, answer):
        self.server.answer(WATCH_NODES, answer)
        self.start()
        self.server.wait_until(lambda: len(self.server.seen(LIST_NODES)) > 1 or len(self.server.seen(WATCH_NODES)) > MANY)
        self.assertGreater(len(self.server.seen(LIST_NODES)), 1, f"{MANY} watches failed, and there was no other list")

    def test_a_watch_from_a_version_that_is_too_large_leads_to_a_new_list(self):
        self.assert_listed_again(lambda exchange: exchange.json(
            504, status(504, "Timeout", "Too large resource version: 1006, current: 7", details=TOO_LARGE), Retry_After="1"))

    def test_a_line_of_a_watch_that_says_too_large_leads_to_a_new_list(self):
        def answer(exchange):
            exchange.begin()
            exchange.line("ERROR", status(504, "Timeout", "Too large resource version: 1006, current: 7", details=TOO_LARGE))
            exchange.end()

        self.assert_listed_again(answer)

    def test_a_watch_from_a_version_that_is_invalid_leads_to_a_new_list(self):
        self.assert_listed_again(refuse(400, "BadRequest", "invalid resource version \"1006\""))

    def test_a_watch_that_fails_again_and_again_leads_to_a_new_list(self):
        self.assert_listed_again(refuse(500, "InternalError", "the watch cache is not what it was"))


class EndlessTest(PeerCase):
    def test_a_continue_token_that_leads_to_itself_is_not_followed_for_ever(self):
        """20"""
        page_of_nodes = {"kind": "NodeList", "apiVersion": "v1", "metadata": {"resourceVersion": "7", "continue": "again"},
                         "items": small_cluster(1)[:1]}
        self.server.answer(LIST_NODES, lambda exchange: exchange.json(200, page_of_nodes))
        self.start()
        self.assertLess(self.server.count_up_to(LIST_NODES, 200, WINDOW), 200)

    def assert_watches_become_rare(self, version_of):
        """21: where each of them ends after one BOOKMARK, with version_of(the version that was asked for)."""
        def answer(exchange):
            exchange.begin()
            version = version_of(exchange.request.query.get("resourceVersion", ""))
            exchange.line("BOOKMARK", {"kind": "Node", "apiVersion": "v1", "metadata": {"resourceVersion": version}})
            exchange.end()

        self.server.answer(WATCH_NODES, answer)
        self.start()
        self.assertLess(self.server.count_up_to(WATCH_NODES, 50, WINDOW), 50)

    def test_watches_that_end_without_progress_become_rare(self):
        self.assert_watches_become_rare(lambda version: version)

    def test_watches_that_end_without_a_version_become_rare(self):
        self.assert_watches_become_rare(lambda _: "")

    def test_watches_that_end_after_one_version_become_rare(self):
        self.assert_watches_become_rare(lambda version: str(int(version) + 1))


class BackupTest(PeerCase):
    """24: etcd is restored, and every version is lower than what the operator has seen."""

    def test_a_node_that_a_restored_backup_has_not_got_is_gone(self):
        backup = self.api.backup()
        self.start_ready()
        self.api.create(extra_node(self.NODES))
        self.wait_progress(f"0/{self.NODES + 1}")
        self.api.restore(backup)
        self.wait_progress(f"0/{self.NODES}")

    def test_a_migration_that_a_restored_backup_has_not_got_is_gone(self):
        self.api.delete("FlannelMigration", MIGRATION)
        backup = self.api.backup()
        self.api.create(migration())
        operator = self.start_ready()
        self.wait_until(operator.follows_a_migration, "a migration that is followed")
        self.api.restore(backup)
        self.wait_until(lambda: not operator.follows_a_migration(), "the end of the migration that is gone")


class WrongAnswerTest(PeerCase):
    """26: an answer counts when it is what was asked for."""

    def assert_nodes_stay(self, answer):
        """However often nodes are asked for, and answered so: three of them are known."""
        self.start_ready()
        self.server.answer(LIST_NODES, answer)
        self.server.answer(WATCH_NODES, lambda exchange: (exchange.begin(), exchange.silence()))
        self.api.expire_watches()
        self.assertTrue(self.server.wait_until(lambda: len(self.server.seen(LIST_NODES)) >= 5 or len(self.progresses()) > 1))
        self.assertEqual(self.progresses(), {f"0/{self.NODES}"})

    def progresses(self):
        return {status["progress"] for status in self.statuses()}

    def test_a_page_that_is_not_found_makes_no_node_vanish(self):
        self.assert_nodes_stay(page(404, "404 page not found"))

    def test_a_kind_of_the_core_that_is_not_found_makes_no_node_vanish(self):
        self.assert_nodes_stay(refuse(404, "NotFound", "the server could not find the requested resource"))

    def test_an_object_that_is_no_list_makes_no_node_vanish(self):
        self.assert_nodes_stay(lambda exchange: exchange.json(200, {"status": "ok"}))

    def test_a_list_of_another_kind_makes_no_node_vanish(self):
        self.assert_nodes_stay(lambda exchange: exchange.json(
            200, {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "2000"}, "items": []}))

    def test_daemon_sets_that_are_not_found_do_not_block_a_plan(self):
        sets = Asked("GET", collection("DaemonSet"), watch=False)
        self.start_ready()
        self.server.answer(sets, page(404, "404 page not found"))
        self.api.expire_watches()
        self.server.wait_for(sets, 5)
        self.assertNotIn("Blocked", {status["phase"] for status in self.statuses()})


if __name__ == "__main__":
    lib.main(needs_cluster=False, needs_operator=True)

"""The operator beside an API server, and under clients, that say too much: its memory has a bound."""
import contextlib
import http.client
import resource
import socket
import unittest

import lib
from lib.peer_case import LEASE, LIST_NODES, POD_LIMIT, PeerCase
from lib.rude_server import Asked
from lib.small_api import EXPIRED, kind_at

NUMBERS = 3_900_000    # 7.8 MB
FLOOD = 2 * POD_LIMIT  # bytes that a peer would send if nobody stopped it
BLOCK = 1 << 16
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
LISTS = Asked("GET", r"/(api|apis/[^/]+)/[^/]+/.+", watch=False)  # not discovery
WATCHES = Asked("GET", ".*", watch=True)


def flood_of(head, piece):
    """An answer that begins with `head`, and goes on with `piece` as long as anybody listens."""
    block = piece * (BLOCK // len(piece))

    def answer(exchange):
        exchange.raw(head)
        exchange.flood(block, FLOOD)
        exchange.hang_up()

    return answer


class EndlessAnswerTest(PeerCase):
    """15: everything in front of a body and behind it has a bound."""

    def assert_bounded(self, head, piece):
        self.server.answer(LIST_NODES, flood_of(head, piece))
        self.start()
        self.wait_until(lambda: len(self.server.seen(LIST_NODES)) > 1 or self.operator.peak_rss_bytes() > POD_LIMIT,
                        "an answer that is given up, and asked for again")
        self.assert_small()

    def test_headers_without_end_are_given_up(self):
        self.assert_bounded(b"HTTP/1.1 200 OK\r\n", b"X-Header: " + b"v" * 100 + b"\r\n")

    def test_a_header_without_end_is_given_up(self):
        self.assert_bounded(b"HTTP/1.1 200 OK\r\nX-Header: ", b"v")

    def test_a_status_line_without_end_is_given_up(self):
        self.assert_bounded(b"HTTP/1.1 200 ", b"v")

    def test_answers_to_come_without_end_are_given_up(self):
        self.assert_bounded(b"", b"HTTP/1.1 100 Continue\r\n\r\n")

    def test_trailers_without_end_are_given_up(self):
        self.assert_bounded(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-Trailer: " + b"v" * 100 + b"\r\n")

    def test_a_trailer_without_end_is_given_up(self):
        self.assert_bounded(CHUNKED + b"2\r\n{}\r\n0\r\nX-Trailer: ", b"v")

    def test_the_extension_of_a_chunk_without_end_is_given_up(self):
        self.assert_bounded(CHUNKED + b"2;x=", b"v")


class LargeObjectTest(PeerCase):
    """16: what is not kept of an object takes no memory."""

    @staticmethod
    def large(request, count):
        """An object of the kind that is asked for, with so many small numbers: two bytes each, and sixteen as a document."""
        version, kind = kind_at(request.path)
        return f'{{"apiVersion":"{version}","kind":"{kind}","metadata":{{"name":"large","resourceVersion":"6"}},'.encode() + \
            b'"status":{"numbers":[' + b"1," * count + b"1]}}"

    def answer_list(self, exchange):
        version, kind = kind_at(exchange.request.path)
        exchange.begin()
        exchange.chunk(f'{{"kind":"{kind}List","apiVersion":"{version}","metadata":{{"resourceVersion":"7"}},"items":[')
        exchange.chunk(self.large(exchange.request, NUMBERS) + b"]}")
        exchange.end()

    def answer_watch(self, exchange):
        exchange.begin()
        exchange.chunk(b'{"type":"ADDED","object":' + self.large(exchange.request, NUMBERS) + b"}\n")
        exchange.line("ERROR", EXPIRED)
        exchange.end()

    def wait_for_ten_kinds(self, asked):
        self.assertTrue(self.server.wait_until(lambda: len({request.path for request in self.server.seen(asked)}) >= 10))

    def test_many_small_numbers_in_every_list_do_not_fill_the_memory(self):
        self.server.answer(LISTS, self.answer_list)
        self.start()
        self.wait_for_ten_kinds(WATCHES)
        self.assert_small()

    def test_many_small_numbers_in_every_watch_do_not_fill_the_memory(self):
        self.server.answer(WATCHES, self.answer_watch)
        self.start()
        self.server.wait_for(LIST_NODES, 2)
        self.assert_small()

    def test_many_small_numbers_in_a_lease_do_not_fill_the_memory(self):
        self.server.answer(LEASE, lambda exchange: exchange.send(200, self.large(exchange.request, 5 * NUMBERS)))
        self.start(leader_elect=True)
        self.server.wait_for(LEASE, 2)
        self.assert_small()


class LargeRequestTest(PeerCase):
    """17 and 23: what clients send to /healthz is not kept."""

    def flood(self, head, piece, size=FLOOD):
        block, sent = piece * (BLOCK // len(piece)), 0
        with socket.create_connection(("127.0.0.1", self.operator.port)) as client, contextlib.suppress(OSError):
            client.sendall(head)
            while sent < size:
                client.sendall(block)
                sent += len(block)

    def assert_still_well(self):
        self.assertTrue(self.operator.running, self.operator.log_tail())
        connection = http.client.HTTPConnection("127.0.0.1", self.operator.port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", "/healthz")
            self.assertEqual(connection.getresponse().status, 200)

    def test_a_large_body_is_not_kept(self):
        self.start_ready()
        self.flood(f"POST /healthz HTTP/1.1\r\nHost: rude\r\nContent-Length: {FLOOD}\r\n\r\n".encode(), b"v")
        self.assert_still_well()
        self.assert_small()

    def test_many_headers_are_not_kept(self):
        self.start_ready()
        self.flood(b"GET /healthz HTTP/1.1\r\nHost: rude\r\n", b"X-Header: " + b"v" * 100 + b"\r\n")
        self.assert_still_well()
        self.assert_small()

    def test_a_body_that_is_larger_than_all_memory_does_not_end_the_operator(self):
        """23"""
        operator = self.start_ready()
        memory = 1500 << 20
        resource.prlimit(operator.pid, resource.RLIMIT_AS, (memory, memory))
        self.flood(f"POST /healthz HTTP/1.1\r\nHost: rude\r\nContent-Length: {2 * memory}\r\n\r\n".encode(), b"v", 2 * memory)
        self.assert_still_well()
        self.assert_small()


if __name__ == "__main__":
    lib.main(needs_cluster=False, needs_operator=True)

#!/usr/bin/env python3
"""Speaks TCP until it is interrupted, from the network namespace that it is started in; then says what had no answer.

usage: talk.py stream|request HOST PORT [FIRST_SOURCE_PORT]
  stream    one connection; an echo is asked for every 20 ms
  request   a new connection every 50 ms, for an HTTP request; from one source port after the other, where one is given
"""
import errno
import json
import socket
import sys
import time

PATIENCE = 30  # seconds that an answer may take: TCP brings it late where the machine is busy, and never where a path is cut
LINE = b"is anybody there?\n"


class Stream:
    PAUSE = 0.02

    def __init__(self, address):
        self._address, self._socket = address, None

    def ask(self):
        try:
            if not self._socket:
                self._socket = socket.create_connection(self._address, PATIENCE)
            self._socket.sendall(LINE)
            received = b""
            while len(received) < len(LINE):
                piece = self._socket.recv(len(LINE))
                if not piece:
                    raise OSError("the other side ended the connection")
                received += piece
        except OSError:
            self._socket = None
            raise


class Request:
    PAUSE = 0.05

    def __init__(self, address, source_port=0):
        self._address, self._source_port = address, source_port

    def _bind(self, connection):
        # Others may talk from it to somebody else.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound = False
        while not bound:
            self._source_port += 1
            bound = self._is_bound(connection)

    def _is_bound(self, connection):
        """Not where somebody listens at that port."""
        try:
            connection.bind(("", self._source_port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
        return True

    def ask(self):
        with socket.socket() as connection:
            connection.settimeout(PATIENCE)
            if self._source_port:
                self._bind(connection)
            connection.connect(self._address)
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            if b" 200 " not in connection.recv(4096):
                raise OSError("no answer 200")


def talk(speaker):
    asked, failures, slowest = 0, [], 0
    try:
        while True:
            began = time.time()
            asked += 1
            try:
                speaker.ask()
                slowest = max(slowest, time.time() - began)
            except OSError as error:
                failures.append((began, time.time(), str(error)))
            time.sleep(speaker.PAUSE)
    except KeyboardInterrupt:
        print(json.dumps({"asked": asked, "slowest": slowest, "failures": failures}))


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    kind = {"stream": Stream, "request": Request}[sys.argv[1]]
    talk(kind((sys.argv[2], int(sys.argv[3])), *map(int, sys.argv[4:])))


if __name__ == "__main__":
    main()

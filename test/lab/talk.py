#!/usr/bin/env python3
"""Speaks TCP until it is interrupted, from the network namespace that it is started in; then says what had no answer.

usage: talk.py stream|request HOST PORT
  stream    one connection; an echo is asked for every 20 ms
  request   a new connection every 50 ms, for an HTTP request
"""
import json
import socket
import sys
import time

PATIENCE = 2  # seconds that an answer may take
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

    def __init__(self, address):
        self._address = address

    def ask(self):
        with socket.create_connection(self._address, PATIENCE) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            if b" 200 " not in connection.recv(4096):
                raise OSError("no answer 200")


def talk(speaker):
    asked, failures = 0, []
    try:
        while True:
            began = time.time()
            asked += 1
            try:
                speaker.ask()
            except OSError as error:
                failures.append((began, str(error)))
            time.sleep(speaker.PAUSE)
    except KeyboardInterrupt:
        print(json.dumps({"asked": asked, "failures": failures}))


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    kind = {"stream": Stream, "request": Request}[sys.argv[1]]
    talk(kind((sys.argv[2], int(sys.argv[3]))))


if __name__ == "__main__":
    main()

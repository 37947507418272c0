"""Files that are given to the operator by somebody who means no good, or makes a mistake: YAML, tokens, certificates."""
import os
import resource
import subprocess
import unittest

import lib
from lib import loopback_pki, paths
from lib.peer_case import PeerCase
from lib.small_cluster import MIGRATION

MEMORY = 1 << 30  # bytes that `plan` may ask for
SECONDS = 60      # it may take
BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
HEAD = f"apiVersion: cni-migration.io/v1alpha1\nkind: FlannelMigration\nmetadata: {{name: {MIGRATION}}}\n"


def bomb(levels=12):
    """Aliases of aliases: ten to the power of `levels` scalars."""
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, levels)]
    return "\n".join(lines) + "\n"


class YamlTest(PeerCase):
    """22: what cannot be a FlannelMigration, or a kubeconfig, is refused at once."""

    def plan(self, text, kubeconfig=None):
        """`plan -f -`; its error, after it has ended by itself as it does when something is unreadable."""
        command = [paths.operator_program(), "plan", "-f", "-", "--kubeconfig", kubeconfig or self.kubeconfig()]
        done = subprocess.run(command, input=text, text=True, capture_output=True, timeout=SECONDS, check=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)))
        self.assertEqual(done.returncode, 2, done.stderr[-1000:])
        return done.stderr

    def plan_with_kubeconfig(self, text):
        path = os.path.join(self.directory, "bad-kubeconfig")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return self.plan(HEAD + "spec: {mode: Plan}\n", path)

    def test_an_alias_that_leads_to_itself_is_refused(self):
        self.plan(HEAD + "spec: &self {mode: Plan, again: *self}\n")

    def test_aliases_of_aliases_are_refused(self):
        self.plan(HEAD + bomb() + "spec: {mode: Plan}\n")

    def test_a_document_that_is_too_deep_is_refused(self):
        self.plan(HEAD + "spec: " + "[" * 200_000 + "]" * 200_000 + "\n")

    def test_a_document_that_is_too_large_is_refused(self):
        self.plan(HEAD + "spec: [" + "x, " * 20_000_000 + "x]\n")

    def test_a_kubeconfig_that_is_too_deep_is_refused(self):
        self.plan_with_kubeconfig("clusters: " + "[" * 200_000 + "]" * 200_000 + "\n")


class CredentialsTest(PeerCase):
    """31"""

    def test_a_line_break_in_a_token_makes_no_header(self):
        self.start(token="abc\r\nX-Injected: yes")
        self.wait_until(lambda: self.server.requests or not self.operator.running, "a request, or an end")
        self.assertEqual([request.path for request in self.server.requests if request.headers["X-Injected"]], [])

    def test_a_bundle_with_a_broken_certificate_is_refused_and_not_cut(self):
        bundle = os.path.join(self.directory, "bundle.crt")
        with open(bundle, "w", encoding="utf-8") as file:
            file.write(self.read(self.another_pki().authority) + BROKEN + self.read(self.pki.authority))
        operator = self.start(authority=bundle)
        self.wait_until(lambda: self.server.requests or not operator.running, "an end, or all of the bundle", 20)
        if not operator.running:
            self.assertNotEqual(operator.exit_code, 0)
            self.assertTrue(self.log_lines("certificate"), operator.log_tail())

    def test_an_authority_that_is_replaced_is_read_again(self):
        authority, another = os.path.join(self.directory, "authority.crt"), self.another_pki()
        self.replace(authority, self.read(self.pki.authority))
        self.start_ready(authority=authority)
        self.replace(authority, self.read(another.authority))
        self.server.show_certificate(another)
        before = len(self.server.requests)
        self.server.cut_connections()
        self.wait_until(lambda: len(self.server.requests) > before, "a request on a connection with the other certificate")

    def another_pki(self):
        folder = os.path.join(self.directory, "another")
        os.mkdir(folder)
        return loopback_pki.Pki(folder)

    @staticmethod
    def read(path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    @staticmethod
    def replace(path, text):
        """As a ConfigMap's volume does: all at once."""
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(path + ".new", path)


if __name__ == "__main__":
    lib.main(needs_cluster=False, needs_operator=True)

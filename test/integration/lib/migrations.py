"""FlannelMigrations of a cluster, as a user handles them and follows their status."""
import json

from . import paths, shell
from .api import ApiError

MIGRATION = "migration"
API_VERSION = "cni-migration.io/v1alpha1"


class Migrations:
    """A part of Cluster, whose `account_kubeconfig`, `api`, `kubectl`, `patch`, `get`, `find`, `wait` and `watch` it uses."""

    @staticmethod
    def _thing(name, spec):
        return {"apiVersion": API_VERSION, "kind": "FlannelMigration", "metadata": {"name": name}, "spec": spec}

    def apply_migration(self, name=MIGRATION, **spec):
        """Creates the FlannelMigration, or changes these fields of its spec where it exists."""
        try:
            return self.api.create("flannelmigrations", self._thing(name, spec))
        except ApiError as error:
            if error.status != 409:
                raise
            return self.edit_migration(name, **spec)

    def edit_migration(self, name=MIGRATION, **spec):
        """As `kubectl edit`: a merge patch of the spec; None removes a field."""
        return self.patch("flannelmigrations", name, {"spec": spec})

    def plan_file(self, path, stdin=None):
        """`flannel-migration-operator plan -f`, with the operator's own rights; the finished process."""
        return shell.attempt([paths.operator_program(), "plan", "--kubeconfig", self.account_kubeconfig(), "-f", path], stdin)

    def plan_command(self, name=MIGRATION, **spec):
        """The same for such a FlannelMigration."""
        return self.plan_file("-", json.dumps(self._thing(name, spec)))

    def replace_migration(self, name=MIGRATION, **spec):
        """As `kubectl replace`, with a file that says only this."""
        self.kubectl("replace", "-f", "-", stdin=json.dumps(self._thing(name, spec)))

    def migration(self, name=MIGRATION):
        return self.get("flannelmigrations", name)

    def status(self, name=MIGRATION):
        return self.migration(name).get("status", {})

    def condition(self, kind, name=MIGRATION):
        """The condition, or None."""
        return next((one for one in self.status(name).get("conditions", []) if one["type"] == kind), None)

    def findings(self, name=MIGRATION):
        """Preflight findings by id."""
        return {finding["id"]: finding for finding in self.status(name).get("preflight", [])}

    def wait_finding(self, kind, name=MIGRATION):
        """Until preflight has found it; the finding."""
        def found(thing):
            return next((one for one in thing.get("status", {}).get("preflight", []) if one["id"] == kind), None)

        return found(self.wait_migration(found, 60, f"the finding {kind}", name))

    def wait_mended(self, kind, name=MIGRATION):
        """Until preflight does not find it any more: rights are asked for again every 30 s."""
        def mended(thing):
            return all(one["id"] != kind for one in thing.get("status", {}).get("preflight", []))

        self.wait_migration(mended, 60, f"the finding {kind} gone", name)

    def follow_fix(self, finding):
        """As a user who pastes the commands of its fix."""
        for command in finding["fix"].split(" && "):
            program, *arguments = command.split()
            assert program == "kubectl", command
            self.kubectl(*arguments)

    def wait_migration(self, predicate, timeout, what, name=MIGRATION):
        """Until predicate(the FlannelMigration) is true; the object. A failure shows its status."""
        def look(objects):
            thing = objects.get(name)
            return thing if thing and predicate(thing) else None

        with self.watch("flannelmigrations") as watch:
            found = watch.wait(look, timeout)
            if not found:
                thing = watch.objects.get(name, {})
                raise AssertionError(f"after {timeout} s still not: {what}\n{self._describe(thing)}")
            return found

    @staticmethod
    def _describe(thing):
        status = thing.get("status", {})
        keys = ("observedGeneration", "phase", "message", "progress", "nodes", "active", "failed", "conditions")
        blocking = [one for one in status.get("preflight", []) if one.get("severity") == "Block"]
        return json.dumps({key: status.get(key) for key in keys} | {"blocking": blocking}, indent=1)

    def wait_phase(self, phase, timeout, name=MIGRATION):
        """Until the status speaks of the present spec and has this phase; the object."""
        def reached(thing):
            status = thing.get("status", {})
            current = status.get("observedGeneration", 0) >= thing["metadata"]["generation"]
            return current and status.get("phase") == phase

        return self.wait_migration(reached, timeout, f"phase {phase}", name)

    def wait_progress(self, migrated, timeout, name=MIGRATION):
        """Until at least so many nodes are on Calico."""
        return self.wait_migration(lambda thing: thing.get("status", {}).get("nodes", {}).get("calico", 0) >= migrated,
                                   timeout, f"{migrated} nodes on Calico", name)

    def wait_gone(self, timeout, name=MIGRATION):
        self.wait(lambda: not self.find("flannelmigrations", name), timeout, f"FlannelMigration {name} gone")

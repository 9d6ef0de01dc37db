"""What tests of the keys of a service share."""


import saker_harness
from services_harness import table


class DefinitionsTest(saker_harness.TestCase):
    def run_service(self, keys, name="a", exec_='{"sleep", "1000"}', **options):
        return self.start(services=f'service "{name}" {{exec = {exec_}, '
                                   f'{keys}}}', **options)

    def running(self, name="a", other_than=0):
        """The pid of a running instance."""
        def pid():
            row = self.saker.status(name)[name]
            new = int(row["pid"]) not in (0, other_than)
            return row["state"] == "running" and new and int(row["pid"])
        return self.wait_until(pid, what=f"{name} running anew")

    def sv(self, *words):
        """An SV command about one instance: (code, desc)."""
        row = table(self.saker.client().execute_command(*words)[0])
        return int(row["code"]), row["desc"]

    def apply(self, text=None):
        if text is not None:
            self.saker.write_services(text)
        return table(self.saker.client().execute_command("SVAPPLY"))

    def text_of(self, name):
        """What stands in a file of the Saker's directory; "" if it is not
        there."""
        try:
            return (self.saker.dir / name).read_text()
        except OSError:
            return ""

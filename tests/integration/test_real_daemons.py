"""Programs of Debian that go into the background (Q11a, T-C2)."""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemons_harness import DaemonTest, read_pid  # noqa: E402
from saker_harness import children_of, free_port, process  # noqa: E402
from services_harness import (  # noqa: E402
    answers_ping, is_memcached, nginx_config, says_hello)


class RealDaemons(DaemonTest):
    def nginx(self, port):
        saker = self.make()
        config = self.file("nginx.conf", f"error_log {saker.dir}/error.log;"
                           + nginx_config(saker.dir, port))
        saker.write_services(f"""
            service "web" {{
              exec = {{"/usr/sbin/nginx", "-c", "{config}"}},
              daemon = {{pidfile = "{saker.dir}/nginx.pid"}},
              match = "^nginx: master", stop = "QUIT 5s TERM 2s KILL",
            }}""")
        saker.start()
        return saker, lambda: says_hello(port)

    def test_q11a_t_c2_nginx(self):
        port = free_port()
        saker, works = self.nginx(port)
        self.live_through_all("web", works, lambda: self.refused(port),
                              saker.dir / "nginx.pid")
        self.assertEqual(self.pid("web"), read_pid(saker.dir / "nginx.pid"))
        # The workers of a dead master hold the port: they must go with it.
        master = self.pid("web")
        workers = [process(x) for x in children_of(master)]
        os.kill(master, signal.SIGKILL)
        self.wait_for_pid("web", other_than=master)
        self.assertFalse([x for x in workers if x.alive()])

    def test_q11a_an_upgrade_of_nginx_is_followed_without_a_restart(self):
        port = free_port()
        saker, works = self.nginx(port)
        old = self.wait_for_pid("web")
        events = self.events("saker:test:web:*")
        self.done("SVSIGNAL", "USR2", "web")
        pidfile = saker.dir / "nginx.pid"
        new = self.wait_until(
            lambda: read_pid(pidfile) != old and read_pid(pidfile),
            what="a new master")
        self.wait_until(lambda: children_of(new), what="its workers")
        saker.note_processes()
        self.done("SVSIGNAL", "QUIT", "web")
        told = events.wait_for("web", "adopted")
        self.assertEqual((told["pid"], told["to"]), (new, "running"))
        row = self.status("web")["web"]
        self.assertEqual((row["state"], row["pid"], row["restarts"]),
                         ("running", new, 0))
        self.assertEqual(events.names("web"), ["adopted"])
        self.assertTrue(works())
        saker.wait_for_log(f"goes on as pid {new}")
        # It is the child now: its end is an end.
        os.kill(new, signal.SIGKILL)
        self.assertEqual(events.wait_for("web", "exit")["signal"], "SIGKILL")
        self.wait_until(works, what="serves after kill -9")
        self.done("SVSTOP", "web", "WAIT", "10000")
        self.assertTrue(self.refused(port))

    def test_q11a_t_c2_redis_server(self):
        port = free_port()
        saker = self.make()
        saker.write_services(f"""
            service "cache" {{
              exec = {{"redis-server", "--port", "{port}", "--bind",
                       "127.0.0.1", "--save", "", "--daemonize", "yes",
                       "--pidfile", "{saker.dir}/redis.pid"}},
              daemon = {{pidfile = "{saker.dir}/redis.pid"}},
              dir = "{saker.dir}",
            }}""")
        saker.start()

        self.live_through_all("cache", lambda: answers_ping(port),
                              lambda: self.refused(port),
                              saker.dir / "redis.pid")

    def test_q11a_t_c2_memcached(self):
        port = free_port()
        saker = self.make()
        home = saker.dir / "mem"
        home.mkdir()
        user = ""
        if os.geteuid() == 0:
            # A directory of the daemon's own user, as in /run.
            os.chown(home, 65534, -1)
            user = 'user = "nobody",'
            saker.dir.chmod(0o755)
        saker.write_services(f"""
            service "mem" {{
              exec = {{"memcached", "-d", "-P", "{home}/mem.pid",
                       "-l", "127.0.0.1", "-p", "{port}"}},
              daemon = {{pidfile = "{home}/mem.pid"}}, {user}
            }}""")
        saker.start()

        self.live_through_all("mem", lambda: is_memcached(port),
                              lambda: self.refused(port),
                              home / "mem.pid")

    def test_q11a_t_c2_sshd(self):
        port = free_port()
        saker = self.make()
        key = saker.dir / "host_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                        "-f", str(key)], check=True)
        folder = pathlib.Path("/run/sshd")
        if os.geteuid() == 0 and not folder.exists():
            folder.mkdir(0o755)  # sshd will not start without it
            self.addCleanup(folder.rmdir)
        config = self.file("sshd_config", f"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {key}
            PidFile {saker.dir}/sshd.pid
            UsePAM no
            StrictModes no
            """)
        saker.write_services(f"""
            service "ssh" {{
              exec = {{"/usr/sbin/sshd", "-f", "{config}"}},
              daemon = {{pidfile = "{saker.dir}/sshd.pid"}},
              match = "^sshd: /usr/sbin/sshd",
            }}""")
        saker.start()

        def works():
            with socket.create_connection(("127.0.0.1", port), 5) as s:
                s.settimeout(5)
                return s.recv(100).startswith(b"SSH-2.0")

        self.live_through_all("ssh", works, lambda: self.refused(port),
                              saker.dir / "sshd.pid")


if __name__ == "__main__":
    unittest.main()

"""The same bytes to a real redis-server and to Saker: the same replies, in
RESP2 and RESP3, for every command that both have. What differs is in
DIFFERENT, with its reason, and must differ: a reason without a difference
fails too."""
import difflib
import hashlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402

PASSWORD = "correct horse"


class RedisServer:
    """A redis-server without files, in a directory of its own."""

    def __init__(self, *options):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="saker-redis-"))
        self.port = saker_harness.free_port()
        with open(self.dir / "output", "wb") as log:
            self.process = subprocess.Popen(
                ["redis-server", "--port", str(self.port), "--bind",
                 "127.0.0.1", "--save", "", "--appendonly", "no",
                 "--enable-debug-command", "yes", "--dir", str(self.dir),
                 *options], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        try:
            saker_harness.wait_until(self._answers, 20, "redis-server")
        except AssertionError:
            self.close()
            raise

    def _answers(self):
        with socket.create_connection(("127.0.0.1", self.port), 1) as s:
            s.settimeout(1)
            s.sendall(b"PING\r\n")
            return s.recv(64).startswith((b"+PONG", b"-NOAUTH"))

    def close(self):
        self.process.kill()  # it has nothing to save
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


class Wire:
    """One connection, as bytes."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.settimeout(10 * saker_harness.PATIENCE)
        self.got = b""
        self.count = 0

    def send(self, data):
        self.socket.sendall(data)

    def settle(self):
        """Waits until all that was sent is answered. Nothing of it stays in
        `got`."""
        self.count += 1
        marker = b"marker-%d" % self.count
        self.send(b"*2\r\n$4\r\nPING\r\n$%d\r\n%s\r\n" % (len(marker), marker))
        form = re.compile(rb"(\*2\r\n\$4\r\npong\r\n)?\$\d+\r\n%s\r\n" % marker)
        while not form.search(self.got):
            more = self.socket.recv(65536)
            if not more:
                raise AssertionError(f"closed after {self.got!r}")
            self.got += more
        self.got = form.sub(b"", self.got)

    def rest(self):
        """What comes until the other end closes."""
        while True:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                self.socket.close()
                return self.got
            self.got += more


def lines(*texts):
    """Inline commands."""
    return b"".join(x if isinstance(x, bytes) else x.encode() + b"\r\n"
                    for x in texts)


# -- what is compared ------------------------------------------------------------

# Commands of one connection. QUIT follows, and the end of the bytes counts.
CASES = {
    "ping": ["PING", "PING hi", "PING a b", "ping", "PiNg"],
    "echo": ["ECHO x", 'ECHO "a\\r\\nb\\x00"', 'ECHO ""', "ECHO", "ECHO a b"],
    "quit": ["PING", "QUIT", "PING"],
    "quit with words": ["QUIT now", "PING"],
    "time": ["TIME"],
    "select": ["SELECT 0", "SELECT 15", "SELECT 16", "SELECT -1",
               "SELECT abc", "SELECT 3000000000", "SELECT 1 2", "SELECT 01"],
    "inline": ["", "   ", '  ping   "a b"  ', "ECHO 'it\\'s \\n'",
               b"PING\nPING\r\n", "\tPING"],
    "empty requests": [b"*0\r\n", b"*-1\r\n", b"*-10\r\n", b"\r\n", "PING"],
    "binary": [b"*2\r\n$4\r\nECHO\r\n$6\r\na\r\n\x00\xff\x0d\r\n",
               b"*1\r\n$4\r\nping\r\n"],
    "unknown": ["nosuch", "NOSUCH a b", '"a\\r\\nb" "c\\nd"', "n" * 200,
                "nosuch " + "w" * 100 + " " + "v" * 100, 'nosuch "" x',
                "pin", "pingg", "'ping '", '""'],
    "unknown with a NUL": [b"*2\r\n$4\r\nfo\x00o\r\n$3\r\na\x00b\r\n"],
    "unknown subcommands": ["CLIENT FOO", "CLIENT", "PUBSUB FOO", "PUBSUB",
                            "COMMAND FOO", "CONFIG FOO", "CONFIG", "ACL FOO",
                            "SCRIPT FOO", "FUNCTION FOO", "LATENCY FOO",
                            "CLIENT " + "s" * 200],
    "hello": ["HELLO", "HELLO 2", "HELLO 3", "CLIENT GETNAME", "HELLO 2",
              "CLIENT GETNAME"],
    "hello refused": ["HELLO 1", "HELLO 4", "HELLO abc", "HELLO 3 FOO",
                      "HELLO 3 AUTH a", "HELLO 3 SETNAME",
                      "HELLO 3 SETNAME 'a b'", "HELLO 3 AUTH no body",
                      "HELLO 03", "HELLO -3", "HELLO 99999999999999999999",
                      "CLIENT GETNAME"],
    "hello with all": ["HELLO 3 AUTH default any SETNAME me",
                       "CLIENT GETNAME", "HELLO 2 SETNAME you",
                       "CLIENT GETNAME", "hello 3 setname a SETNAME b",
                       "CLIENT GETNAME"],
    "auth": ["AUTH p", "AUTH default p", "AUTH nobody p", "AUTH a b c",
             "AUTH"],
    "reset": ["CLIENT SETNAME x", "SELECT 3", "RESET", "CLIENT GETNAME",
              "RESET now"],
    "client names": ["CLIENT GETNAME", "CLIENT SETNAME 'a b'",
                     "CLIENT SETNAME nm", "CLIENT GETNAME",
                     "CLIENT SETNAME ''", "CLIENT GETNAME",
                     'CLIENT SETNAME "a\\n"', "CLIENT SETNAME \xe9"],
    "client id": ["CLIENT ID"],
    "client info": ["CLIENT INFO x"],  # and see test_client_list
    "client reply": ["CLIENT REPLY SKIP", "PING", "PING a",
                     "CLIENT REPLY OFF", "PING b", "NOSUCH",
                     "CLIENT REPLY SKIP", "PING", "CLIENT REPLY ON",
                     "PING c", "CLIENT REPLY foo", "CLIENT REPLY"],
    "client reply and subscriptions": [
        "CLIENT REPLY OFF", "SUBSCRIBE a", "PING", "UNSUBSCRIBE a",
        "PSUBSCRIBE b", "RESET", "PING"],
    "client reply skip skip": ["CLIENT REPLY SKIP", "CLIENT REPLY SKIP",
                               "PING", "PING x"],
    "client list": ["CLIENT LIST TYPE foo", "CLIENT LIST TYPE", "CLIENT LIST x",
                    "CLIENT LIST ID", "CLIENT LIST ID a", "CLIENT LIST ID 0",
                    "CLIENT LIST ID 999999", "CLIENT LIST TYPE replica"],
    "client kill": ["CLIENT KILL", "CLIENT KILL foo", "CLIENT KILL ID 0",
                    "CLIENT KILL ID abc", "CLIENT KILL ID 999999",
                    "CLIENT KILL TYPE foo", "CLIENT KILL TYPE replica",
                    "CLIENT KILL USER nosuch",
                    "CLIENT KILL ADDR 1:1 SKIPME maybe", "CLIENT KILL FOO 1",
                    "CLIENT KILL ADDR 1:2 LADDR", "CLIENT KILL SKIPME yes",
                    "CLIENT KILL USER default TYPE pubsub"],
    "client kills itself": ["PING", "CLIENT KILL SKIPME no", "PING"],
    "client no-evict": ["CLIENT NO-EVICT on", "CLIENT NO-EVICT OFF",
                        "CLIENT NO-EVICT x", "CLIENT NO-EVICT"],
    "client tracking": [
        "CLIENT TRACKINGINFO", "CLIENT GETREDIR", "CLIENT TRACKING",
        "CLIENT TRACKING foo", "CLIENT TRACKING on", "CLIENT TRACKINGINFO",
        "CLIENT GETREDIR", "CLIENT TRACKING on BCAST", "CLIENT TRACKING off",
        "CLIENT TRACKING on FOO", "CLIENT TRACKING on OPTIN OPTOUT",
        "CLIENT TRACKING on PREFIX a", "CLIENT TRACKING on BCAST OPTIN",
        "CLIENT TRACKING on BCAST PREFIX a PREFIX ab",
        "CLIENT TRACKING on BCAST PREFIX b PREFIX a", "CLIENT TRACKINGINFO",
        "CLIENT TRACKING on BCAST PREFIX ab", "CLIENT TRACKING off",
        "CLIENT TRACKING on BCAST", "CLIENT TRACKINGINFO",
        "CLIENT TRACKING on REDIRECT 99999", "CLIENT TRACKING on REDIRECT foo",
        "CLIENT TRACKING on REDIRECT", "CLIENT TRACKING off REDIRECT 0",
        "RESET", "CLIENT TRACKINGINFO", "CLIENT TRACKING on NOLOOP",
        "CLIENT TRACKINGINFO", "CLIENT TRACKINGINFO x", "CLIENT GETREDIR x"],
    "client caching": [
        "CLIENT CACHING yes", "CLIENT CACHING foo", "CLIENT CACHING",
        "CLIENT TRACKING on OPTIN", "CLIENT CACHING no", "CLIENT CACHING yes",
        "CLIENT TRACKINGINFO", "PING", "CLIENT TRACKINGINFO",
        "CLIENT CACHING foo", "CLIENT TRACKING on OPTOUT",
        "CLIENT TRACKING off", "CLIENT TRACKING on OPTOUT",
        "CLIENT CACHING yes", "CLIENT CACHING no", "CLIENT TRACKINGINFO"],
    "client unblock": [
        "CLIENT UNBLOCK", "CLIENT UNBLOCK 0", "CLIENT UNBLOCK abc",
        "CLIENT UNBLOCK 1 FOO", "CLIENT UNBLOCK x FOO",
        "CLIENT UNBLOCK 99999 TIMEOUT", "CLIENT UNBLOCK 99999 error",
        "CLIENT Unblock 99999 ERROR x"],
    "client pause": [
        "CLIENT PAUSE", "CLIENT PAUSE abc", "CLIENT PAUSE -1",
        "CLIENT PAUSE x FOO", "CLIENT PAUSE 10 ALL x", "CLIENT PAUSE 0",
        "CLIENT PAUSE 20 write", "PING", "CLIENT UNPAUSE", "CLIENT UNPAUSE x",
        "CLIENT PAUSE 20", "PING", "CLIENT PAUSE 100000 WRITE", "PING",
        "CLIENT UNPAUSE", "PUBLISH nobody x"],
    "acl": ["ACL WHOAMI", "ACL WHOAMI x", "ACL GETUSER nosuch",
            "ACL GETUSER default", "ACL GETUSER", "ACL DELUSER nosuch",
            "ACL DELUSER default", "ACL DELUSER nosuch default", "ACL DELUSER",
            "ACL LIST x", "ACL USERS x", "ACL SAVE x", "ACL LOAD x"],
    "acl cat": ["ACL CAT"],
    "acl cat of one": ["ACL CAT nosuch", "ACL CAT a b"],
    "acl users": ["ACL USERS"],
    "acl list": ["ACL LIST"],
    "acl files": ["ACL SAVE"],
    "acl load": ["ACL LOAD"],
    "acl genpass": ["ACL GENPASS 0", "ACL GENPASS 4097", "ACL GENPASS -5",
                    "ACL GENPASS x", "ACL GENPASS 1 2"],
    "acl log": ["ACL LOG RESET", "ACL LOG", "ACL LOG 0", "ACL LOG -1",
                "ACL LOG x", "ACL LOG 1 2", "ACL LOG reset x"],
    "acl rules": [
        "ACL SETUSER eve", "ACL GETUSER eve",
        *(f"ACL SETUSER eve {rule}" for rule in (
            "+foo", "+@foo", "-foo", "-select|0", "+select|0|1", "+select|",
            "+config|foo", "-config|foo", "+config|get|x", "+", "-@", "+|x",
            "<pw", "#abc", "!abc", "%~x", "%Q~x", "'~a b'", "'&a b'",
            # Words without a sign are not shown by ours: passwords.
            "(+ping", "(", "'(on)'", "'(+foo)'", "'+foo\\r\\nbar'",
            "+@all|x", "'+@all -@dangerous'")),
        "ACL GETUSER eve",
        *(command for rule in (
            "+select|0", "+select|1", "+SELECT", "-select", "+config|get",
            "-config", "+client", "-client|id", "+@all", "-client|kill",
            "nocommands", "ON", "off", ">pw", ">pw2", "<pw", "nopass", ">pw",
            "resetpass", "~x", "~x", "%R~y", "%W~y", "%R~z", "allkeys",
            "resetkeys", "&a*", "&b", "allchannels", "resetchannels",
            "skip-sanitize-payload", "sanitize-payload", "'(+ping ~x)'",
            "(+echo &a )", "'()'", "clearselectors", "''", "reset")
          for command in (f"ACL SETUSER eve {rule}", "ACL GETUSER eve")),
        "ACL SETUSER eve ~*", "ACL SETUSER eve ~y", "ACL SETUSER eve %R~y",
        "ACL SETUSER eve &*", "ACL SETUSER eve &y", "ACL SETUSER 'a b' on",
        "ACL SETUSER", "ACL DELUSER eve eve", "ACL GETUSER eve"],
    "acl dryrun": [
        "ACL SETUSER eve reset +publish +psubscribe +client|id +auth &c*",
        "ACL DRYRUN eve publish c1 x", "ACL DRYRUN eve publish d x",
        "ACL DRYRUN eve psubscribe c*", "ACL DRYRUN eve psubscribe c* d",
        "ACL DRYRUN eve ping", "ACL DRYRUN eve CONFIG GET x",
        "ACL DRYRUN eve client id", "ACL DRYRUN eve client",
        "ACL DRYRUN eve client list", "ACL DRYRUN eve client nosuch",
        "ACL DRYRUN eve 'client|id'", "ACL DRYRUN eve nosuch",
        "ACL DRYRUN eve auth", "ACL DRYRUN eve auth x", "ACL DRYRUN eve",
        "ACL DRYRUN nosuch ping", "ACL DELUSER eve"],
    "acl denied": [
        "ACL SETUSER eve reset on >pw &c* +ping +publish +subscribe +multi "
        "+exec +config|get +acl|whoami +acl|setuser",
        "AUTH eve wrong", "HELLO 2 AUTH eve wrong", "AUTH eve pw",
        "ACL WHOAMI", "CONFIG SET hz 10", "PUBLISH d x", "PUBLISH c x",
        "SUBSCRIBE c d", "PSUBSCRIBE c1", "NOSUCH", "CLIENT ID", "ECHO",
        "ECHO x", "ACL LIST", "MULTI", "PUBLISH c x", "ECHO x", "EXEC",
        "MULTI", "PUBLISH c x", "ACL SETUSER eve -publish", "PUBLISH c x",
        "PING", "EXEC", "RESET", "ACL WHOAMI",
        "ACL DELUSER eve"],
    "acl of oneself": ["ACL SETUSER eve reset on nopass +@all", "AUTH eve x",
                       "ACL DELUSER eve", "PING"],
    "config": ["CONFIG GET save", "CONFIG GET SAVE", "CONFIG GET appendonly",
               "CONFIG GET nosuch", "CONFIG GET", "CONFIG GET save save",
               "CONFIG GET databases", "CONFIG GET timeout", "CONFIG GET ["],
    "config get": ["CONFIG GET TIMEOUT", "CONFIG GET tim?out", "CONFIG GET hz hz",
                   "CONFIG GET maxmemory", "CONFIG GET slave-priority",
                   "CONFIG GET notify-keyspace-events", "CONFIG GET ''"],
    "config set": [
        "CONFIG SET", "CONFIG SET a", "CONFIG SET a b", "CONFIG SET timeout",
        "CONFIG SET timeout 5 a", "CONFIG SET timeout abc",
        "CONFIG SET timeout -1", "CONFIG SET timeout 99999999999",
        "CONFIG SET timeout 5 timeout 6", "CONFIG SET timeout 5 nosuch 6",
        "CONFIG SET timeout x nosuch 6", "CONFIG SET timeout x databases 6",
        "CONFIG SET databases 17", "CONFIG SET daemonize yes",
        "CONFIG SET TIMEOUT 6 tcp-keepalive 100", "CONFIG GET timeout",
        "CONFIG GET tcp-keepalive", "CONFIG SET timeout 0 tcp-keepalive x",
        "CONFIG GET timeout", "CONFIG SET timeout 0 tcp-keepalive 300",
        "CONFIG SET maxclients 0", "CONFIG SET maxclients abc",
        "CONFIG SET maxclients 4294967296", "CONFIG SET maxclients 900",
        "CONFIG GET maxclients", "CONFIG SET maxclients 1000",
        "CONFIG SET loglevel foo", "CONFIG SET loglevel NOTICE",
        "CONFIG GET loglevel", "CONFIG SET appendonly foo",
        "CONFIG SET dir /nosuch",
        "CONFIG SET '' x", "CONFIG SET " + "n" * 300 + " x"],
    "config set tls": ["CONFIG SET tls-port 5"],
    "config set sizes": [
        "CONFIG SET proto-max-bulk-len 1", "CONFIG SET proto-max-bulk-len 2x",
        "CONFIG SET proto-max-bulk-len 600mb", "CONFIG GET proto-max-bulk-len",
        "CONFIG SET proto-max-bulk-len 512mb", "CONFIG SET maxmemory 2m",
        "CONFIG GET maxmemory", "CONFIG SET maxmemory 2MB",
        "CONFIG GET maxmemory", "CONFIG SET maxmemory -1",
        "CONFIG SET maxmemory 0", "CONFIG SET maxmemory-clients 101%",
        "CONFIG SET maxmemory-clients 5%", "CONFIG GET maxmemory-clients",
        "CONFIG SET maxmemory-clients 0",
        "CONFIG SET client-query-buffer-limit 5"],
    "config set output limits": [
        "CONFIG SET client-output-buffer-limit foo",
        "CONFIG SET client-output-buffer-limit 'normal 0 0'",
        "CONFIG SET client-output-buffer-limit 'foo 0 0 0'",
        "CONFIG SET client-output-buffer-limit 'normal a 0 0'",
        "CONFIG SET client-output-buffer-limit 'normal 0 0 -1'",
        "CONFIG SET client-output-buffer-limit ''",
        "CONFIG GET client-output-buffer-limit",
        "CONFIG SET client-output-buffer-limit 'normal 1mb 2k 3 replica 1 2 3'",
        "CONFIG GET client-output-buffer-limit",
        "CONFIG SET client-output-buffer-limit 'normal 0 0 0 slave 256mb 64mb "
        "60'", "CONFIG GET client-output-buffer-limit"],
    "config set words": [
        "CONFIG SET notify-keyspace-events KElgmn",
        "CONFIG GET notify-keyspace-events",
        "CONFIG SET notify-keyspace-events KEA",
        "CONFIG GET notify-keyspace-events",
        "CONFIG SET notify-keyspace-events q",
        "CONFIG SET notify-keyspace-events ''", "CONFIG SET save foo",
        "CONFIG SET save '3600 1'", "CONFIG GET save", "CONFIG SET save ''",
        "CONFIG SET hz 1000", "CONFIG GET hz", "CONFIG SET hz 10",
        "CONFIG SET latency-tracking-info-percentiles '50 x'",
        "CONFIG SET latency-tracking-info-percentiles '50 101'",
        "CONFIG SET latency-tracking-info-percentiles '50 99 99.90'",
        "CONFIG GET latency-tracking-info-percentiles",
        "CONFIG SET oom-score-adj-values '1 2'",
        "CONFIG SET oom-score-adj-values '0 3000 0'",
        "CONFIG SET cluster-announce-hostname q!",
        "CONFIG SET slave-priority 5 replica-priority 6",
        "CONFIG GET slave-priority", "CONFIG SET replica-priority 100",
        "CONFIG SET slowlog-log-slower-than -2",
        "CONFIG SET slowlog-log-slower-than -1",
        "CONFIG SET slowlog-log-slower-than 10000",
        "CONFIG SET slowlog-max-len -1", "CONFIG SET slowlog-max-len 128"],
    "config set address": ["CONFIG SET port 99999", "CONFIG SET port -1",
                           "CONFIG SET port 1x"],
    "config passwords": [
        "CONFIG SET requirepass secret", "PING", "CONFIG GET requirepass",
        "RESET", "PING", "AUTH bad", "AUTH secret", "PING",
        "CONFIG SET requirepass ''", "CONFIG GET requirepass"],
    "config resetstat": ["CONFIG RESETSTAT", "CONFIG RESETSTAT x"],
    "config rewrite": ["CONFIG REWRITE", "CONFIG REWRITE x"],
    "no data": ["DBSIZE", "DBSIZE x", "FLUSHALL", "FLUSHALL ASYNC",
                "FLUSHALL sync", "FLUSHALL foo", "FLUSHALL a b", "FLUSHDB",
                "FLUSHDB SYNC", "FLUSHDB foo"],
    "script": ["SCRIPT FLUSH", "SCRIPT FLUSH ASYNC", "SCRIPT FLUSH sync",
               "SCRIPT FLUSH x", "SCRIPT FLUSH SYNC SYNC", "SCRIPT EXISTS",
               "SCRIPT EXISTS a b"],
    "function": ["FUNCTION FLUSH", "FUNCTION FLUSH SYNC", "FUNCTION FLUSH x",
                 "FUNCTION FLUSH a b"],
    "latency": ["LATENCY LATEST", "LATENCY HISTORY x", "LATENCY RESET",
                "LATENCY RESET a b", "LATENCY GRAPH x", "LATENCY GRAPH",
                "LATENCY HISTOGRAM nosuch"],
    "latency doctor": ["LATENCY DOCTOR"],
    "latency events": [
        "CONFIG SET latency-monitor-threshold 10", "LATENCY RESET",
        "DEBUG SLEEP 0.02", "LATENCY LATEST", "LATENCY HISTORY command",
        "LATENCY HISTORY fast-command", "LATENCY GRAPH nosuch",
        "LATENCY RESET nosuch command", "LATENCY LATEST",
        "CONFIG SET latency-monitor-threshold 0", "DEBUG SLEEP 0.02",
        "LATENCY LATEST"],
    "slowlog": ["SLOWLOG RESET", "SLOWLOG GET", "SLOWLOG GET 0",
                "SLOWLOG GET -1", "SLOWLOG GET -2", "SLOWLOG GET x",
                "SLOWLOG GET 1 2", "SLOWLOG LEN", "SLOWLOG LEN x", "SLOWLOG"],
    "slowlog of a sleep": ["SLOWLOG RESET", "DEBUG SLEEP 0.02", "SLOWLOG LEN",
                           "SLOWLOG RESET", "SLOWLOG LEN"],
    "debug protocol": ["DEBUG PROTOCOL " + x for x in (
        "string", "integer", "double", "bignum", "null", "array", "set", "map",
        "attrib", "push", "verbatim", "true", "false", "foo", "a b")],
    "debug": ["DEBUG", "DEBUG FOO", "DEBUG SLEEP", "DEBUG SLEEP 0",
              "DEBUG SLEEP abc", "DEBUG SLEEP -1", "DEBUG ERROR 'WRONG x'",
              "DEBUG ERROR ''", 'DEBUG ERROR "a\\r\\nb"', "DEBUG LOG",
              "DEBUG LOG hello", "DEBUG SET-ACTIVE-EXPIRE 1",
              "DEBUG SET-ACTIVE-EXPIRE", "DEBUG PAUSE-CRON 0",
              "DEBUG SET-DISABLE-DENY-SCRIPTS 0", "DEBUG CHANGE-REPL-ID",
              "DEBUG QUICKLIST-PACKED-THRESHOLD 1000", "DEBUG RELOAD",
              "DEBUG REPLICATE x", "DEBUG REPLYBUFFER RESIZING 1",
              "DEBUG DIGEST", "DEBUG DIGEST-VALUE a b", "DEBUG OBJECT k",
              "DEBUG SDSLEN k", "DEBUG LISTPACK k", "DEBUG JMAP"],
    "swapdb": ["SWAPDB 0 1", "SWAPDB 0 15", "SWAPDB 0 16", "SWAPDB -1 0",
               "SWAPDB a 1", "SWAPDB 0 b", "SWAPDB 0"],
    "object": ["OBJECT ENCODING k", "OBJECT FREQ k", "OBJECT IDLETIME k",
               "OBJECT REFCOUNT k", "OBJECT FOO k", "OBJECT ENCODING",
               "OBJECT"],
    "memory": ["MEMORY USAGE k", "MEMORY USAGE k SAMPLES 5",
               "MEMORY USAGE k SAMPLES x", "MEMORY USAGE k FOO 5",
               "MEMORY USAGE k SAMPLES", "MEMORY PURGE", "MEMORY FOO",
               "MEMORY"],
    "memory figures": ["MEMORY DOCTOR", "MEMORY STATS", "MEMORY MALLOC-STATS"],
    "replication": ["ROLE", "ROLE x", "WAIT 0 0", "WAIT 0 x", "WAIT x 0",
                    "WAIT 0 -1", "WAIT -1 0", "WAIT 1 10", "WAIT 0"],
    "lastsave": ["LASTSAVE", "LASTSAVE x"],
    "lolwut": ["LOLWUT VERSION"],
    "no cluster": ["READONLY", "READWRITE", "ASKING", "READONLY x"],
    "modules": ["MODULE LIST", "MODULE LIST x", "MODULE FOO", "MODULE"],
    "functions": ["FUNCTION LIST", "FUNCTION LIST WITHCODE",
                  "FUNCTION LIST LIBRARYNAME a", "FUNCTION LIST x",
                  "FUNCTION LIST LIBRARYNAME", "FUNCTION STATS"],
    "monitor": ["MONITOR x", "MULTI", "MONITOR", "EXEC", "PING"],
    "while monitoring": [
        "MONITOR", "PUBLISH a b", "SPUBLISH a b", "DBSIZE", "FLUSHALL",
        "FUNCTION FLUSH", "MEMORY USAGE k", "OBJECT ENCODING k", "SWAPDB 0 1",
        "RESET", "PING"],
    "cluster": ["CLUSTER INFO", "CLUSTER NODES", "CLUSTER", "CLUSTER FOO"],
    "command": ["COMMAND INFO nosuch", "COMMAND DOCS nosuch",
                "COMMAND LIST FILTERBY FOO x", "COMMAND LIST x",
                "COMMAND LIST FILTERBY MODULE x",
                "COMMAND LIST FILTERBY PATTERN nosuch*",
                "COMMAND GETKEYS nosuch a", "COMMAND GETKEYS publish a b",
                "COMMAND GETKEYS ping", "COMMAND COUNT x",
                "COMMAND GETKEYS nosuch", "COMMAND GETKEYS watch a b",
                "COMMAND GETKEYS ssubscribe a b", "COMMAND GETKEYS client foo",
                "COMMAND GETKEYS spublish a b", "COMMAND GETKEYS client id",
                "COMMAND GETKEYS object encoding k",
                "COMMAND GETKEYS object foo k",
                "COMMAND GETKEYS object encoding k l",
                "COMMAND GETKEYS memory usage k", "COMMAND GETKEYS ping a",
                "COMMAND GETKEYSANDFLAGS ping",
                "COMMAND GETKEYSANDFLAGS ping a",
                "COMMAND GETKEYSANDFLAGS nosuch a",
                "COMMAND GETKEYSANDFLAGS watch a b",
                "COMMAND GETKEYSANDFLAGS object encoding k",
                "COMMAND LIST FILTERBY MODULE",
                "COMMAND LIST FILTERBY ACLCAT nosuch",
                "COMMAND INFO watch ssubscribe spublish sunsubscribe NOSUCH"
                " role"],
    "info": ["INFO nosuch", "INFO keyspace", "INFO cluster",
             "INFO KEYSPACE nosuch modules cluster cluster"],
    "shutdown": ["SHUTDOWN FOO"],
    # -- pub/sub
    "subscribe": ["SUBSCRIBE", "SUBSCRIBE a b a", "PSUBSCRIBE p* p*",
                  "UNSUBSCRIBE zzz", "UNSUBSCRIBE b", "UNSUBSCRIBE",
                  "UNSUBSCRIBE", "PUNSUBSCRIBE", "PUNSUBSCRIBE",
                  'SUBSCRIBE ""', 'SUBSCRIBE "\\r\\n\\x00"', "UNSUBSCRIBE ''"],
    "leaving nothing": ["UNSUBSCRIBE", "PUNSUBSCRIBE", "UNSUBSCRIBE a b",
                        "PUNSUBSCRIBE a"],
    "subscribed state": [
        "SUBSCRIBE a", "ECHO x", "CLIENT ID", "HELLO", "PUBLISH z x", "MULTI",
        "DISCARD", "PING", "PING x", "PING a b", "NOSUCH", "ECHO", "CLIENT", "CLIENT FOO",
        "UNSUBSCRIBE a", "ECHO x"],
    "patterns subscribed state": ["PSUBSCRIBE a*", "ECHO x", "PING",
                                  "PUNSUBSCRIBE a*", "ECHO x"],
    "reset when subscribed": ["SUBSCRIBE a", "PSUBSCRIBE b*", "RESET",
                              "ECHO x", "PUBSUB NUMPAT"],
    "quit when subscribed": ["SUBSCRIBE a", "QUIT", "PING"],
    "hello 2 when subscribed": ["HELLO 3", "SUBSCRIBE a", "HELLO 2", "ECHO x",
                                "PING", "UNSUBSCRIBE a", "ECHO x"],
    "publish": ["PUBLISH a", "PUBLISH nobody x", 'PUBLISH "" ""',
                "PUBLISH a b c"],
    "pubsub": ["PUBSUB CHANNELS", "PUBSUB CHANNELS a b", "PUBSUB NUMSUB",
               "PUBSUB NUMSUB a b", "PUBSUB NUMPAT", "PUBSUB NUMPAT x",
               "PUBSUB CHANNELS x*"],
    "shards": ["SSUBSCRIBE", "SSUBSCRIBE a b a", "SUBSCRIBE a",
               "PSUBSCRIBE p*", "SUNSUBSCRIBE zzz", "UNSUBSCRIBE", "PUNSUBSCRIBE",
               "SUNSUBSCRIBE b", "PING", "ECHO x", "SUNSUBSCRIBE",
               "SUNSUBSCRIBE", "ECHO x", 'SSUBSCRIBE ""'],
    "leaving no shard": ["SUNSUBSCRIBE", "SUNSUBSCRIBE a b"],
    "reset with shards": ["SSUBSCRIBE a", "RESET", "ECHO x",
                          "PUBSUB SHARDCHANNELS"],
    "spublish": ["SPUBLISH a", "SPUBLISH nobody x", 'SPUBLISH "" ""',
                 "SPUBLISH a b c"],
    "pubsub shards": ["PUBSUB SHARDCHANNELS", "PUBSUB SHARDCHANNELS a b",
                      "PUBSUB SHARDNUMSUB", "PUBSUB SHARDNUMSUB a b",
                      "PUBSUB SHARDCHANNELS x*"],
    # -- transactions
    "multi": ["MULTI", "PING", "MULTI", "PING x", "EXEC", "EXEC", "DISCARD"],
    "multi empty": ["MULTI", "EXEC", "PING"],
    "multi discarded": ["MULTI", "PING", "DISCARD", "PING", "EXEC"],
    "multi watch": ["UNWATCH", "WATCH", "WATCH a b", "MULTI", "WATCH a",
                    "UNWATCH", "PING", "EXEC", "UNWATCH"],
    "multi unknown": ["MULTI", "NOSUCH x", "PING", "EXEC", "PING", "EXEC"],
    "multi arity": ["MULTI", "ECHO", "DISCARD", "MULTI", "MULTI x", "EXEC",
                    "MULTI x", "DISCARD x"],
    "multi subcommand": ["MULTI", "CLIENT FOO", "EXEC"],
    "multi shutdown": ["MULTI", "SHUTDOWN NOSAVE", "EXEC"],
    "multi errors when run": ["MULTI", "PING a b", "SELECT 77", "AUTH x",
                              "PING", "EXEC"],
    "multi hello": ["MULTI", "CLIENT GETNAME", "HELLO 3", "CLIENT GETNAME",
                    "EXEC", "CLIENT GETNAME", "HELLO 2"],
    "multi quit": ["MULTI", "PING", "QUIT", "EXEC"],
    "multi reset": ["MULTI", "PING", "RESET", "EXEC"],
    "multi many": ["MULTI", "CLIENT SETNAME me", "CLIENT GETNAME", "SELECT 1",
                   "PUBLISH nobody x", "PUBSUB NUMPAT", "PUBLISH nobody x",
                   "ECHO x", "DBSIZE", "TIME", "EXEC", "CLIENT GETNAME"],
    "multi pubsub numsub": ["MULTI", "PUBSUB NUMSUB a", "PUBSUB CHANNELS",
                            "EXEC"],
    "multi exec with words": ["MULTI", "EXEC x", "PING", "EXEC"],
    "multi subscribe": ["MULTI", "SUBSCRIBE a b", "PING", "EXEC"],
    "multi unsubscribe": ["MULTI", "UNSUBSCRIBE", "PING", "EXEC"],
    "multi ssubscribe": ["MULTI", "SSUBSCRIBE a", "PING", "EXEC"],
    "multi sunsubscribe": ["MULTI", "SUNSUBSCRIBE", "PING", "EXEC"],
    "multi spublish": ["MULTI", "SPUBLISH nobody x", "PUBLISH nobody x",
                       "PUBSUB SHARDNUMSUB a", "EXEC"],
    "multi client reply": ["MULTI", "CLIENT REPLY ON", "PING", "EXEC"],
    # -- the end of the connection without QUIT
    "protocol error: count": ["PING", b"*a\r\n", "PING"],
    "protocol error: count 01": [b"*01\r\n"],
    "protocol error: large count": [b"*2147483648\r\n"],
    "protocol error: no dollar": ["PING", b"*1\r\nfoo\r\n", "PING"],
    "protocol error: negative length": [b"*1\r\n$-1\r\n"],
    "protocol error: no length": [b"*1\r\n$x\r\n"],
    "protocol error: large length": [b"*1\r\n$536870913\r\n"],
    "protocol error: quotes": ['PING "a'],
    "protocol error: after quotes": ['PING "a"b'],
    "protocol error: long line": [b"x" * 200000],
    "protocol error: long count": [b"*" + b"1" * 200000],
    "protocol error: long length": [b"*1\r\n$" + b"1" * 200000],
    "protocol error: in multi": ["MULTI", "PING", b"*a\r\n"],
    "protocol error: subscribed": ["SUBSCRIBE a", b"*a\r\n"],
    "http": ["POST / HTTP/1.1"],
    "http host": ["Host: localhost", "PING"],
}

# Several connections: (who, commands); each is settled before the next.
TALKS = {
    "messages": [
        ("a", ["SUBSCRIBE c d"]), ("b", ["PSUBSCRIBE c*"]),
        ("c", ["SUBSCRIBE c", "PSUBSCRIBE ?"]), ("d", ["PSUBSCRIBE *"]),
        ("p", ["PUBLISH c 1", 'PUBLISH c "\\x00\\xff\\r\\n"', 'PUBLISH d ""',
               "PUBLISH e x", "PUBSUB NUMSUB c d e", "PUBSUB NUMPAT",
               "PUBSUB CHANNELS d*"]),
        ("a", ["UNSUBSCRIBE c"]), ("p", ["PUBLISH c 2"]),
        ("b", ["PUNSUBSCRIBE"]), ("d", ["PUNSUBSCRIBE x *"]), ("p", ["PUBLISH c 3", "PUBSUB NUMPAT"])],
    "messages of shards": [
        ("a", ["SSUBSCRIBE c d"]), ("b", ["SSUBSCRIBE c", "SUBSCRIBE c"]),
        ("c", ["PSUBSCRIBE *"]),
        ("p", ["SPUBLISH c 1", 'SPUBLISH d "\\x00\\r\\n"', "PUBLISH c 2",
               "SPUBLISH e x", "PUBSUB SHARDNUMSUB c d e", "PUBSUB NUMSUB c",
               "PUBSUB SHARDCHANNELS d*", "PUBSUB CHANNELS", "PUBSUB NUMPAT"]),
        ("a", ["SUNSUBSCRIBE c"]), ("p", ["SPUBLISH c 3"]),
        ("b", ["SUNSUBSCRIBE"]), ("p", ["SPUBLISH c 4", "PUBLISH c 5"])],
    "one message by two ways": [
        ("a", ["PSUBSCRIBE c*", "SUBSCRIBE c"]),
        ("p", ["PUBLISH c x"])],
    "messages of a transaction": [
        ("a", ["SUBSCRIBE c"]),
        ("p", ["MULTI", "PUBLISH c 1", "PUBLISH c 2", "EXEC"])],
    "its own message": [
        ("a", ["HELLO 3", "SUBSCRIBE a", "PUBLISH a x", "MULTI",
               "PUBLISH a x", "PING", "EXEC"])],
    "a deleted user": [
        ("b", ["ACL SETUSER dora reset on nopass +@all"]),
        ("a", ["AUTH dora x", "PING"]), ("b", ["ACL DELUSER dora"])],
    "a user that is off": [
        ("b", ["ACL SETUSER dora reset on >x +@all"]),
        ("a", ["AUTH dora x", "PING"]),
        ("b", ["ACL SETUSER dora off", "AUTH dora x"]),
        ("a", ["PING"]), ("b", ["ACL SETUSER dora -echo resetpass"]),
        ("a", ["ECHO x", "PING", "RESET"]), ("b", ["ACL DELUSER dora"])],
    "a revoked channel": [
        ("b", ["ACL SETUSER dora reset on nopass &a* +@all"]),
        ("a", ["AUTH dora x", "SUBSCRIBE a1"]),
        ("b", ["ACL SETUSER dora resetchannels &b", "ACL DELUSER dora"])],
    # Not a*, by which an administrator of Saker hears audit:*.
    "a revoked pattern": [
        ("b", ["ACL SETUSER dora reset on nopass &x* +@all"]),
        ("a", ["AUTH dora x", "PSUBSCRIBE x*"]),
        ("b", ["ACL SETUSER dora resetchannels &x** &x1",
               "ACL DELUSER dora"])],
    "a channel that stays": [
        ("b", ["ACL SETUSER dora reset on nopass &a* +@all"]),
        ("a", ["AUTH dora x", "SUBSCRIBE a1"]),
        ("b", ["ACL SETUSER dora resetchannels &a1"]),
        ("p", ["PUBLISH a1 x"]), ("a", ["PING"]),
        ("b", ["ACL DELUSER dora"])],
    "killed by id": [("a", ["CLIENT SETNAME a"]),
                     ("p", ["CLIENT KILL TYPE normal", "PING"])],
    "killed subscribers": [("a", ["SUBSCRIBE c"]),
                           ("p", ["CLIENT KILL TYPE pubsub",
                                  "PUBLISH c x"])],
    "held by a pause": [("a", ["PING"]), ("b", ["CLIENT PAUSE 100 WRITE"]),
                        ("a", ["PING", "PUBLISH c x", "PING"]),
                        ("b", ["PUBLISH c x"])],
}

# The server has a password.
STRANGERS = {
    "nothing without a password": [
        "PING", "ECHO x", "NOSUCH", "ECHO", "SUBSCRIBE a", "MULTI", "EXEC",
        "CLIENT ID", "COMMAND", "RESET", "HELLO 2", "HELLO"],
    "wrong": ["AUTH bad", "AUTH default bad", "AUTH nobody bad", "AUTH a b c",
              "HELLO 3 AUTH default bad", "HELLO 2 AUTH nobody x", "PING"],
    "right": [f"AUTH '{PASSWORD}'", "PING", "ACL WHOAMI", "RESET", "PING"],
    "user and password": [f"AUTH default '{PASSWORD}'", "PING"],
    "hello": [f"HELLO 3 AUTH default '{PASSWORD}' SETNAME me",
              "CLIENT GETNAME", "AUTH bad", "PING"],
    "large before it": [b"*11\r\n"],
    "long before it": [b"*1\r\n$16385\r\n"],
    "large after it": [f"AUTH '{PASSWORD}'",
                       b"*2\r\n$4\r\nECHO\r\n$16385\r\n" + b"x" * 16385
                       + b"\r\n"],
    "http": ["POST / HTTP/1.1"],
}

# What stays different, and why.
DIFFERENT = {
    "cluster": "CLUSTER has no subcommands here: all are refused alike",
    "acl cat": "services and rights are categories too",
    "acl users": "there is a guest: who does not say who it is",
    "acl list": "likewise",
    "acl files": "here a file for users is always there",
    "acl load": "likewise",
    "config rewrite": "the redis-server here has no file to write",
    "config set tls": "the error says what to do",
    "shutdown": "the error says what SHUTDOWN takes here",
    "multi exec with words": "EXEC with an alias is the older name of CALL",
    "multi subscribe": "frames of SUBSCRIBE within the array of EXEC break "
                       "the protocol in Redis; here it is refused",
    "multi unsubscribe": "as for SUBSCRIBE",
    "multi ssubscribe": "as for SUBSCRIBE",
    "multi sunsubscribe": "as for SUBSCRIBE",
    "multi client reply": "a reply that is left out would break the array of "
                          "EXEC too",
    "latency doctor": "the advice is about what there is here",
    "memory figures": "likewise, and the allocator is another one",
    "its own message": "Redis 7.0 sends a client its own message before the "
                       "reply to PUBLISH and within EXEC; Redis 7.2 and Saker "
                       "send it after",
}

# COMMAND INFO: what is not the same as in Redis, and why.
DIFFERENT_ARITY = {"exec": "EXEC with an alias is the older name of CALL"}
DIFFERENT_FLAGS = {"client|no-evict": "changes nothing here: no right needed"}


# -- comparing -------------------------------------------------------------------

MASKS = [
    (rb"\$2\r\nid\r\n:\d+", b"ID"),
    (rb"(\$6\r\nserver\r\n\$5\r\n)(redis|saker)", rb"\1NAME"),
]
MASKS_OF = {
    # Redis shows the rest of the rule, and so of the password.
    "acl rules": [(rb"modifier '([<#!])[^']*'", rb"modifier '\1...'")],
    "client id": [(rb":\d+", b":N")],
    "subscribed state": [(rb":\d{2,}", b":N")],
    "time": [(rb"\$\d+\r\n\d+", b"$TIME")],
    "latency events": [(rb":\d{2,}", b":N")],
    "lastsave": [(rb":\d{9,}", b":TIME")],
    "multi many": [(rb"\$\d+\r\n\d{2,}", b"$TIME")],
}


def masked(name, data):
    for form, text in MASKS + MASKS_OF.get(name, []):
        data = re.sub(form, text, data)
    return data


def converse(port, name, steps, resp3):
    """What each connection got, one after the other."""
    wires = {}
    for who, texts in steps:
        if who not in wires:
            wires[who] = Wire(port)
            if resp3:
                wires[who].send(b"HELLO 3\r\n")
                wires[who].settle()
        try:
            wires[who].send(lines(*texts))
        except OSError:
            pass  # it was hung up on, as is told by what came
        if len(steps) > 1:
            wires[who].settle()
    got = {}
    for who, wire in wires.items():
        try:
            wire.send(b"QUIT\r\n")
        except OSError:
            pass
        got[who] = masked(name, wire.rest())
    return got


def difference(theirs, ours):
    """What two conversations got, for people."""
    text = []
    for who in theirs:
        pieces = [[repr(x)[2:-1] for x in got.get(who, b"").split(b"\r\n")]
                  for got in (theirs, ours)]
        text += difflib.unified_diff(*pieces, f"{who} from redis-server",
                                     f"{who} from saker", lineterm="")
    return "\n".join(text)


class ConformanceTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.redis, cls.saker = cls.pair((), "")

    @classmethod
    def pair(cls, options, toml):
        real = RedisServer(*options)
        cls.addClassCleanup(real.close)
        ours = saker_harness.Saker(toml=toml)
        cls.addClassCleanup(ours.close)
        return real, ours.start()

    def compare(self, name, steps, real=None, ours=None,
                protocols=(False, True)):
        for resp3 in protocols:
            with self.subTest(name, resp3=resp3):
                theirs = converse((real or self.redis).port, name, steps,
                                  resp3)
                saker = converse((ours or self.saker).port, name, steps,
                                 resp3)
                if saker != theirs and name not in DIFFERENT:
                    self.fail(difference(theirs, saker))
                self.different |= {name} if saker != theirs else set()

    def setUp(self):
        self.different = set()

    def check_reasons(self, names):
        """Each reason must have its difference."""
        self.assertEqual(set(DIFFERENT) & set(names), self.different)

    def test_one_connection(self):
        for name, texts in CASES.items():
            self.compare(name, [("", texts)])
        self.check_reasons(CASES)

    def test_several_connections(self):
        for name, steps in TALKS.items():
            self.compare(name, steps)
        self.check_reasons(TALKS)

    def test_strangers(self):
        """The server has a password and the client does not say it."""
        digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
        real, ours = self.pair(
            ("--requirepass", PASSWORD),
            f'[users.default]\npassword-hash = "{digest}"')
        for name, texts in STRANGERS.items():
            self.compare(name, [("", texts)], real, ours, (False,))

    def test_users_of_a_file(self):
        """There is one for both. What is wrong in it is told in other words."""
        folder = tempfile.TemporaryDirectory(prefix="saker-users-")
        self.addCleanup(folder.cleanup)
        file = pathlib.Path(folder.name, "users.acl")
        file.touch()
        real, ours = self.pair(("--aclfile", str(file)), "")
        self.compare("kept", [("", [
            "ACL SETUSER bob on >x +ping", "ACL SAVE", "ACL SETUSER bob off",
            "ACL SETUSER eve on", "ACL LOAD", "ACL GETUSER bob",
            "ACL GETUSER eve", "ACL DELUSER bob", "ACL SAVE", "ACL LOAD",
            "ACL SAVE x"])], real, ours)

    # -- all commands that both have ---------------------------------------------

    def info(self, server):
        """{name: row of COMMAND INFO}, subcommands too."""
        client = redis.Redis(host="127.0.0.1", port=server.port,
                             decode_responses=True)
        self.addCleanup(client.close)
        names = [x for x in client.execute_command("COMMAND LIST")]
        rows = client.execute_command("COMMAND INFO", *names)
        return {row[0]: row for row in rows if row}

    def shared(self):
        theirs, ours = self.info(self.redis), self.info(self.saker)
        both = sorted(set(theirs) & set(ours))
        self.assertGreater(len(both), 50)
        return {name: (theirs[name], ours[name]) for name in both}

    def test_every_shared_command_is_compared(self):
        words = set()
        for texts in [*CASES.values(),
                      *(x for talk in TALKS.values() for _, x in talk)]:
            for text in texts:
                if isinstance(text, str):
                    first = text.lower().split()[:2]
                    words |= {"|".join(first[:1]), "|".join(first)}
        missing = [name for name in self.shared()
                   if name not in words and not name.endswith("|help")]
        self.assertEqual(missing, [])

    def test_arity(self):
        """As COMMAND INFO tells it, and as too few and too many words meet
        it."""
        for name, (theirs, ours) in self.shared().items():
            if name in DIFFERENT_ARITY:
                self.assertNotEqual(theirs[1], ours[1], name)
                continue
            self.assertEqual(theirs[1], ours[1], name)
            words = name.upper().split("|")
            least = abs(theirs[1])
            texts = [words + ["x"] * (count - len(words))
                     for count in range(len(words), least)]
            if theirs[1] > 0:
                texts.append(words + ["x"] * (least + 1 - len(words)))
            self.compare(name, [("", [" ".join(x) for x in texts])])

    def test_flags_and_categories(self):
        for name, (theirs, ours) in self.shared().items():
            with self.subTest(name):
                told = [[set(row[2]), set(row[6]), row[7]]
                        for row in (theirs, ours)]
                if name in DIFFERENT_FLAGS:
                    self.assertNotEqual(*told)
                else:
                    self.assertEqual(*told)

    # -- texts -------------------------------------------------------------------

    def test_all_parameters(self):
        """The same names; each value can be set back, but for what Redis fixes
        at the start too."""
        clients = [redis.Redis(host="127.0.0.1", port=x.port,
                               decode_responses=True)
                   for x in (self.redis, self.saker)]
        theirs, ours = (x.config_get("*") for x in clients)
        self.assertEqual(set(ours), set(theirs))
        fixed = []
        for client, values in zip(clients, (theirs, ours)):
            fixed.append(set())
            for name, value in values.items():
                try:
                    client.execute_command("CONFIG SET", name, value)
                except redis.ResponseError as error:
                    self.assertRegex(str(error), "immutable|protected")
                    fixed[-1].add(name)
            client.close()
        # Saker moves its socket file while it runs, as it moves its ports.
        self.assertEqual(fixed[0] - {"unixsocket"}, fixed[1])

    def test_client_list(self):
        """All fields of Redis, in their order."""
        fields = []
        for server in (self.redis, self.saker):
            wire = Wire(server.port)
            wire.send(lines("CLIENT SETNAME me", "SELECT 2", "MULTI",
                            "CLIENT INFO", "CLIENT LIST", "EXEC"))
            wire.send(b"QUIT\r\n")
            text = wire.rest().decode()
            line = re.search(r"\r\n(id=.* name=me .*)\n", text).group(1)
            fields.append(dict(x.split("=", 1) for x in line.split(" ")))
        theirs, ours = fields
        # Redis 7.2 has two of them, 7.4 one more
        own = {"open", "lib-name", "lib-ver", "watch"}
        self.assertEqual([x for x in ours if x not in own],
                         list(theirs))
        for key in ("name", "flags", "db", "sub", "psub", "ssub", "multi",
                    "user", "redir", "resp", "cmd"):
            self.assertEqual(ours[key], theirs[key], key)

    def test_info(self):
        """What both tell has the same type: clients parse it."""
        tables = [redis.Redis(host="127.0.0.1", port=x.port).info("everything")
                  for x in (self.redis, self.saker)]
        theirs, ours = tables
        counted = ("cmdstat_", "latency_percentiles_", "errorstat_")
        fields = {x for x in theirs if not x.startswith(counted)}
        self.assertGreater(len(fields), 150)
        self.assertEqual(fields - set(ours), set())
        self.assertEqual({k: type(ours[k]) for k in fields},
                         {k: type(theirs[k]) for k in fields})
        for key in ("redis_version", "redis_mode", "arch_bits", "role",
                    "loading", "cluster_enabled", "connected_slaves"):
            self.assertEqual(ours[key], theirs[key], key)

    def test_sections_of_info(self):
        """The same ones in the same order, but for one of our own."""
        for words in ("", "default", "all", "everything", "ALL", "server cpu",
                      "commandstats errorstats latencystats", "nosuch"):
            theirs, ours = (
                [x for x in self.raw(server, f"INFO {words}").split("\r\n")
                 if x.startswith("# ")] for server in (self.redis, self.saker))
            self.assertEqual([x for x in ours if x != "# Services"], theirs,
                             words)

    def raw(self, server, command):
        wire = Wire(server.port)
        wire.send(lines(command, "QUIT"))
        return wire.rest().decode()

    COUNTED = [
        "PING", "PING x", "PING a b", "ECHO", "ECHO x", "SELECT 77", "NOSUCH",
        "CLIENT FOO", "CLIENT ID", "CLIENT LIST", "CLIENT LIST FOO", "MULTI",
        "PING", "SELECT 77", "EXEC", "MULTI", "NOSUCH", "EXEC", "HELLO 9",
        "PUBLISH a b", "PUBLISH a b", "PUBSUB NUMPAT", "SUBSCRIBE a", "ECHO x",
        "UNSUBSCRIBE", "INFO server", "CLIENT REPLY SKIP", "SELECT 77",
        "CLIENT KILL ID 0", "AUTH p"]

    def test_statistics(self):
        """Calls, refusals and failures of the same commands."""
        found = []
        for server in (self.redis, self.saker):
            wire = Wire(server.port)
            wire.send(b"CONFIG RESETSTAT\r\n")
            wire.settle()
            wire.send(lines(*self.COUNTED))
            wire.settle()
            client = redis.Redis(host="127.0.0.1", port=server.port)
            self.addCleanup(client.close)
            commands = client.info("commandstats")
            for x in commands.values():
                self.assertGreaterEqual(x.pop("usec"), 0)
                x.pop("usec_per_call")
            errors = dict(re.findall(r"errorstat_(\w+):count=(\d+)",
                                     self.raw(server, "INFO errorstats")))
            found.append((commands, errors))
            stats = client.info("stats")
            self.assertEqual(
                stats["total_error_replies"],
                sum(map(int, errors.values())))
            latencies = self.raw(server, "INFO latencystats")
            self.assertRegex(latencies, r"latency_percentiles_usec_ping:"
                             r"p50=\d+\.\d{3},p99=\d+\.\d{3},p99\.9=\d")
        theirs, ours = found
        self.assertEqual(ours, theirs)


if __name__ == "__main__":
    unittest.main()

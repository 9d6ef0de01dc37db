#!/usr/bin/python3
"""Stands where saker-node would: gives its link to the test, then waits.

A number from the test is the status to exit with; the end of the test's
connection is the end of this process, too.
"""
import os
import signal
import socket
import sys

for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, signal.SIG_IGN)
link = int(sys.argv[sys.argv.index("--link-fd") + 1])
control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
control.connect(os.environ["FAKE_NODE_CONTROL"])
socket.send_fds(control, [b"%d" % os.getpid()], [link])
if "FAKE_NODE_KEEP_LINK" not in os.environ:
    os.close(link)
word = control.recv(64)
os._exit(int(word) if word else 0)

"""Starts smtpd.py, the SMTP server of the tests, in a process group of its own."""

import os
import sys

import places

HERE = os.path.dirname(os.path.abspath(__file__))


def prepare(base):
    for name in ("smtp/accepted", "smtp/code"):
        os.makedirs(os.path.join(base, name))
    # The servers' user may not be able to read the source tree.
    with open(os.path.join(HERE, "smtpd.py"), encoding="utf-8") as file:
        places.write(os.path.join(base, "smtp/code/smtpd.py"), file.read())
    places.give(os.path.join(base, "smtp"))


def start(base, env, options):
    log = os.path.join(base, "smtp", "log")
    command = ["/usr/bin/python3", os.path.join(base, "smtp/code/smtpd.py"), "--base", base,
               "--port", env["MG_SMTP_PORT"], "--tls-port", env["MG_SMTPS_PORT"],
               "--lmtp-port", env["MG_LMTP_PORT"], "--size", str(options["size"]),
               "--mechanisms", options["smtp_mechanisms"],
               "--certificate", options["certificate"]]
    if options["need_tls"]:
        command.append("--need-tls")
    process = places.start_group(base, "smtp", command, log)
    places.wait_for_greeting(int(env["MG_SMTP_PORT"]), b"220", process, log)

#!/usr/bin/python3
"""Real mail servers for tests, demo and benchmarks, on loopback ports of their own.

  run.py up DIR [options]     starts Dovecot (IMAP, LMTP) and an SMTP server; writes DIR/env
  run.py down DIR             stops them and removes what they wrote
  run.py start-imap DIR       starts one again, on its old ports (also start-smtp)
  run.py term-imap DIR        SIGTERM to the whole process group, waits for its end (term-smtp)
  run.py kill-imap DIR        SIGKILL to the whole process group, waits for its end (kill-smtp)
  run.py stop-imap DIR        SIGSTOP: connections stay, nobody answers (stop-smtp)
  run.py cont-imap DIR        SIGCONT (cont-smtp)
  run.py restart-imap DIR     kill and start (restart-smtp)
  run.py password DIR USER PASSWORD   changes or makes a user
  run.py doveadm DIR WORDS... runs Dovecot's own tool on this server
  run.py show DIR             prints DIR/env and what runs

Users alice, bob, carol and dave, password "secret", addresses at example.test. `. DIR/env` in a
shell or read it line by line: MG_IMAP_PORT, MG_IMAPS_PORT, MG_SMTP_PORT, MG_SMTPS_PORT,
MG_LMTP_PORT, MG_CA_FILE, MG_IMAP_URL, MG_SMTP_URL, MG_ACCEPTED, ... Process ids: BASE/imap.pid
and BASE/smtp.pid, each the leader of a process group. With --postfix there is a third server,
and each verb also for it: kill-postfix and so on.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
import certificate  # noqa: E402
import dovecot  # noqa: E402
import places  # noqa: E402
import postfix  # noqa: E402
import smtp  # noqa: E402

SERVERS = ("imap", "smtp", "postfix")
OURS = ("tls", "dovecot", "mail", "smtp", "sample", "postfix", "options.json", "env",
        *(name + ".pid" for name in SERVERS))


def up(options):
    base = places.make_base(options.dir)
    names = ["imap", "imaps", "lmtp", "smtp", "smtps"]
    if options.postfix:
        names += ["postfix", "postfix_tls"]
    ports = dict(zip(names, places.take_ports(len(names))))
    certificate.make(base)
    dovecot.prepare(base, ports, options)
    smtp.prepare(base)
    if options.postfix:
        postfix.prepare(base, ports, options)
    env = _environment(base, ports)
    kept = {key: value for key, value in vars(options).items() if key != "call"}
    places.write(os.path.join(base, "options.json"), json.dumps(kept))
    try:
        _start_all(base, env, kept)
    except places.ServerError:
        _end_all(base)
        _remove(options.dir, base)
        raise
    places.write_env(base, env)
    if base != os.path.realpath(options.dir):
        places.write_env(options.dir, env)
    if options.guard:
        _leave_guard(options.dir, options.guard)


def _start_all(base, env, options):
    """Both at once: each waits for its own greeting."""
    problems = []

    def begin(function, *arguments):
        try:
            function(*arguments)
        except places.ServerError as error:
            problems.append(error)

    other = threading.Thread(target=begin, args=(smtp.start, base, env, options))
    other.start()
    begin(dovecot.start, base, env)
    if options["postfix"]:
        begin(postfix.start, base, env)
    other.join()
    if problems:
        raise problems[0]


def _environment(base, ports):
    env = {"MG_BASE": base, "MG_HOST": "localhost"}
    env.update((f"MG_{name.upper()}_PORT", str(port)) for name, port in ports.items())
    env.update({
        "MG_CA_FILE": f"{base}/tls/ca.pem",
        "MG_STRANGER_CA_FILE": f"{base}/tls/stranger.pem",
        "MG_USER": "alice",
        "MG_PASSWORD": dovecot.PASSWORD,
        "MG_EMAIL": f"alice@{dovecot.DOMAIN}",
        "MG_DOMAIN": dovecot.DOMAIN,
        "MG_IMAP_URL": f"imaps://localhost:{ports['imaps']}",
        "MG_SMTP_URL": f"smtps://localhost:{ports['smtps']}",
        "MG_MAIL": f"{base}/mail",
        "MG_ACCEPTED": f"{base}/smtp/accepted",
        "MG_SMTP_SAY": f"{base}/smtp/say",
        "MG_IMAP_LOG": f"{base}/dovecot/log",
        "MG_SMTP_LOG": f"{base}/smtp/log",
    })
    if "postfix" in ports:
        env["MG_POSTFIX_URL"] = f"smtps://localhost:{ports['postfix_tls']}"
        env["MG_POSTFIX_LOG"] = f"{base}/postfix/log"
    return env


def _leave_guard(folder, pid):
    """A process that takes the servers down when process `pid` has ended, however it ended."""
    if os.fork() != 0:
        return
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    try:
        watched = os.pidfd_open(pid)
        import select
        select.select([watched], [], [])
    except ProcessLookupError:
        pass
    time.sleep(0.05)
    if os.path.exists(os.path.join(folder, "env")):
        down(argparse.Namespace(dir=folder, keep_files=False))
    os._exit(0)


def _end_all(base):
    for name in SERVERS:
        if places.living(places.group_of(base, name)):
            places.end_group(base, name, signal.SIGKILL)


def down(options):
    base = places.base_of(options.dir)
    if not os.path.exists(os.path.join(base, "env")) and not os.path.exists(
            os.path.join(base, "options.json")):
        raise places.ServerError(f"{options.dir}: no servers here")
    _end_all(base)
    if not options.keep_files:
        _remove(options.dir, base)


def _remove(folder, base):
    for name in OURS:
        path = os.path.join(base, name)
        if os.path.isdir(path):
            shutil.rmtree(path, ignore_errors=True)
        elif os.path.exists(path):
            os.unlink(path)
    if base != os.path.realpath(folder):
        os.unlink(os.path.join(folder, "base"))
        if os.path.exists(os.path.join(folder, "env")):
            os.unlink(os.path.join(folder, "env"))
        os.rmdir(base)
    try:
        os.rmdir(folder)
    except OSError:
        pass  # something of somebody else's is in it


def start(name, options):
    base = places.base_of(options.dir)
    env = places.read_env(base)
    if name == "imap":
        dovecot.start(base, env)
    elif name == "postfix":
        postfix.start(base, env)
    else:
        with open(os.path.join(base, "options.json"), encoding="utf-8") as file:
            smtp.start(base, env, json.load(file))


def end(name, number, options):
    base = places.base_of(options.dir)
    if not places.living(places.group_of(base, name)) and getattr(options, "if_running", False):
        if os.path.exists(places.pid_file(base, name)):
            os.unlink(places.pid_file(base, name))
        return
    places.end_group(base, name, number)


def tell(name, number, options):
    places.signal_group(places.base_of(options.dir), name, number)


def restart(name, options):
    end(name, signal.SIGKILL, options)
    start(name, options)


def password(options):
    dovecot.set_password(places.base_of(options.dir), options.user, options.password)


def doveadm(options):
    command = dovecot.doveadm(places.base_of(options.dir), *options.words)
    sys.exit(subprocess.run(command, check=False).returncode)


def show(options):
    base = places.base_of(options.dir)
    for key, value in places.read_env(base).items():
        print(f"{key}={value}")
    for name in SERVERS:
        found = places.living(places.group_of(base, name))
        print(f"# {name}: {len(found)} processes" if found else f"# {name}: not running")


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def verb(name, call):
        made = verbs.add_parser(name)
        made.add_argument("dir")
        made.set_defaults(call=call)
        return made

    made = verb("up", up)
    made.add_argument("--format", choices=("maildir", "sdbox", "mdbox"), default="sdbox")
    made.add_argument("--connections", type=int, default=100,
                      help="Dovecot's mail_max_userip_connections")
    made.add_argument("--mechanisms", default="plain login scram-sha-1 scram-sha-256 cram-md5",
                      help="Dovecot's auth_mechanisms")
    made.add_argument("--smtp-mechanisms", default="PLAIN,LOGIN",
                      help="of SMTP's AUTH; empty: everybody may send")
    made.add_argument("--size", type=int, default=20_000_000, help="SMTP's SIZE limit in bytes")
    made.add_argument("--need-tls", action="store_true",
                      help="no login before STARTTLS on the plain ports")
    made.add_argument("--certificate", choices=("server", "expired"), default="server")
    made.add_argument("--postfix", action="store_true",
                      help="a Postfix as well (root only): MG_POSTFIX_PORT, MG_POSTFIX_TLS_PORT")
    made.add_argument("--dovecot", action="append", default=[], metavar="LINE",
                      help="a further line of Dovecot's configuration")
    made.add_argument("--acl", action="store_true", help="Dovecot offers ACL")
    made.add_argument("--quota", type=int, default=0, metavar="KB",
                      help="Dovecot offers QUOTA, so much for each user")
    made.add_argument("--more-users", type=int, default=0, metavar="N",
                      help="users user1 to userN as well, with the same password")
    made.add_argument("--guard", type=int, metavar="PID",
                      help="take everything down when this process ends")
    verb("down", down).add_argument("--keep-files", action="store_true")
    for name in SERVERS:
        verb("start-" + name, lambda options, name=name: start(name, options))
        verb("restart-" + name, lambda options, name=name: restart(name, options))
        for word, number in (("term-", signal.SIGTERM), ("kill-", signal.SIGKILL)):
            made = verb(word + name,
                        lambda options, name=name, number=number: end(name, number, options))
            made.add_argument("--if-running", action="store_true",
                              help="it is no error when it is down already")
        for word, number in (("stop-", signal.SIGSTOP), ("cont-", signal.SIGCONT)):
            verb(word + name,
                 lambda options, name=name, number=number: tell(name, number, options))
    made = verb("password", password)
    made.add_argument("user")
    made.add_argument("password")
    verb("doveadm", doveadm).add_argument("words", nargs=argparse.REMAINDER)
    verb("show", show)
    return parser.parse_args()


def main():
    options = parse()
    try:
        options.call(options)
    except places.ServerError as error:
        print(f"run.py: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()

"""Where a set of test servers lives: its folder, its ports, its process groups.

A set of servers is one folder. Everything the servers read or write is below it, and the file
`env` in it tells programs and scripts what they need (KEY=VALUE, one a line). Nothing here knows
which servers there are.
"""

import os
import pwd
import random
import signal
import socket
import subprocess
import tempfile
import time

# A socket's path may have 107 bytes; the servers put up to 40 of their own behind the folder.
LONGEST_BASE = 60
GUARD_SECONDS = 30


class ServerError(Exception):
    """A server did not do what it was asked to; the text is for a person."""


def base_of(folder):
    """The folder that holds the servers' files: `folder` itself or where it points to."""
    link = os.path.join(folder, "base")
    return os.path.realpath(link) if os.path.islink(link) else os.path.realpath(folder)


def make_base(folder):
    """Makes `folder`, or a folder beside it where the servers' user cannot reach it."""
    os.makedirs(folder, exist_ok=True)
    if os.path.exists(os.path.join(folder, "env")):
        raise ServerError(f"{folder}: servers live here already; take them down first")
    base = os.path.realpath(folder)
    if len(base) > LONGEST_BASE or not _open_to_all(os.path.dirname(base)):
        base = tempfile.mkdtemp(prefix="mapigate-")
        link = os.path.join(folder, "base")
        if os.path.islink(link):
            os.unlink(link)
        os.symlink(base, link)
    os.chmod(base, 0o755)
    return base


def _open_to_all(path):
    if os.geteuid() != 0:
        return True
    while True:
        if not os.stat(path).st_mode & 0o001:
            return False
        if path == "/":
            return True
        path = os.path.dirname(path)


def servant():
    """The user that runs the servers: nobody for root, else whoever calls. (uid, gid, name)"""
    entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return entry.pw_uid, entry.pw_gid, entry.pw_name


def servant_group():
    import grp
    return grp.getgrgid(servant()[1]).gr_name


def give(path):
    """Makes `path` and all below it the servant's."""
    if os.geteuid() != 0:
        return
    uid, gid, _ = servant()
    os.chown(path, uid, gid)
    for where, folders, files in os.walk(path):
        for name in folders + files:
            os.chown(os.path.join(where, name), uid, gid, follow_symlinks=False)


def as_servant(command):
    """`command`, run with the servant's ids and no way back."""
    if os.geteuid() != 0:
        return command
    uid, gid, _ = servant()
    return ["setpriv", "--reuid", str(uid), "--regid", str(gid), "--clear-groups",
            "--no-new-privs", "--"] + command


# Held while this process or a fork of it lives.
_taken = []


def take_ports(count):
    """`count` ports nobody listens on, outside the range from which the kernel lends ports, so
    that a server that is down for a while finds its own port free when it returns. Until this
    process and its guard have ended, no other set of servers takes them."""
    ports = []
    while len(ports) < count:
        port = random.SystemRandom().randrange(20000, 32000)
        if _take(port):
            ports.append(port)
    return ports


def _take(port):
    # A name of Linux's own goes with the last process that holds it, and leaves no file.
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0mapigate-test-port-{port}")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
    except OSError:
        name.close()
        return False
    _taken.append(name)
    return True


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def read_env(folder):
    path = os.path.join(folder, "env")
    try:
        with open(path, encoding="utf-8") as file:
            return dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    except FileNotFoundError:
        raise ServerError(f"{folder}: no servers here (no file env)") from None


def write_env(folder, env):
    """Written whole and renamed: a reader sees the old or the new one."""
    path = os.path.join(folder, "env")
    write(path + ".new", "".join(f"{key}={value}\n" for key, value in env.items()))
    os.rename(path + ".new", path)


# Process groups: each server is one, and its leader's id is kept in a file.

def pid_file(base, name):
    return os.path.join(base, name + ".pid")


def group_of(base, name):
    try:
        with open(pid_file(base, name), encoding="ascii") as file:
            return int(file.read())
    except (FileNotFoundError, ValueError):
        return 0


def living(group):
    """The processes of `group` that are not zombies (in a container nobody may bury those)."""
    found = []
    if not group:
        return found
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            found.append(int(entry))
    return found


def start_group(base, name, command, log):
    """Starts `command` as the servant in a session of its own and notes its id."""
    if living(group_of(base, name)):
        raise ServerError(f"{name}: runs already")
    with open(log, "ab") as out:
        process = subprocess.Popen(as_servant(command), stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=out, start_new_session=True, cwd=base)
    write(pid_file(base, name), f"{process.pid}\n")
    return process


def signal_group(base, name, number):
    group = group_of(base, name)
    if not group or not living(group):
        raise ServerError(f"{name}: does not run")
    os.killpg(group, number)
    return group


def end_group(base, name, number):
    """Sends `number` and waits until no process of the group is left."""
    group = group_of(base, name)
    if not group or not living(group):
        raise ServerError(f"{name}: does not run")
    try:
        os.killpg(group, number)
        os.killpg(group, signal.SIGCONT)
    except ProcessLookupError:
        pass  # the last one has just gone
    deadline = time.monotonic() + GUARD_SECONDS
    insist = time.monotonic() + 3
    while living(group):
        if time.monotonic() > insist:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if time.monotonic() > deadline:
            raise ServerError(f"{name}: does not end")
        time.sleep(0.005)
    os.unlink(pid_file(base, name))


def wait_for_greeting(port, expected, process, log):
    """Waits until the server on `port` greets with `expected`; its log is in the error. `process`
    is the one whose end is the end of hope, or None."""
    deadline = time.monotonic() + GUARD_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
                if peer.recv(512).startswith(expected):
                    return
        except OSError:
            pass
        if (process and process.poll() is not None) or time.monotonic() > deadline:
            with open(log, encoding="utf-8", errors="replace") as file:
                tail = "".join(file.readlines()[-15:])
            raise ServerError(f"no greeting on port {port}; {log} ends:\n{tail}")
        time.sleep(0.01)

"""A real Dovecot: IMAP with and without TLS, and LMTP, on ports of its own."""

import os
import time

import places

USERS = ("alice", "bob", "carol", "dave")
DOMAIN = "example.test"
PASSWORD = "secret"

CONFIGURATION = """\
# Written by tests/servers/dovecot.py for one run.
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap lmtp
listen = {listen}

default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = {uid}
first_valid_gid = 0
mail_home = {base}/mail/%n
mail_location = {format}:~/store
mail_max_userip_connections = {connections}
mail_fsync = never
mailbox_list_index = yes
mail_cache_min_mail_count = 0

ssl = yes
ssl_cert = <{base}/tls/{certificate}.pem
ssl_key = <{base}/tls/server.key
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = {plain_needs_tls}
auth_mechanisms = {mechanisms}
# One name however it is written: alice and alice@example.test.
auth_username_format = %Ln
auth_failure_delay = 0
auth_debug = no

passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%n {home}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%n {home}/users
}}

namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = subscribe
  }}
}}

# Without root there is no chroot to go to.
service anvil {{
  chroot =
  # No waiting after wrong passwords: tests give many.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  service_count = 0
  client_limit = 4000
}}
service imap {{
  process_limit = 4096
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@{domain}
}}
lmtp_save_to_detail_mailbox = no
{extra}
"""

# RFC 4314. The lists stand in files beside the mailboxes.
ACL = """\
mail_plugins = $mail_plugins acl
protocol imap {
  mail_plugins = $mail_plugins imap_acl
}
plugin {
  acl = vfile
  acl_anyone = allow
}
"""

# RFC 9208, of so many KB for each user.
QUOTA = """\
mail_plugins = $mail_plugins quota
protocol imap {
  mail_plugins = $mail_plugins imap_quota
}
plugin {
  quota = count:User
  quota_vsizes = yes
  quota_rule = *:storage=%dK
}
"""


def _extra(options):
    return "\n".join(options.dovecot + ([ACL] if options.acl else []) +
                     ([QUOTA % options.quota] if options.quota else []))


def prepare(base, ports, options):
    """Writes the configuration and the users, and makes the mail folder."""
    home = os.path.join(base, "dovecot")
    for name in ("run", "state"):
        os.makedirs(os.path.join(home, name))
    os.makedirs(os.path.join(base, "mail"))
    uid, gid, user = places.servant()
    text = CONFIGURATION.format(
        base=base, home=home, user=user, group=places.servant_group(), uid=uid, gid=gid,
        listen="127.0.0.1, ::1" if places.has_ipv6() else "127.0.0.1", domain=DOMAIN,
        format=options.format, connections=options.connections, mechanisms=options.mechanisms,
        certificate=options.certificate, plain_needs_tls="yes" if options.need_tls else "no",
        extra=_extra(options), **ports)
    places.write(os.path.join(home, "dovecot.conf"), text)
    places.write(os.path.join(home, "users"),
                 "".join(_user_line(name, PASSWORD) for name in _names(options)), 0o600)
    places.give(home)
    places.give(os.path.join(base, "mail"))


def _names(options):
    return USERS + tuple(f"user{number}" for number in range(1, options.more_users + 1))


def _user_line(name, password):
    return f"{name}:{{PLAIN}}{password}::::::\n"


def set_password(base, name, password):
    """Gives `name` another password, or makes that user; true of every login that comes later.

    Dovecot looks at the file once a second and compares size and whole seconds of its time."""
    path = os.path.join(base, "dovecot", "users")
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file if line.partition(":")[0] != name]
    second = max(int(time.time()), int(os.stat(path).st_mtime) + 1)
    places.write(path + ".new", "".join(lines) + _user_line(name, password), 0o600)
    places.give(path + ".new")
    os.utime(path + ".new", (second, second))
    os.rename(path + ".new", path)
    time.sleep(1.01 - time.time() % 1)


def start(base, env):
    home = os.path.join(base, "dovecot")
    for name in ("run/master.pid", "log"):
        if os.path.exists(os.path.join(home, name)) and name != "log":
            os.unlink(os.path.join(home, name))
    log = os.path.join(home, "output")
    process = places.start_group(
        base, "imap", ["/usr/sbin/dovecot", "-F", "-c", os.path.join(home, "dovecot.conf")], log)
    written = os.path.join(home, "log")
    places.wait_for_greeting(int(env["MG_IMAP_PORT"]), b"* OK", process,
                             written if os.path.exists(written) else log)


def doveadm(base, *words):
    """The command line of Dovecot's own tool, as the servers' user."""
    return places.as_servant(["/usr/bin/doveadm", "-c",
                              os.path.join(base, "dovecot", "dovecot.conf"), *words])

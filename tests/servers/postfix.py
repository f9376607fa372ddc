"""A real Postfix in a configuration directory of its own (root only): `run.py up --postfix`.

A submission server as people run them: STARTTLS and implicit TLS, AUTH asked of Dovecot, SIZE,
PIPELINING, DSN, its own queue, and delivery for our domain by Dovecot's LMTP. Mail for anywhere
else is refused; nothing leaves the machine. The system's own Postfix, if there is one, is not
touched.
"""

import os
import shutil
import subprocess

import dovecot
import places

MAIN = """\
# Written by tests/servers/postfix.py for one run.
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = localhost
myorigin = {domain}
mydestination =
inet_interfaces = loopback-only
inet_protocols = {protocols}
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
maillog_file = {home}/log
maillog_file_prefixes = {home}
biff = no

virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{home}/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:5.4.4 this server delivers nowhere else
relay_transport = $default_transport
minimal_backoff_time = 1s
maximal_backoff_time = 5s
queue_run_delay = 1s

message_size_limit = {size}
smtpd_tls_cert_file = {base}/tls/{certificate}.pem
smtpd_tls_key_file = {base}/tls/server.key
smtpd_tls_security_level = {level}
smtpd_tls_auth_only = {auth_only}
smtpd_tls_loglevel = 0
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {base}/dovecot/run/auth-postfix
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = reject_unlisted_recipient, permit
"""

SERVICES = """\
{smtp} inet n - n - - smtpd
{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_tls_security_level=may
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def prepare(base, ports, options):
    if os.geteuid() != 0:
        raise places.ServerError("Postfix starts as root only")
    home = os.path.join(base, "postfix")
    for name in ("conf", "queue", "data"):
        os.makedirs(os.path.join(home, name))
    shutil.chown(os.path.join(home, "data"), "postfix")
    places.write(os.path.join(home, "mailboxes"),
                 "".join(f"{name}@{dovecot.DOMAIN} {name}\n" for name in dovecot.USERS))
    ipv6 = places.has_ipv6()
    places.write(os.path.join(home, "conf/main.cf"), MAIN.format(
        home=home, base=base, domain=dovecot.DOMAIN, lmtp=ports["lmtp"], size=options.size,
        certificate=options.certificate, protocols="all" if ipv6 else "ipv4",
        level="encrypt" if options.need_tls else "may",
        auth_only="yes" if options.need_tls else "no"))
    places.write(os.path.join(home, "conf/master.cf"), SERVICES.format(
        smtp=ports["postfix"], smtps=ports["postfix_tls"]))


def start(base, env):
    """Postfix's master makes a session of its own; its id is in its queue folder."""
    home = os.path.join(base, "postfix")
    if places.living(places.group_of(base, "postfix")):
        raise places.ServerError("postfix: runs already")
    with open(os.path.join(home, "output"), "ab") as out:
        process = subprocess.Popen(["/usr/sbin/postfix", "-c", os.path.join(home, "conf"), "start"],
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    if process.wait() != 0:
        with open(os.path.join(home, "output"), encoding="utf-8", errors="replace") as file:
            raise places.ServerError("postfix does not start:\n" + file.read()[-2000:])
    with open(os.path.join(home, "queue/pid/master.pid"), encoding="ascii") as file:
        places.write(places.pid_file(base, "postfix"), file.read().strip() + "\n")
    places.wait_for_greeting(int(env["MG_POSTFIX_PORT"]), b"220", None,
                             os.path.join(home, "output"))

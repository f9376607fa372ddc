#!/usr/bin/python3
"""The SMTP server of the tests: aiosmtpd with AUTH, STARTTLS, implicit TLS, SIZE and refusals.

It takes mail as a submission server does, keeps each accepted message byte for byte, and hands
mail for its own domain on to Dovecot's LMTP, again and again until that takes it. In base/smtp:

  accepted/NNNNNN.eml   the message as it came after DATA (dots unstuffed)
  accepted/NNNNNN.json  sender, recipients, options, user, TLS; written first, so that whoever
                        sees the .eml finds both
  say                   refusals to come, one a line: a verb (CONNECT is none; AUTH, MAIL, RCPT,
                        DATA, EHLO) and the reply, for example: DATA 451 4.3.0 come back later;
                        or SLOW and milliseconds: how long a message it has kept is not answered

Local parts refuse themselves: refuse550, refuse451, refuse5xx, refuse4xx at RCPT or MAIL, and
data552 and kin once the message has come. Nobody is known in the domain but the users of Dovecot.
"""

import argparse
import asyncio
import json
import logging
import os
import re
import smtplib
import ssl
import time
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

DOMAIN = "example.test"
RETRY_SECONDS = 0.25


class Users:
    """Dovecot's user file: one truth about names and passwords."""

    def __init__(self, base):
        self.path = os.path.join(base, "dovecot", "users")

    def passwords(self):
        with open(self.path, encoding="utf-8") as file:
            rows = (line.split(":") for line in file if ":" in line)
            return {row[0]: row[1].removeprefix("{PLAIN}") for row in rows}

    def check(self, login, password):
        name = login.decode("utf-8", "replace").lower().removesuffix("@" + DOMAIN)
        known = self.passwords().get(name)
        return known is not None and known.encode() == password


def asked_refusal(address, word):
    """The reply an address asks for by its own local part, or None."""
    found = re.match(word + r"([45])(\d\d|xx)", address, re.IGNORECASE)
    if not found:
        return None
    kind, rest = found.group(1), found.group(2)
    code = kind + ("50" if rest.lower() == "xx" else rest)
    return f"{code} {kind}.7.1 <{address}>: refused, as its name asks"


class Submission:
    """What the server does with each command (the hooks of aiosmtpd)."""

    def __init__(self, base, users, mechanisms):
        self.folder = os.path.join(base, "smtp")
        self.users = users
        self.mechanisms = mechanisms
        self.waiting = asyncio.Queue()
        self.number = 0
        for name in sorted(os.listdir(self.accepted())):
            if name.endswith(".eml"):
                self.number = int(name[:-4])
                if not os.path.exists(self.path(self.number, "delivered")):
                    self.waiting.put_nowait(self.number)

    def accepted(self):
        return os.path.join(self.folder, "accepted")

    def path(self, number, ending):
        return os.path.join(self.accepted(), f"{number:06}.{ending}")

    def said(self, verb):
        try:
            with open(os.path.join(self.folder, "say"), encoding="utf-8") as file:
                for line in file:
                    if line.split(" ", 1)[0] == verb:
                        return line.split(" ", 1)[1].strip()
        except FileNotFoundError:
            pass
        return None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        refusal = self.said("EHLO")
        if refusal:
            return [refusal]
        session.host_name = hostname
        extra = ["250-PIPELINING", "250-ENHANCEDSTATUSCODES"]
        kept = [line for line in responses[:-1]]
        return kept + extra + responses[-1:]

    async def handle_AUTH(self, server, session, envelope, args):
        from aiosmtpd.smtp import MISSING
        return self.said("AUTH") or MISSING

    def authenticate(self, server, session, envelope, mechanism, data):
        if self.users.check(data.login, data.password):
            return AuthResult(success=True, auth_data=data)
        return AuthResult(success=False, handled=False)

    async def handle_MAIL(self, server, session, envelope, address, options):
        refusal = self.said("MAIL") or asked_refusal(address, "refuse")
        if refusal:
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender taken"

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = self.said("RCPT") or asked_refusal(address, "refuse")
        if refusal:
            return refusal
        name, _, domain = address.lower().rpartition("@")
        if (domain == DOMAIN and name not in self.users.passwords()
                and not asked_refusal(address, "data")):
            return f"550 5.1.1 <{address}>: nobody of that name here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 recipient taken"

    async def handle_DATA(self, server, session, envelope):
        refusal = self.said("DATA")
        for address in envelope.rcpt_tos:
            refusal = refusal or asked_refusal(address, "data")
        if refusal:
            return refusal
        self.number += 1
        self.keep(self.number, session, envelope)
        number = self.number
        self.waiting.put_nowait(number)
        await asyncio.sleep(int(self.said("SLOW") or 0) / 1000)
        return f"250 2.0.0 taken as {number:06}"

    def keep(self, number, session, envelope):
        login = session.auth_data.login if session.auth_data else None
        facts = {"from": envelope.mail_from, "to": envelope.rcpt_tos,
                 "options": envelope.mail_options, "user": login.decode() if login else None,
                 "tls": session.ssl is not None, "ehlo": session.host_name,
                 "time": time.time()}
        with open(self.path(number, "json"), "w", encoding="utf-8") as file:
            json.dump(facts, file, indent=1)
        with open(self.path(number, "new"), "wb") as file:
            file.write(envelope.original_content)
        os.rename(self.path(number, "new"), self.path(number, "eml"))


class Delivery:
    """Hands accepted mail for our domain to LMTP, in order, until it is taken or refused."""

    def __init__(self, submission, port):
        self.submission = submission
        self.port = port
        self.answers = {}  # of the message that is under way: address, its refusals

    async def run(self):
        loop = asyncio.get_running_loop()
        while True:
            number = await self.submission.waiting.get()
            while not await loop.run_in_executor(None, self.deliver, number):
                await asyncio.sleep(RETRY_SECONDS)

    def deliver(self, number):
        at = self.submission.path
        with open(at(number, "json"), encoding="utf-8") as file:
            facts = json.load(file)
        with open(at(number, "eml"), "rb") as file:
            message = file.read()
        local = [address for address in facts["to"] if address.lower().endswith("@" + DOMAIN)]
        try:
            # LMTP answers once for each recipient; smtplib reads the first answer only.
            for address in local:
                if address in self.answers:
                    continue
                refused = {}
                with smtplib.LMTP("127.0.0.1", self.port, timeout=20) as lmtp:
                    try:
                        lmtp.sendmail(facts["from"], [address], message)
                    except smtplib.SMTPRecipientsRefused as error:
                        refused = error.recipients
                self.answers[address] = refused
        except (OSError, smtplib.SMTPException):
            return False
        outcome = {who: [code, text.decode("utf-8", "replace")]
                   for refused in self.answers.values() for who, (code, text) in refused.items()}
        self.answers = {}
        with open(at(number, "delivered"), "w", encoding="utf-8") as file:
            json.dump({"refused": outcome}, file)
        return True


def tls_context(base, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(f"{base}/tls/{name}.pem", f"{base}/tls/server.key")
    return context


async def serve(options):
    base = options.base
    submission = Submission(base, Users(base), options.mechanisms.upper().split(","))
    context = tls_context(base, options.certificate)
    hidden = {"PLAIN", "LOGIN"} - set(submission.mechanisms)
    common = {"data_size_limit": options.size, "hostname": "localhost", "ident": "ESMTP",
              "enable_SMTPUTF8": True, "authenticator": submission.authenticate,
              "auth_exclude_mechanism": hidden, "auth_required": bool(submission.mechanisms[0])}

    def plain():
        return SMTP(submission, tls_context=context, auth_require_tls=options.need_tls,
                    require_starttls=options.need_tls, **common)

    def implicit():
        return SMTP(submission, auth_require_tls=False, **common)

    loop = asyncio.get_running_loop()
    hosts = [host for host in ("127.0.0.1", "::1") if can_listen(host)]
    await loop.create_server(plain, hosts, options.port)
    await loop.create_server(implicit, hosts, options.tls_port, ssl=context)
    await Delivery(submission, options.lmtp_port).run()


def can_listen(host):
    import socket
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.bind((host, 0))
        return True
    except OSError:
        return False


def main():
    # aiosmtpd warns of AUTH without TLS; on a loopback port that is what some tests want.
    warnings.simplefilter("ignore", UserWarning)
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls-port", type=int, required=True)
    parser.add_argument("--lmtp-port", type=int, required=True)
    parser.add_argument("--size", type=int, default=20_000_000)
    parser.add_argument("--mechanisms", default="PLAIN,LOGIN")
    parser.add_argument("--certificate", default="server")
    parser.add_argument("--need-tls", action="store_true")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()

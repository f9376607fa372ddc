#!/usr/bin/env python3
"""Python's email package as the other side of mime/.

email_peer.py read         a message on stdin: what is in it, a line each
email_peer.py make SEED    a message on stdout, made from random content
email_peer.py list SEED    what is in that message, as `read` says it

Lines: "subject TEXT", "to NAME ADDRESS", and for each leaf "part TYPE FILENAME SHA256" of the decoded
content, embedded messages gone into.
"""
import email
import email.header
import email.policy
import email.utils
import hashlib
import random
import sys
from email.message import EmailMessage

WORDS = ["word", " ", "  ", "\r\n", "From ", ".", "=", "--", "Grüße", "日本", "\t", "a", "b, c", "😀"]
NAMES = ["plain.txt", "two words.pdf", "Grüße.docx", "日本 😀.bin", "semi;colon.txt", "x" * 90 + ".bin",
         "ä" * 60 + ".pdf"]


def digest(content):
    return hashlib.sha256(content).hexdigest()


def leaves(message):
    if message.get_content_type() == "message/rfc822":
        yield from leaves(message.get_payload(0))
    elif message.is_multipart():
        for part in message.get_payload():
            yield from leaves(part)
    else:
        yield message


def describe(message):
    yield "subject " + str(message["Subject"] or "")
    for field in ("To", "Cc"):
        for address in (message[field].addresses if message[field] else ()):
            yield f"{field.lower()} {address.display_name or address.addr_spec} {address.addr_spec}"
    for part in leaves(message):
        name = part.get_filename() or "-"
        yield f"part {part.get_content_type()} {name} {digest(part.get_payload(decode=True))}"


def text(rng, ascii_only):
    words = [word for word in WORDS if not ascii_only or word.isascii()]
    return "".join(rng.choice(words) for _ in range(rng.randrange(200)))


def make(seed):
    rng = random.Random(seed)
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = " ".join(rng.choice(["Grüße", "word", "日本", "x"]) for _ in range(rng.randrange(1, 20)))
    message["From"] = "Jörg <joerg@example.org>"
    message["To"] = ["Doe Ann <ann@example.org>", "Müller <m@example.org>"][seed % 2]
    cte = ["7bit", "quoted-printable", "base64"][seed % 3]
    message.set_content(text(rng, cte == "7bit"), cte=cte)
    if rng.random() < 0.5:
        message.add_alternative(text(rng, False), subtype="html", cte="quoted-printable",
                                charset=rng.choice(["utf-8"]))
        if rng.random() < 0.5:
            message.get_payload()[1].add_related(rng.randbytes(rng.randrange(999)), "image", "png",
                                                 cid="<p@x>", filename="p.png")
    for _ in range(rng.randrange(4)):
        message.add_attachment(rng.randbytes(rng.randrange(5000)), "application", "octet-stream",
                               filename=rng.choice(NAMES))
    if rng.random() < 0.3:
        inner = make(seed + 100000)
        message.add_attachment(inner)
    if rng.random() < 0.3:
        part = EmailMessage(policy=email.policy.SMTP)
        part.set_content(text(rng, False), subtype="csv", cte="base64")
        part.add_header("Content-Disposition", "attachment", filename=rng.choice(NAMES))
        if message.get_content_type() == "multipart/mixed":
            message.attach(part)
    return message


def main():
    out = sys.stdout.buffer
    if sys.argv[1] == "read":
        message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.SMTP)
        out.write("".join(line + "\n" for line in describe(message)).encode())
    elif sys.argv[1] == "make":
        out.write(make(int(sys.argv[2])).as_bytes())
    else:
        message = email.message_from_bytes(make(int(sys.argv[2])).as_bytes(), policy=email.policy.SMTP)
        out.write("".join(line + "\n" for line in describe(message)).encode())


main()

#!/usr/bin/python3
"""Fills a mailbox of the test servers with many varied messages, always the same ones.

  make_mailbox.py DIR [--user alice] [--folder INBOX] [--count 100000] [--warm]
                  [--attachments N --size BYTES]

DIR is a folder of tests/servers/run.py up. The messages go in through one IMAP connection as
MULTIAPPEND (RFC 3502) with non-synchronising literals, so that nothing waits for the server:
100,000 messages of 3 KB take some seconds, in whatever format the server keeps. Subjects,
senders, sizes, flags and dates vary; names and subjects come in several scripts and encodings.
With --attachments each message is a text and so many attachments in base64, --size bytes in all.
--warm has the server read what benchmarks ask for once, so that its cache holds it.
"""

import argparse
import base64
import os
import random
import socket
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/servers"))
import places  # noqa: E402

BATCH = 5000
WARM = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"

FIRST = ("Anna Ben Chiara David Elena Farid Grace Hiro Ines Jürgen Károly Lena Małgorzata Nils "
         "Olga Paweł Qing Renée Søren Tomáš Uwe Vera Wei Xenia Yusuf Zoë").split()
LAST = ("Müller Nováček Øst García Yamada Kowalski Åkesson Schmidt O'Brien Lefèvre Rossi Papadakis "
        "Ivanova Çelik Nguyễn Smith Jones").split()
OTHERS = ("山田太郎", "李小龙", "김민수", "Иван Петров", "Γιώργος Παππάς", "יוסי כהן")
WORDS = ("meeting report invoice holiday budget draft question contract release update lunch "
         "order delivery schedule review travel agenda minutes offer reminder project customer "
         "Übersicht Änderung Größe résumé café naïve façade").split()
FOREIGN = ("明日の会議について", "项目进展报告", "회의 일정 변경", "Отчёт за квартал",
           "Πρόσκληση σε συνάντηση", "תזכורת לפגישה", "Grüße aus Zürich 📬")
DOMAINS = ("example.org", "example.com", "example.net", "mail.example.org", "dept.example.edu")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()


def encoded(text, chance):
    """`text` for a header: as it is if it may be, else as an encoded word."""
    if text.isascii():
        return text
    if chance.random() < 0.5:
        return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="
    body = "".join(chr(c) if 48 <= c < 123 and chr(c).isalnum() else "_" if c == 32
                   else f"={c:02X}" for c in text.encode())
    return f"=?UTF-8?Q?{body}?="


def people(chance, count=800):
    """Mailboxes as a header writes them."""
    made = []
    for number in range(count):
        name = (chance.choice(OTHERS) if number % 12 == 0
                else f"{chance.choice(FIRST)} {chance.choice(LAST)}")
        text = encoded(name, chance)
        if "'" in text:
            text = f'"{text}"'
        made.append(f"{text} <user{number}@{chance.choice(DOMAINS)}>")
    return made


def subjects(chance, count=3000):
    made = []
    for number in range(count):
        if number % 10 == 0:
            text = chance.choice(FOREIGN) + f" {number}"
        else:
            text = " ".join(chance.choices(WORDS, k=chance.randint(1, 8))).capitalize()
        made.append(chance.choice(("", "", "", "Re: ", "Fwd: ", "AW: ")) + encoded(text, chance))
    return made


def bodies(chance, count=150):
    """(Content-Type and encoding lines, body) of varied kinds; most small, a few large."""
    made = []
    for number in range(count):
        size = min(int(chance.lognormvariate(7.2, 0.9)), 60_000)
        text = " ".join(chance.choices(WORDS, k=size // 7 + 1))
        lines = "\r\n".join(text[at:at + 72] for at in range(0, len(text), 72)) + "\r\n"
        if number % 5 == 0:
            head = ("Content-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: base64\r\n")
            body = base64.encodebytes(lines.encode()).replace(b"\n", b"\r\n")
        elif number % 5 == 1:
            head = 'Content-Type: multipart/alternative; boundary="=_b"\r\n'
            body = ("--=_b\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: 8bit\r\n\r\n" + lines
                    + "--=_b\r\nContent-Type: text/html; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: 8bit\r\n\r\n<p>" + lines
                    + "</p>\r\n--=_b--\r\n").encode()
        elif number % 5 == 2:
            head = 'Content-Type: multipart/mixed; boundary="=_m"\r\n'
            data = base64.encodebytes(chance.randbytes(size)).replace(b"\n", b"\r\n").decode()
            body = ("--=_m\r\nContent-Type: text/plain\r\n\r\nAttached.\r\n--=_m\r\n"
                    "Content-Type: application/pdf; name=\"file.pdf\"\r\n"
                    "Content-Disposition: attachment; filename=\"file.pdf\"\r\n"
                    "Content-Transfer-Encoding: base64\r\n\r\n" + data + "--=_m--\r\n").encode()
        else:
            head = ("Content-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: 8bit\r\n")
            body = lines.encode()
        made.append((head, body))
    return made


TEXT_MAX = 10_000  # of a message with attachments
BASE64_LINE = 57, 78  # bytes, and what they are in a message


def with_attachments(chance, number, size):
    """One content as bodies() gives them: a text of a tenth, and attachments for the rest."""
    text_size = min(size // 10, TEXT_MAX)
    text = "".join(" ".join(chance.choices(WORDS, k=9)) + "\r\n" for _ in range(text_size // 70))
    pieces = [("--=_m\r\nContent-Type: text/plain; charset=utf-8\r\n"
               "Content-Transfer-Encoding: 8bit\r\n\r\n" + text).encode()]
    for place in range(1, number + 1):
        raw = chance.randbytes((size - text_size) // number * BASE64_LINE[0] // BASE64_LINE[1])
        pieces += [("--=_m\r\nContent-Type: application/octet-stream\r\n"
                    f"Content-Disposition: attachment; filename=\"file{place}.bin\"\r\n"
                    "Content-Transfer-Encoding: base64\r\n\r\n").encode(),
                   base64.encodebytes(raw).replace(b"\n", b"\r\n")]
    return ('Content-Type: multipart/mixed; boundary="=_m"\r\n',
            b"".join(pieces) + b"--=_m--\r\n")


def messages(options):
    """(flags, internal date, message) of each, oldest first."""
    chance, count = random.Random(20240229), options.count
    persons, topics = people(chance), subjects(chance)
    contents = ([with_attachments(chance, options.attachments, options.size)]
                if options.attachments else bodies(chance))
    second = 1_500_000_000
    for number in range(1, count + 1):
        second += chance.randrange(30, 4000)
        moment = time.gmtime(second)
        clock = f"{moment.tm_hour:02}:{moment.tm_min:02}:{moment.tm_sec:02} +0000"
        month = MONTHS[moment.tm_mon - 1]
        head, body = contents[int(chance.random() * len(contents))]
        more = f"Cc: {chance.choice(persons)}\r\n" if number % 7 == 0 else ""
        if number % 3 == 0:
            more += f"In-Reply-To: <bench-{number - 1}@example.org>\r\n"
        header = (f"Date: {DAYS[moment.tm_wday]}, {moment.tm_mday} {month} {moment.tm_year} {clock}"
                  f"\r\nFrom: {persons[int(chance.random() * len(persons))]}\r\n"
                  f"To: Alice <alice@example.test>\r\n{more}"
                  f"Subject: {topics[int(chance.random() * len(topics))]}\r\n"
                  f"Message-ID: <bench-{number}@example.org>\r\nMIME-Version: 1.0\r\n{head}\r\n")
        flags = "\\Seen" if number % 4 else ""
        if number % 50 == 0:
            flags += " \\Flagged"
        yield (flags.strip(), f"{moment.tm_mday:02}-{month}-{moment.tm_year} {clock}",
               header.encode() + body)


class Connection:
    """Just enough IMAP to pour messages in without waiting for each."""

    def __init__(self, port, user, password):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.input = self.socket.makefile("rb", buffering=1 << 16)
        self.input.readline()
        self.tag = 0
        self.command(f"LOGIN {user} {password}")

    def command(self, words):
        self.tag += 1
        self.socket.sendall(f"t{self.tag} {words}\r\n".encode())
        return self.answer()

    def answer(self):
        lines = 0
        while True:
            line = self.input.readline()
            lines += 1
            if line.startswith(f"t{self.tag} ".encode()):
                if b" OK " not in line[:12]:
                    raise places.ServerError(line.decode("utf-8", "replace").strip())
                return lines
            if not line:
                raise places.ServerError("the IMAP server closed the connection")

    def append(self, folder, batch):
        self.tag += 1
        self.socket.sendall(f't{self.tag} APPEND "{folder}"'.encode())
        pieces, size = [], 0
        for flags, date, message in batch:
            pieces += [f' ({flags}) "{date}" {{{len(message)}+}}\r\n'.encode(), message]
            size += len(message)
            if size > 1 << 20:
                self.socket.sendall(b"".join(pieces))
                pieces, size = [], 0
        self.socket.sendall(b"".join(pieces) + b"\r\n")
        self.answer()


def fill(options):
    env = places.read_env(options.dir)
    peer = Connection(int(env["MG_IMAP_PORT"]), options.user, env["MG_PASSWORD"])
    if options.folder.upper() != "INBOX":
        peer.command(f'CREATE "{options.folder}"')
    started, size, batch = time.monotonic(), 0, []
    for number, row in enumerate(messages(options), 1):
        batch.append(row)
        size += len(row[2])
        if len(batch) == BATCH or number == options.count:
            peer.append(options.folder, batch)
            batch = []
            if sys.stderr.isatty():
                print(f"\r{number} of {options.count}", end="", file=sys.stderr)
    seconds = time.monotonic() - started
    print(f"{options.count} messages, {size / 1e6:.0f} MB, {seconds:.1f} s")
    if options.warm:
        started = time.monotonic()
        peer.command(f'SELECT "{options.folder}"')
        peer.command(f"FETCH 1:* {WARM}")
        print(f"read once: {time.monotonic() - started:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir")
    parser.add_argument("--user", default="alice")
    parser.add_argument("--folder", default="INBOX")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--attachments", type=int, default=0)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--warm", action="store_true")
    try:
        fill(parser.parse_args())
    except places.ServerError as error:
        sys.exit(f"make_mailbox.py: {error}")


if __name__ == "__main__":
    main()

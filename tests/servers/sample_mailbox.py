#!/usr/bin/python3
"""A small mailbox with everything in it that mail programs trip over, always the same.

  sample_mailbox.py DIR [USER]   fills USER's mailbox on the servers of DIR (alice if left out)
                                 and writes DIR/sample/: each message as NNN.eml, and manifest.json
                                 with folder, flags, time, size, subject and SHA-256 of each
  sample_mailbox.py --list       prints what there is

The messages are put in by IMAP APPEND (Python's imaplib), so that what the server holds came by
other hands than ours, in whatever format it keeps. Nothing depends on the clock or on chance.
"""

import base64
import datetime
import hashlib
import imaplib
import json
import os
import quopri
import sys
import zlib

sys.dont_write_bytecode = True
import places  # noqa: E402

# Folder names as a person reads them; "/" divides levels. OnlyParent itself is never made.
FOLDERS = (
    "Work", "Work/Projects", "Work/Projects/Zürich 2024", "Work/Projects/A & B",
    "Grüße und Wünsche", "日本語", "日本語/会議", "한국어 메일", "Архив", "Archive/2023/Q1",
    "Deep/1/2/3/4/5/6", "OnlyParent/Child", "Empty", 'With "quotes"', "Percent % and star",
    "Emoji 📬",
)

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(range(256))
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
                       "WjR9awAAAABJRU5ErkJggg==")


def mutf7(name):
    """The name as IMAP writes it (RFC 3501 section 5.1.3)."""
    out, wide = "", ""
    for letter in name + "\0":
        if 0x20 <= ord(letter) <= 0x7e or letter == "\0":
            if wide:
                coded = base64.b64encode(wide.encode("utf-16-be")).decode()
                out += "&" + coded.rstrip("=").replace("/", ",") + "-"
                wide = ""
            out += "&-" if letter == "&" else letter
        else:
            wide += letter
    return out[:-1]


def word(text, charset="utf-8", kind="B"):
    """`text` as one encoded word (RFC 2047)."""
    raw = text.encode(charset)
    if kind == "B":
        coded = base64.b64encode(raw).decode()
    else:
        coded = "".join(chr(c) if chr(c).isalnum() and c < 128 else f"={c:02X}" for c in raw)
    return f"=?{charset}?{kind}?{coded}?="


def b64(data):
    return base64.encodebytes(data)


def qp(data):
    return quopri.encodestring(data)


class Maker:
    """Numbers the messages and gives each a date, a Message-ID and the common header."""

    def __init__(self):
        self.made = []

    def add(self, folder, subject, body, *, kind="text/plain; charset=us-ascii", coding=None,
            sender="Ann Author <ann@example.org>", to="Alice <alice@example.test>", more=(),
            flags="", leave_out=()):
        number = len(self.made) + 1
        second = 1_700_000_000 + number * 3600
        header = [("Date", _date(second)), ("From", sender), ("To", to), ("Subject", subject),
                  ("Message-ID", f"<sample-{number:03}@example.org>"), ("MIME-Version", "1.0"),
                  ("Content-Type", kind)]
        if coding:
            header.append(("Content-Transfer-Encoding", coding))
        lines = [f"{name}: {value}" for name, value in [*header, *more]
                 if name not in leave_out and value is not None]
        if isinstance(body, str):
            body = body.encode()
        raw = "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n\n" + body
        self.made.append({"folder": folder, "flags": flags, "second": second,
                          "subject": subject, "raw": raw.replace(b"\n", b"\r\n")})

    def multipart(self, folder, subject, parts, subtype="mixed", parameters="", **rest):
        number = len(self.made) + 1
        self.add(folder, subject, _joined(parts, f"=_part-{number}"),
                 kind=f'multipart/{subtype}; boundary="=_part-{number}"{parameters}', **rest)


def _joined(parts, boundary):
    mark = b"--" + boundary.encode()
    return (b"This is a message in several parts.\n"
            + b"".join(mark + b"\n" + part + b"\n" for part in parts) + mark + b"--\n")


def part(kind, data, coding=None, *more):
    head = [f"Content-Type: {kind}"]
    if coding:
        head.append(f"Content-Transfer-Encoding: {coding}")
        data = {"base64": b64, "quoted-printable": qp}.get(coding, bytes)(data)
    return "\n".join([*head, *more]).encode() + b"\n\n" + data


def _date(second):
    from email.utils import formatdate
    return formatdate(second).replace("-0000", "+0000")


def noise(size):
    """`size` bytes that look like chance and never change."""
    out, state = bytearray(), 1
    while len(out) < size:
        state = zlib.crc32(state.to_bytes(4, "big"))
        out += state.to_bytes(4, "big")
    return bytes(out[:size])


def charsets(maker):
    maker.add("INBOX", "Plain text", "Hello Alice,\n\njust ASCII.\n.\n..two dots\n-- \nAnn\n")
    maker.add("INBOX", word("Grüße aus Zürich"), qp("Schöne Grüße – alles gut? €\n".encode()),
              kind="text/plain; charset=utf-8", coding="quoted-printable",
              sender=f"{word('Jürgen Müller')} <juergen@example.org>", flags="\\Seen")
    maker.add("INBOX", word("Überraschung", "iso-8859-1", "Q"),
              "Schöne Überraschung: ÄÖÜß\n".encode("iso-8859-1"),
              kind="text/plain; charset=iso-8859-1", coding="8bit")
    maker.add("INBOX", word("会議のお知らせ", "iso-2022-jp"),
              "明日の会議は十時からです。\n".encode("iso-2022-jp"),
              kind="text/plain; charset=iso-2022-jp", coding="7bit",
              sender=f"{word('山田太郎', 'iso-2022-jp')} <yamada@example.org>")
    maker.add("INBOX", word("会议通知", "gb18030"), b64("明天的会议改到下午三点。\n".encode("gb18030")),
              kind="text/plain; charset=gb18030", coding="base64")
    maker.add("INBOX", word("회의 안내", "euc-kr"), "회의는 세 시입니다.\n".encode("euc-kr"),
              kind="text/plain; charset=euc-kr", coding="8bit")
    maker.add("INBOX", word("Привет", "koi8-r"), qp("Привет, мир!\n".encode("koi8-r")),
              kind="text/plain; charset=koi8-r", coding="quoted-printable")
    maker.add("INBOX", word("שלום עולם"), b64("שלום עולם\n".encode()),
              kind="text/plain; charset=utf-8", coding="base64")
    maker.add("INBOX", "Raw UTF-8 in the subject: Grüße", "8-bit body without a charset: ü\n",
              kind="text/plain", coding="8bit", flags="\\Seen")
    maker.add("INBOX", "Windows-1252 quotes", "\x93Quoted\x94 \x96 for 5 \x80\n".encode("latin-1"),
              kind='text/plain; charset="windows-1252"', coding="8bit")
    maker.add("INBOX", word("Smile 😀 and 𝄞"), b64("Beyond the first plane: 😀 𝄞\n".encode()),
              kind="text/plain; charset=UTF-8", coding="base64")
    maker.add("INBOX", "Unknown charset", "x-unheard-of \xe4\n".encode("latin-1"),
              kind="text/plain; charset=x-unheard-of", coding="8bit")
    maker.add("INBOX", "=?utf-8?B?broken!!?= and =?utf-8?Q?half", "A subject nobody can decode.\n")
    maker.add("INBOX", word("A subject so long that it ", kind="Q") + "\n "
              + word("needs two encoded words: äöü"), "Folded and joined.\n")


def bodies(maker):
    html = "<html><body><p>Only <b>HTML</b> &ndash; übrigens</p></body></html>\n"
    maker.add("INBOX", "HTML only", qp(html.encode()), kind="text/html; charset=utf-8",
              coding="quoted-printable")
    maker.multipart("INBOX", "Text and HTML",
                    [part("text/plain; charset=utf-8", "Schöne Grüße\n".encode(), "8bit"),
                     part("text/html; charset=utf-8", html.encode(), "base64")], "alternative")
    maker.multipart("INBOX", "HTML with a picture inside", [
        part("text/html; charset=us-ascii", b'<img src="cid:dot@example.org">\n', "7bit"),
        part("image/png", PNG, "base64", "Content-ID: <dot@example.org>",
             'Content-Disposition: inline; filename="dot.png"')],
        "related", '; type="text/html"')
    maker.add("INBOX", "Empty body", "")
    maker.add("INBOX", "No line end at the end", "no line end")
    maker.add("INBOX", "Very long line", "x" * 5000 + "\n" + "word " * 2000 + "\n")
    maker.add("INBOX", "Flowed", "A paragraph that \nflows over \nthree lines.\n\n>quoted\n",
              kind="text/plain; charset=us-ascii; format=flowed")
    maker.add("INBOX", "", "The subject is empty.\n")
    maker.add("INBOX", None, "There is no subject at all.\n", leave_out=("Subject",))
    maker.add("INBOX", "No date, no sender", "Bare.\n", leave_out=("Date", "From"))
    maker.add("INBOX", "Only a header, in upper case", "Hello\n", more=[("X-EMPTY", "")],
              leave_out=("MIME-Version", "Content-Type"))


def attachments(maker):
    text = part("text/plain; charset=us-ascii", b"See what is attached.\n", "7bit")
    maker.multipart("INBOX", "Three attachments", [
        text,
        part('application/pdf; name="report.pdf"', b"%PDF-1.4\n" + noise(3000), "base64",
             'Content-Disposition: attachment; filename="report.pdf"'),
        part("image/jpeg", JPEG, "base64",
             'Content-Disposition: attachment; filename="photo.jpg"'),
        part("text/csv; charset=utf-8", "Ort;Größe\nZürich;3\n".encode(), "quoted-printable",
             'Content-Disposition: attachment; filename="table.csv"')], flags="\\Flagged")
    maker.multipart("INBOX", "Names in other scripts", [
        text,
        part("application/octet-stream", noise(100), "base64",
             "Content-Disposition: attachment; filename*=utf-8''%E4%BC%9A%E8%AD%B0.bin"),
        part("application/octet-stream", noise(101), "base64",
             "Content-Disposition: attachment;\n filename*0*=utf-8''Gr%C3%BC%C3%9Fe%20;\n"
             ' filename*1="and a long tail.bin"'),
        part(f'application/octet-stream; name="{word("Übersicht.bin")}"', noise(102), "base64",
             "Content-Disposition: attachment")])
    maker.multipart("INBOX", "A megabyte", [
        text, part("application/octet-stream", noise(1_000_000), "base64",
                   'Content-Disposition: attachment; filename="big.bin"')])
    maker.multipart("INBOX", "An empty attachment", [
        text, part("application/octet-stream", b"", "base64",
                   'Content-Disposition: attachment; filename="empty.bin"')])
    maker.add("INBOX", "Nothing but a picture", b64(PNG), kind="image/png; name=dot.png",
              coding="base64", more=[("Content-Disposition", "attachment; filename=dot.png")])
    inner = (b"From: Inner <inner@example.org>\nSubject: The inner message\n"
             b"MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n\nInside.\n")
    maker.multipart("INBOX", "A message in a message",
                    [text, b"Content-Type: message/rfc822\n\n" + inner])
    maker.multipart("INBOX", "A digest", [b"\n" + inner, b"\n" + inner], "digest")
    nested = text
    for depth in range(20):
        nested = (f'Content-Type: multipart/mixed; boundary="=_deep-{depth}"\n\n'.encode()
                  + _joined([nested], f"=_deep-{depth}"))
    maker.multipart("INBOX", "Twenty levels deep", [nested])
    maker.multipart("INBOX", "Signed", [
        text, part("application/pgp-signature", b"-----BEGIN PGP SIGNATURE-----\n")],
        "signed", "; micalg=pgp-sha256; protocol=\"application/pgp-signature\"")
    maker.multipart("INBOX", "An invitation", [
        text, part("text/calendar; charset=utf-8; method=REQUEST",
                   b"BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n", "7bit")], "alternative")
    maker.multipart("INBOX", "Undelivered mail", [
        part("text/plain", b"Your message was not delivered.\n"),
        part("message/delivery-status", b"Reporting-MTA: dns; mx.example.org\n\n"
             b"Final-Recipient: rfc822; nobody@example.org\nAction: failed\nStatus: 5.1.1\n"),
        part("text/rfc822-headers", b"Subject: Lost\n")],
        "report", "; report-type=delivery-status", sender="MAILER-DAEMON@example.org")


def headers(maker):
    maker.add("INBOX", "Many recipients", "To all.\n",
              to=",\n ".join(f"Person {n} <person{n}@example.org>" for n in range(60)),
              more=[("Cc", f"{word('Zoë')} <zoe@example.org>, plain@example.org"),
                    ("Reply-To", "answers@example.org")])
    maker.add("INBOX", "A group", "Hello.\n", to="Friends: a@example.org, b@example.org;",
              more=[("Cc", "undisclosed-recipients:;")])
    maker.add("INBOX", "Odd addresses", "Hello.\n",
              sender='"Quoted, \\"Name\\"" <"odd local"@example.org>',
              to="<alice@example.test>, =?utf-8?Q?A=2C_B?= <ab@example.org> (comment)")
    maker.add("INBOX", "Urgent", "Now!\n", more=[("X-Priority", "1"), ("Importance", "high"),
                                                 ("Sensitivity", "Personal")], flags="\\Flagged")
    maker.add("INBOX", "Re: Plain text", "> just ASCII.\nIndeed.\n", flags="\\Seen \\Answered",
              more=[("In-Reply-To", "<sample-001@example.org>"),
                    ("References", "<sample-001@example.org>")])
    maker.add("INBOX", "Keywords", "Labelled.\n", flags="\\Seen $Forwarded Todo")
    maker.add("INBOX", "Marked deleted", "Going.\n", flags="\\Seen \\Deleted")


def elsewhere(maker):
    me = "Alice <alice@example.test>"
    maker.add("Sent", "What I sent", "Sent by me.\n", sender=me, to="bob@example.test",
              flags="\\Seen")
    maker.add("Drafts", word("Entwurf für später"), "Not done\n", sender=me, flags="\\Draft")
    maker.add("Trash", "Thrown away", "Old.\n", flags="\\Seen")
    maker.add("Junk", "Win money", "Click here.\n")
    for folder in FOLDERS:
        if folder not in ("Empty",):
            maker.add(folder, word(f"In {folder}"), b64(f"Kept in {folder}\n".encode()),
                      kind="text/plain; charset=utf-8", coding="base64")
    for number in range(12):
        maker.add("Archive/2023/Q1", f"Old letter {number + 1}", "Long ago.\n", flags="\\Seen")


def messages():
    """All messages in order: folder, flags, second (the internal date), subject, raw."""
    maker = Maker()
    for group in (charsets, bodies, attachments, headers, elsewhere):
        group(maker)
    return maker.made


def fill(env, user, password):
    made = messages()
    with imaplib.IMAP4("127.0.0.1", int(env["MG_IMAP_PORT"])) as imap:
        imap.login(user, password)
        for folder in FOLDERS:
            answer, words = imap.create(_quoted(folder))
            if answer != "OK":
                raise places.ServerError(f"CREATE {folder}: {words}")
            imap.subscribe(_quoted(folder))
        for message in made:
            date = imaplib.Time2Internaldate(
                datetime.datetime.fromtimestamp(
                    message["second"], datetime.timezone.utc))
            answer, words = imap.append(_quoted(message["folder"]), f"({message['flags']})", date,
                                        message["raw"])
            if answer != "OK":
                raise places.ServerError(f"APPEND to {message['folder']}: {words}")
    return made


def _quoted(folder):
    return '"' + mutf7(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'


def keep(folder, made):
    """Writes what was put in where a test can compare with it."""
    os.makedirs(folder, exist_ok=True)
    rows = []
    for number, message in enumerate(made, 1):
        with open(os.path.join(folder, f"{number:03}.eml"), "wb") as file:
            file.write(message["raw"])
        rows.append({"file": f"{number:03}.eml", "folder": message["folder"],
                     "flags": message["flags"], "time": message["second"],
                     "size": len(message["raw"]), "subject": message["subject"],
                     "sha256": hashlib.sha256(message["raw"]).hexdigest()})
    with open(os.path.join(folder, "manifest.json"), "w", encoding="utf-8") as file:
        json.dump({"folders": list(FOLDERS), "messages": rows}, file, indent=1,
                  ensure_ascii=False)


def main():
    if sys.argv[1:2] == ["--list"]:
        for message in messages():
            print(message["folder"], "|", message["subject"], "|", len(message["raw"]))
        return
    if not 2 <= len(sys.argv) <= 3 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    folder = sys.argv[1]
    env = places.read_env(folder)
    made = fill(env, sys.argv[2] if len(sys.argv) == 3 else env["MG_USER"], env["MG_PASSWORD"])
    keep(os.path.join(places.base_of(folder), "sample"), made)


if __name__ == "__main__":
    try:
        main()
    except places.ServerError as error:
        sys.exit(f"sample_mailbox.py: {error}")

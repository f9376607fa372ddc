"""Says how what a mail program read differs from what Python's own email package reads.

  compare.py folders SAMPLE READ      SAMPLE: the folder that sample_mailbox.py left, READ: the one
  compare.py messages SAMPLE READ     that the program filled
  compare.py envelopes SAMPLE READ
  compare.py contents SAMPLE READ
  compare.py same FIRST SECOND        what two processes read by the same entry ids
  compare.py compose LETTER USER      writes what the program shall send
  compare.py sent LETTER FILE         the message as the SMTP server took it
  compare.py arrived LETTER FILE READ the same, as its recipient reads it

Prints a line for each difference; the exit status is 1 if there is one.
"""

import codecs
import email
import email.header
import email.policy
import email.utils
import filecmp
import json
import os
import re
import sys

# Names that MAPI programs know the special folders by.
SHOWN = {"INBOX": "Inbox"}
MSGFLAG_READ = 1
EMBEDDED = 5  # ATTACH_EMBEDDED_MSG
CHARSETS = {"x-unheard-of": None}
SHOWN_AT_MOST = 20


def shown(folder):
    return SHOWN.get(folder, folder)


def read(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def text(folder, name):
    data = read(folder, name)
    return None if data is None else data.decode()


# --- What is in the raw message ------------------------------------------------------------------

def header_field(message, name):
    """The field as it travels, its raw bytes taken for UTF-8; None if there is none."""
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            return str(value).encode("utf-8", "surrogateescape").decode()
    return None


def header_text(value):
    """A header's text as people read it: unfolded, encoded words decoded; None if nobody can."""
    if value is None:
        return ""
    raw = re.sub(r"\r?\n(?=[ \t])", "", value)
    try:
        return "".join(part if isinstance(part, str) else part.decode(charset or "utf-8")
                       for part, charset in email.header.decode_header(raw))
    except (LookupError, UnicodeDecodeError, ValueError, email.errors.HeaderParseError):
        return None


def decoded(part):
    """A part's bytes; its line ends as they travel."""
    return part.get_payload(decode=True)


def part_text(part):
    """A text part as a string with CRLF line ends; None when nobody can know."""
    charset = part.get_content_charset() or "utf-8"
    if charset in CHARSETS:
        return None
    words = re.sub("\r?\n", "\r\n", codecs.decode(decoded(part), charset))
    return unflowed(words) if part.get_param("format") == "flowed" else words


def unflowed(words):
    """RFC 3676 section 4.2, as far as the sample goes: one depth of quotes, no space-stuffing."""
    words = re.sub("(?<=[^-\n]) \r\n(?=[^>])", " ", words)
    return re.sub("^>(?=[^ ])", "> ", words, flags=re.MULTILINE)


def leaves(part, parents=()):
    """(leaf, its multiparts' types) in order; an embedded message is a leaf."""
    if part.get_content_maintype() == "multipart":
        for child in part.get_payload():
            yield from leaves(child, (*parents, part.get_content_subtype()))
    else:
        yield part, parents


def parse(path):
    """The message in a file. The parser's own reading of files would change its line ends."""
    with open(path, "rb") as file:
        return email.message_from_bytes(file.read())


class Expected:
    """Bodies and attachments of one message."""

    def __init__(self, message):
        self.body = self.html = None
        self.attached = []
        for part, parents in leaves(message):
            kind = part.get_content_type()
            apart = part.get_content_disposition() == "attachment"
            free = not apart and part.get_filename() is None
            if kind == "text/plain" and self.body is None and free:
                self.body = part
            elif kind == "text/html" and self.html is None and free:
                self.html = part
            else:
                self.attached.append(part)


# --- Comparing -----------------------------------------------------------------------------------

def differ(what, wanted, got):
    if wanted == got:
        return []
    return [f"{what}: {_short(got)} instead of {_short(wanted)}"]


def _short(value):
    if value is None:
        return "nothing"
    said = repr(value)
    return said if len(said) < 100 else f"{said[:80]}... ({len(value)})"


def compare_body(expected, folder):
    """PR_BODY is the text part; without one it is made from the HTML, and only has to be there."""
    got = read(folder, "body")
    got = None if got is None else got.decode("utf-16-le")  # a stream of PT_UNICODE
    if expected.body is not None:
        wanted = part_text(expected.body)
        return [] if wanted is None and got is not None else differ("body", wanted, got or "")
    if expected.html is not None:
        return [] if got is not None else ["no text is made from the HTML"]
    return []


def compare_html(expected, folder):
    got = read(folder, "html")
    if expected.html is None:
        return []
    return differ("HTML", decoded(expected.html), got)


def compare_attachment(part, folder):
    problems = []
    name = part.get_filename()
    if name is not None:
        problems += differ("file name", header_text(name), text(folder, "name"))
    if part.get_content_type() == "message/rfc822":
        problems += differ("method", EMBEDDED, int(text(folder, "method") or 0))
        inner = part.get_payload(0)
        problems += differ("inner subject", inner["Subject"],
                           text(folder, "message/subject"))
        return problems + compare_message(inner, os.path.join(folder, "message"))
    if part.get_content_type() == "message/delivery-status":
        return problems + ([] if b"Reporting-MTA" in (read(folder, "data") or b"") else
                           ["delivery status is not there"])
    return problems + differ("attachment", decoded(part), read(folder, "data"))


def compare_attachments(expected, folder):
    got = sorted(name for name in os.listdir(folder) if name.startswith("attachment-"))
    problems = differ("number of attachments", len(expected.attached), len(got))
    for part, name in zip(expected.attached, got):
        problems += compare_attachment(part, os.path.join(folder, name))
    return problems


def compare_message(message, folder):
    expected = Expected(message)
    return (compare_body(expected, folder) + compare_html(expected, folder)
            + compare_attachments(expected, folder))


def compare_envelope(row, message, folder):
    subject = header_text(header_field(message, "Subject"))
    problems = differ("row's subject", text(folder, "subject") or "",
                      text(folder, "row-subject") or "")
    if subject is not None:
        problems += differ("subject", subject, text(folder, "subject") or "")
    seen = bool(int(text(folder, "flags") or 0) & MSGFLAG_READ)
    problems += differ("read", "\\Seen" in row["flags"], seen)
    ticks = int(text(folder, "time") or 0)
    problems += differ("time", row["time"], ticks // 10_000_000 - 11_644_473_600)
    return problems + differ("Message-ID", message["Message-ID"], text(folder, "id"))


def compare_recipients(message, folder):
    wanted = [address for field in ("To", "Cc")
              for _, address in email.utils.getaddresses(
                  [re.sub(r"\r?\n", "", str(value)) for value in message.get_all(field, [])])
              if "@" in address]
    got = [line.split("\t")[1] for line in (text(folder, "recipients") or "").splitlines()]
    return differ("recipients", wanted, got)


# --- The whole mailbox ---------------------------------------------------------------------------

class Sample:
    """The messages that were put in; their Message-ID tells which is which."""

    def __init__(self, folder):
        with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        # Dovecot's own, and the Outbox that every MAPI store has.
        self.folders = {"INBOX", "Sent", "Drafts", "Trash", "Junk", "Outbox"}
        for name in manifest["folders"]:
            levels = name.split("/")
            self.folders |= {"/".join(levels[:i + 1]) for i in range(len(levels))}
        self.rows = {}
        for row in manifest["messages"]:
            message = parse(os.path.join(folder, row["file"]))
            self.rows[message["Message-ID"]] = (row, message)


def read_list(folder, kind):
    """(name here, entry id, path in the mailbox) of each folder or message."""
    with open(os.path.join(folder, "list"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [row[1:] for row in rows if row[0] == kind]


def compare_folders(sample, folder):
    got = sorted(path for _, _, path in read_list(folder, "folder"))
    wanted = sorted(shown(path) for path in Sample(sample).folders)
    return ([f"folder {path} is missing" for path in wanted if path not in got]
            + [f"folder {path} is not on the server" for path in got if path not in wanted]
            + differ("number of folders", len(wanted), len(got)))


def compare_messages(sample, folder):
    """Each message once, in its folder, with an entry id of its own."""
    listed = read_list(folder, "message")
    got = sorted((path, text(os.path.join(folder, name), "id")) for name, _, path in listed)
    wanted = sorted((shown(row["folder"]), key) for key, (row, _) in Sample(sample).rows.items())
    return ([f"message {row} is missing" for row in wanted if row not in got]
            + [f"message {row} is not on the server" for row in got if row not in wanted]
            + differ("number of messages", len(wanted), len(got))
            + differ("number of entry ids", len(listed), len({hexes for _, hexes, _ in listed})))


def each_message(sample, folder, compare):
    rows = Sample(sample).rows
    problems = []
    for name, _, _ in read_list(folder, "message"):
        place = os.path.join(folder, name)
        row, message = rows[text(place, "id")]
        problems += [f"{row['file']} ({row['subject']}): {problem}"
                     for problem in compare(row, message, place)]
    return problems


def compare_envelopes(sample, folder):
    return each_message(sample, folder, lambda row, message, place:
                        compare_envelope(row, message, place) + compare_recipients(message, place))


def compare_contents(sample, folder):
    return each_message(sample, folder, lambda row, message, place:
                        compare_message(message, place))


def compare_same(first, second):
    """All files of the messages, but what only the first one had: a table's row."""
    problems = []
    for name, _, _ in read_list(first, "message"):
        for place, _, files in os.walk(os.path.join(first, name)):
            other = os.path.join(second, os.path.relpath(place, first))
            problems += [f"{other}: {file} differs" for file in files if file != "row-subject"
                         and not (os.path.exists(os.path.join(other, file))
                                  and filecmp.cmp(os.path.join(place, file),
                                                  os.path.join(other, file), shallow=False))]
    return problems


# --- A letter of the program's own ---------------------------------------------------------------

HTML = ("<html><head><meta charset=\"utf-8\"></head><body>\r\n"
        "<p>Sch\u00f6ne <b>Gr\u00fc\u00dfe</b>, \u660e\u65e5 \U0001f4ec</p>\r\n.\r\n..two dots\r\n"
        + "<p>" + "a long line " * 200 + "</p>\r\n</body></html>\r\n")
LETTER = {
    "subject": "Round: Gr\u00fc\u00dfe, \u4f1a\u8b70 \U0001f4ec and a subject so long that it needs a "
               "second line in every header that keeps to the rules",
    "body": "Sch\u00f6ne Gr\u00fc\u00dfe, \u660e\u65e5 \U0001d11e\r\n.\r\n..two dots\r\nFrom here on\r\n"
            "trailing blanks  \t\r\n" + "long " * 400 + "\r\n-- \r\nno line end at the end",
    "html": HTML,
}
ATTACHED = [("every byte.bin", bytes(range(256)) * 400 + b"\r\n.\r\n"),
            ("Gr\u00f6\u00dfen \u4f1a\u8b70.csv", "Ort;Gr\u00f6\u00dfe\nZ\u00fcrich;3\n".encode()),
            ("empty.bin", b"")]


def compose(folder, user):
    files = {name: words.encode() for name, words in LETTER.items()}
    files["recipients"] = f"to:{user}@example.test\ncc:elsewhere@example.org\n".encode()
    for number, (name, data) in enumerate(ATTACHED):
        files[f"attachment-{number}.name"] = name.encode()
        files[f"attachment-{number}.data"] = data
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    return []


def letter(folder):
    """What was asked for: subject, body, HTML, recipients, [(file name, bytes)]."""
    return (*(read(folder, name).decode() for name in ("subject", "body", "html")),
            [line.split(":")[1] for line in read(folder, "recipients").decode().splitlines()],
            [(text(folder, f"attachment-{i}.name"), read(folder, f"attachment-{i}.data"))
             for i in range(len(ATTACHED))])


def compare_sent(folder, path):
    subject, body, html, recipients, attached = letter(folder)
    raw, message = read(*os.path.split(path)), parse(path)
    expected = Expected(message)
    with open(path.removesuffix("eml") + "json", encoding="utf-8") as file:
        envelope = json.load(file)
    problems = differ("subject", subject, header_text(header_field(message, "Subject")))
    problems += differ("envelope", sorted(recipients), sorted(envelope["to"]))
    problems += differ("To and Cc", recipients, [
        address for field in ("To", "Cc")
        for _, address in email.utils.getaddresses(message.get_all(field, []))])
    problems += differ("body", body, expected.body and part_text(expected.body))
    problems += differ("HTML", html, expected.html and part_text(expected.html))
    problems += differ("attachments", attached, [
        (header_text(part.get_filename()), decoded(part)) for part in expected.attached])
    problems += [f"a line of {len(line)} bytes" for line in raw.split(b"\r\n") if len(line) > 998]
    return problems + [f"bare {name}" for name, rest in
                       (("LF", raw.replace(b"\r\n", b"").count(b"\n")),
                        ("CR", raw.replace(b"\r\n", b"").count(b"\r"))) if rest]


def compare_arrived(folder, path, read_folder):
    """In the inbox and among the sent ones, as it was asked for."""
    subject, body, html, _, attached = letter(folder)
    key = parse(path)["Message-ID"]
    places = [(name, where) for name, _, where in read_list(read_folder, "message")
              if text(os.path.join(read_folder, name), "id") == key]
    problems = differ("where it is", ["Inbox", "Sent"], sorted(where for _, where in places))
    for name, _ in places:
        place = os.path.join(read_folder, name)
        problems += differ("subject", subject, text(place, "subject"))
        problems += differ("body", body, (read(place, "body") or b"").decode("utf-16-le"))
        problems += differ("HTML", html.encode(), read(place, "html"))
        problems += differ("attachments", attached, [
            (text(place, f"attachment-{i:02}/name"), read(place, f"attachment-{i:02}/data"))
            for i in range(len(attached))])
    return problems


VERBS = {"folders": compare_folders, "messages": compare_messages, "envelopes": compare_envelopes,
         "contents": compare_contents, "same": compare_same, "compose": compose,
         "sent": compare_sent, "arrived": compare_arrived}


def main():
    if len(sys.argv) < 4 or sys.argv[1] not in VERBS:
        sys.exit(__doc__)
    try:
        problems = VERBS[sys.argv[1]](*sys.argv[2:])
    except FileNotFoundError as error:
        problems = [f"{error.filename} was not written"]
    print("".join(problem + "\n" for problem in problems[:SHOWN_AT_MOST]), end="")
    if len(problems) > SHOWN_AT_MOST:
        print(f"... {len(problems)} differences")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""A plain IMAP client, for tests that compare what it sees with what MAPI shows.

usage: plain.py PORT USER PASSWORD

Reads commands, one a line, and ends each answer with a line of one dot:

  view                     INBOX and all below Soak as the server has them now: a line for a mailbox
                           ("PATH/"), and one for a message ("PATH/SUBJECT FLAGS UID SIZE", flags S
                           and F or -; UID 0 for a message of other clients), in the order of bytes
  change MILLISECONDS SEED changes INBOX, Soak/A, Soak/B, Soak/C and mailboxes below Soak that it
                           makes at random; answers how many changes the server took and refused
"""

import imaplib
import random
import re
import sys
import time

BASE = "Soak"
FIXED = ["INBOX", BASE + "/A", BASE + "/B", BASE + "/C"]
OWN = "plain"  # the subjects of its messages begin so
ROW = re.compile(rb"UID (\d+)|FLAGS \(([^)]*)\)|RFC822\.SIZE (\d+)")


def quoted(mailbox):
    return '"' + mailbox + '"'


class Client:
    def __init__(self, port, user, password):
        self.imap = imaplib.IMAP4("localhost", port)
        self.imap.login(user, password)
        self.made = 0

    # --- Looking -----------------------------------------------------------------------------

    def mailboxes(self):
        _, lines = self.imap.list('""', BASE + "*")
        names = [line.decode().rsplit(" ", 1)[1].strip('"') for line in lines if line]
        return ["INBOX"] + [name for name in names if name == BASE or name.startswith(BASE + "/")]

    def messages(self, mailbox):
        """Lines of one mailbox, or None when it went meanwhile."""
        if self.imap.select(quoted(mailbox), readonly=True)[0] != "OK":
            return None
        status, answers = self.imap.uid(
            "FETCH", "1:*", "(UID FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        lines = []
        for at, answer in enumerate(answers if status == "OK" else []):
            if not isinstance(answer, tuple):
                continue
            after = answers[at + 1] if at + 1 < len(answers) else b""
            text = answer[0] + (after if isinstance(after, bytes) else b"")
            found = {name: value for row in ROW.finditer(text)
                     for name, value in zip(("uid", "flags", "size"), row.groups())
                     if value is not None}
            subject = answer[1].decode().partition(":")[2].strip()
            flags = ("S" if b"\\Seen" in found["flags"] else "-") + (
                "F" if b"\\Flagged" in found["flags"] else "-")
            uid = int(found["uid"]) if subject.startswith(OWN) else 0
            lines.append(f"{mailbox}/{subject} {flags} {uid} {int(found['size'])}")
        return lines

    def view(self):
        lines = []
        for mailbox in self.mailboxes():
            of_it = self.messages(mailbox)
            if of_it is not None:
                lines += [mailbox + "/", *of_it]
        return sorted(lines)

    # --- Changing ----------------------------------------------------------------------------

    def uids(self, mailbox):
        if self.imap.select(quoted(mailbox))[0] != "OK":
            return []
        _, answers = self.imap.uid("SEARCH", None, "ALL")
        return answers[0].split() if answers and answers[0] else []

    def some(self, dice, mailbox):
        uids = self.uids(mailbox)
        return b",".join(dice.sample(uids, min(len(uids), dice.randint(1, 3)))).decode()

    def append(self, dice):
        self.made += 1
        text = f"Subject: {OWN}{self.made}\r\n\r\n" + "x" * dice.randint(0, 3000) + "\r\n"
        flags = dice.choice(["", "(\\Seen)", "(\\Flagged)"])
        return self.imap.append(quoted(dice.choice(FIXED)), flags, None, text.encode())

    def flag(self, dice):
        uids = self.some(dice, dice.choice(FIXED))
        return uids and self.imap.uid("STORE", uids, dice.choice(["+FLAGS", "-FLAGS"]),
                                      dice.choice(["(\\Seen)", "(\\Flagged)"]))

    def copy(self, dice):
        uids = self.some(dice, dice.choice(FIXED))
        return uids and self.imap.uid("COPY", uids, quoted(dice.choice(FIXED)))

    def move(self, dice):
        source = dice.choice(FIXED)
        uids = self.some(dice, source)
        target = dice.choice([name for name in FIXED if name != source])
        return uids and self.imap.uid("MOVE", uids, quoted(target))

    def expunge(self, dice):
        uids = self.some(dice, dice.choice(FIXED))
        if not uids:
            return None
        self.imap.uid("STORE", uids, "+FLAGS", "(\\Deleted)")
        return self.imap.uid("EXPUNGE", uids)

    def thin(self, dice):
        """So that the mailboxes stay small: a search for each change is to be quick."""
        mailbox = dice.choice(FIXED)
        uids = self.uids(mailbox)
        if len(uids) <= 30:
            return None
        self.imap.uid("STORE", b",".join(uids[:10]).decode(), "+FLAGS", "(\\Deleted)")
        return self.imap.uid("EXPUNGE", b",".join(uids[:10]).decode())

    def churned(self):
        return [name for name in self.mailboxes() if name not in FIXED and name != BASE]

    def create(self, dice):
        if len(self.churned()) > 8:
            return self.delete(dice)
        self.made += 1
        return self.imap.create(quoted(f"{BASE}/p{self.made}"))

    def rename(self, dice):
        churned = self.churned()
        self.made += 1
        return churned and self.imap.rename(quoted(dice.choice(churned)),
                                            quoted(f"{BASE}/p{self.made}"))

    def delete(self, dice):
        churned = self.churned()
        return churned and self.imap.delete(quoted(dice.choice(churned)))

    def change(self, milliseconds, seed):
        dice = random.Random(seed)
        until = time.monotonic() + milliseconds / 1000
        kinds = [self.append] * 4 + [self.flag] * 6 + [self.copy] * 2 + [self.move] * 3 + [
            self.expunge] * 2 + [self.thin, self.create, self.rename, self.delete]
        took = refused = 0
        while time.monotonic() < until:
            answer = dice.choice(kinds)(dice)
            if answer and answer[0] == "OK":
                took += 1
            elif answer:
                refused += 1
        self.imap.noop()
        return [f"{took} {refused}"]


def main():
    client = Client(int(sys.argv[1]), sys.argv[2], sys.argv[3])
    for line in sys.stdin:
        words = line.split()
        if words[0] == "view":
            answer = client.view()
        elif words[0] == "change":
            answer = client.change(int(words[1]), words[2])
        else:
            sys.exit(f"plain.py: no command {words[0]}")
        print(*answer, ".", sep="\n", flush=True)


if __name__ == "__main__":
    main()

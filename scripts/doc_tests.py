"""Do the tests exist that a document names?

usage: doc_tests.py FILE...

A name is `suite.test` in backquotes, or a test alone where it has four words or more. Each that no
Test line of tests/ has is printed; the status is 1 then.
"""

import pathlib
import re
import sys

TEST = re.compile(r"^Test\((\w+), (\w+)", re.MULTILINE)
QUOTED = re.compile(r"`([^`]+)`")


def main(files):
    tests = set()
    for source in pathlib.Path("tests").rglob("*.c"):
        tests.update(TEST.findall(source.read_text(encoding="utf-8", errors="replace")))
    suites = {suite for suite, _ in tests}
    names = {name for _, name in tests}
    missing = 0
    for file in files:
        for word in QUOTED.findall(pathlib.Path(file).read_text(encoding="utf-8")):
            suite, dot, name = word.partition(".")
            if dot and suite in suites and re.fullmatch(r"\w+", name):
                known = (suite, name) in tests
            else:
                known = not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+){3,}", word) or word in names
            if not known:
                print(f"{file}: no test {word}")
                missing += 1
    return 1 if missing else 0


sys.exit(main(sys.argv[1:]))

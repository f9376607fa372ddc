"""Which rows of docs/requirements are proved by passing tests.

A test names the rows it proves in a comment on its Test line:

    Test(status_rows, store_row_tells_the_state) /* STA-096, STA-097 */

A row is proved if a test that names it passed in every build of the last whole ./dev test in which
it ran, and ran at least once; skipped is not passed. Nothing else counts.

What counts is MUST: rows proved of those that apply. docs/requirements/exceptions.md says which do
not apply and why; docs/requirements/proved.txt which were proved once, so that none is lost.
"""

import argparse
import json
import os
import re
import sys
import time

import sources

ROW = re.compile(r"^\|\s*([A-Z]{3})-(\d{3})\s*\|.*\|\s*(MUST|SHOULD|MAY)\s*\|?\s*$")
ID = re.compile(r"\b([A-Z]{3})-(\d{3})\b")
EXCEPTION = re.compile(r"^\|\s*([A-Z]{3}-\d{3})\s*\|\s*(\S.*\S)\s*\|\s*$")
EXCEPTIONS_MAX = 8  # of 100 MUST rows of a prefix
PROVED = "docs/requirements/proved.txt"
TEST = re.compile(r"^(ParameterizedTest|Test)\s*\(", re.MULTILINE)


def read_rows():
    """{id: level} of the whole catalogue, in order."""
    rows = {}
    folder = "docs/requirements"
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            for line in file:
                found = ROW.match(line)
                if found and name != "README.md":
                    rows[f"{found.group(1)}-{found.group(2)}"] = found.group(3)
    return rows


def read_exceptions():
    """{id: reason} of the rows that do not apply."""
    with open("docs/requirements/exceptions.md", encoding="utf-8") as file:
        found = (EXCEPTION.match(line) for line in file)
        return {match.group(1): match.group(2) for match in found if match}


def check_exceptions(rows, exceptions):
    """What is wrong with them, a line each."""
    wrong = [f"exceptions.md names {row}, which does not exist"
             for row in exceptions if row not in rows]
    for prefix in sorted({row[:3] for row in rows}):
        must = [row for row in rows if row[:3] == prefix and rows[row] == "MUST"]
        count = sum(row in exceptions for row in must)
        if count * 100 > EXCEPTIONS_MAX * len(must):
            wrong.append(f"{prefix}: {count} of {len(must)} MUST rows are excepted, "
                         f"more than {EXCEPTIONS_MAX} in 100")
    return wrong


def read_proved():
    with open(PROVED, encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def check_claims():
    """For ./dev check: nothing that was proved once has lost its test."""
    rows, exceptions = read_rows(), read_exceptions()
    named = {row for _, ids, _ in read_claims() for row in ids}
    wrong = check_exceptions(rows, exceptions)
    wrong += [f"{row} was proved once; no test names it any more"
              for row in read_proved() if row not in named]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


def write_proved(proofs):
    kept = sorted(set(read_proved()) | set(proofs))
    with open(PROVED, "w", encoding="utf-8") as file:
        file.write("# Rows that a test proved once: ./dev catalogue --keep adds, "
                   "./dev check sees that none loses its test.\n")
        file.writelines(row + "\n" for row in kept)


def closing(text, start):
    """The index behind the parenthesis that closes the one at `start`."""
    depth = 0
    for index in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index + 1
    return len(text)


def read_claims():
    """[(suite::name, ids, file:line)] of all tests that name rows."""
    claims = []
    for path in sources.names((".c", ".cc")):
        if not path.startswith("tests/"):
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for found in TEST.finditer(text):
            end = closing(text, found.end() - 1)
            words = [word.strip() for word in text[found.end():end - 1].split(",")]
            if found.group(1) == "ParameterizedTest":
                words = words[1:]
            comment = re.match(r"\s*/\*(.*?)\*/", text[end:], re.DOTALL)
            if not comment or len(words) < 2:
                continue
            ids = [f"{a}-{b}" for a, b in ID.findall(comment.group(1))]
            line = text.count("\n", 0, found.start()) + 1
            claims.append((f"{words[0]}::{words[1]}", ids, f"{path}:{line}"))
    return claims


def read_results():
    """{suite::name: passed everywhere} of the last whole run, and its time and digest."""
    try:
        with open("build/results.json", encoding="utf-8") as file:
            kept = json.load(file)
    except FileNotFoundError:
        sys.exit("No results: ./dev test has not run to its end here yet, so nothing is proved.")
    passed = {}
    for row in kept["tests"]:
        name = re.sub(r"[\[(:]\d+[\])]?$", "", row["name"])
        good = row["ok"] and not row["skipped"]
        passed[name] = passed.get(name, True) and good
    return passed, kept["time"], kept["digest"]


def tell_age(when, digest):
    stamp = time.strftime("%Y-%m-%d %H:%M", time.localtime(when))
    if digest == sources.digest():
        print(f"Results of ./dev test, {stamp}, of exactly these sources.")
        return True
    newer = [name for name in sources.names() if os.path.getmtime(name) > when]
    print(f"OLD RESULTS: ./dev test ran {stamp}; the sources have changed since"
          + (f" ({', '.join(newer[:5])}{', ...' if len(newer) > 5 else ''})" if newer else "")
          + ". Run it again.")
    return False


def main():
    parser = argparse.ArgumentParser(
        usage="./dev catalogue [PREFIX] [--missing] [--ids] [--keep] | --check")
    parser.add_argument("prefix", nargs="?")
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("--ids", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        sys.exit(check_claims())

    rows, claims, exceptions = read_rows(), read_claims(), read_exceptions()
    passed, when, digest = read_results()
    fresh = tell_age(when, digest)
    proofs, unproved, unknown = {}, set(), []
    for test, ids, place in claims:
        for row in ids:
            if row not in rows:
                unknown.append(f"{place}: {test} names {row}, which does not exist")
            elif passed.get(test):
                proofs.setdefault(row, []).append(test)
            else:
                unproved.add((row, test))

    prefixes = sorted({row[:3] for row in rows})
    print(f"{'':6}{'MUST proved / that apply':>26}{'':8}{'all proved / rows':>20}")
    for prefix in prefixes:
        if options.prefix in (None, prefix):
            print_line(prefix, [row for row in rows if row[:3] == prefix], rows, exceptions,
                       proofs)
    if options.prefix is None:
        print_line("all", list(rows), rows, exceptions, proofs)
    if options.keep and fresh:
        write_proved(proofs)
    wanted = [row for row in rows if options.prefix in (None, row[:3])]
    for row in wanted:
        if options.ids and row in proofs:
            print(row, " ".join(sorted(set(proofs[row]))))
    for row, test in sorted(unproved):
        if row in wanted and row not in proofs:
            print(f"{row} is named by {test}, which did not pass or did not run")
    for row in wanted:
        if options.missing and row in exceptions:
            print(f"{row} {rows[row]} does not apply: {exceptions[row]}")
        elif options.missing and row not in proofs:
            print(f"{row} {rows[row]} is not proved")
    for line in unknown:
        print(line)
    sys.exit(1 if unknown or not fresh else 0)


def print_line(title, members, rows, exceptions, proofs):
    must = [row for row in members if rows[row] == "MUST" and row not in exceptions]
    done = sum(row in proofs for row in must)
    proved = sum(row in proofs for row in members)
    print(f"{title:6}{done:16} /{len(must):5}{100 * done // max(len(must), 1):6} %"
          f"{proved:14} /{len(members):5}")


if __name__ == "__main__":
    main()

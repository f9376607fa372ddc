"""Counts single tests after a run of ./dev test and says so: the last line is "N passed, M failed".

For each build it reads meson's log of test programs and the TAP file that each program wrote. A
program counts as one failed test more when it failed although each of its tests passed (a leak
found at exit, a crash of the frame) or ended early; a program without TAP counts as one test.
A whole run is kept in build/results.json, a partial one in build/results.partial.json.
"""

import argparse
import json
import os
import re
import sys
import time

LINE = re.compile(r"^(ok|not ok)(?: \d+)? - (\S+)(.*)$")


def read_tap(path):
    """(name, ok, skipped) of each test in the file, and how many the plan promised."""
    rows, planned = [], None
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            plan = re.match(r"1\.\.(\d+)", line)
            if plan:
                planned = int(plan.group(1))
            found = LINE.match(line)
            if found:
                rows.append((found.group(2), found.group(1) == "ok",
                             "# SKIP" in found.group(3)))
    return rows, planned


def read_program(build, entry):
    """The results of one test program: a list of rows."""
    program = entry["name"].split(" / ")[-1].removeprefix("mapigate:")
    if ":" in program:
        program = program.split(":")[-1]
    suite = (entry.get("suite") or ["mapigate:unit"])[0].split(":")[-1]
    passed = entry["result"] in ("OK", "EXPECTEDFAIL")
    common = {"build": build, "program": program, "suite": suite}
    tap = os.path.join("build", build, "tests", program + ".tap")
    if not os.path.exists(tap):
        return [{**common, "name": program, "ok": passed, "skipped": entry["result"] == "SKIP",
                 "note": entry["result"]}]
    tests, planned = read_tap(tap)
    rows = [{**common, "name": name, "ok": ok, "skipped": skipped, "note": ""}
            for name, ok, skipped in tests]
    missing = (planned or 0) - len(tests)
    if (not passed and all(row["ok"] for row in rows)) or missing > 0:
        note = f"{entry['result']}, exit status {entry.get('returncode')}"
        rows.append({**common, "name": program, "ok": False, "skipped": False,
                     "note": note + (f", {missing} tests did not report" if missing > 0 else "")})
    return rows


def read_build(build):
    path = os.path.join("build", build, "meson-logs", "testlog.json")
    rows = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                rows += read_program(build, json.loads(line))
    if not rows:
        rows.append({"build": build, "program": "meson", "suite": "", "name": "no test ran",
                     "ok": False, "skipped": False, "note": ""})
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--whole", choices=("yes", "no"), required=True)
    parser.add_argument("--digest", required=True, help="of the sources that were built")
    parser.add_argument("--also-failed", type=int, default=0)
    parser.add_argument("builds", nargs="+")
    options = parser.parse_args()

    rows = [row for build in options.builds for row in read_build(build)]
    name = "build/results.json" if options.whole == "yes" else "build/results.partial.json"
    with open(name, "w", encoding="utf-8") as file:
        json.dump({"time": time.time(), "digest": options.digest, "tests": rows}, file, indent=0)

    for row in rows:
        if row["skipped"]:
            print(f"skipped: {row['build']} {row['program']} {row['name']}")
    for row in rows:
        if not row["ok"]:
            print(f"FAILED: {row['build']} {row['program']} {row['name']} {row['note']}".rstrip())
    failed = sum(not row["ok"] for row in rows) + options.also_failed
    passed = sum(row["ok"] and not row["skipped"] for row in rows)
    if options.also_failed:
        print(f"{options.also_failed} failed before the tests began, see above")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()

"""Shows that the tests of proved rows fail once the behaviour is taken out.

A kept patch, tests/mutations/PREFIX/NAME.patch, takes one behaviour out of the code; the lines
above its first hunk say what and whose:

    Removes: the flag check of ValidateState
    Rows: STA-096, STA-101

For each row that is asked for, the patch is applied to a copy of the tree (build/prove, never the
work tree), what the row's tests need is built there, and these tests run: at least one of them has
to fail, and each of them has to pass without the patch. What is wrong then is printed by name:

    still passes   no test of the row failed: the row is not proved
    broken         a test fails without any patch
    no build       the patch no longer applies or does not compile
    no patch       nothing kept takes the row's behaviour out

The first three fail the verb; the last one only if the row was named, or with --strict.
"""

import argparse
import collections
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import catalogue
import results

PATCHES = "tests/mutations"
TREE = "build/prove"
BUILD = TREE + "/build/asan"  # as deep as build/asan, so that ccache knows the files again
SHARE = 10  # one proved row in so many is drawn
FILTERS_MAX = 60  # of one call of a test program (tests/support/runner.c)
SECONDS_MAX = 120  # for the tests of one patch: what still runs then hangs, and has failed

Patch = collections.namedtuple("Patch", "name removes rows files")
# git looks for no repository around the copy, so that names in a patch are those of the copy.
ALONE = {**os.environ, "GIT_CEILING_DIRECTORIES": os.path.abspath("build")}


def read_patch(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    head = text[:text.find("\n--- ") + 1]
    removes = re.search(r"^Removes: (\S.*)$", head, re.MULTILINE)
    rows = re.search(r"^Rows: (\S.*)$", head, re.MULTILINE)
    return Patch(os.path.relpath(path, PATCHES), removes.group(1) if removes else "",
                 [f"{a}-{b}" for a, b in catalogue.ID.findall(rows.group(1))] if rows else [],
                 re.findall(r"^\+\+\+ b/(\S+)", text, re.MULTILINE))


def read_patches():
    found = [os.path.join(folder, name)
             for folder, _, names in os.walk(PATCHES) for name in names if name.endswith(".patch")]
    return [read_patch(path) for path in sorted(found)]


def rows_with_tests():
    """{id: [(suite::name, file)]} of the rows that were proved once."""
    proved = set(catalogue.read_proved())
    tests = collections.defaultdict(list)
    for test, ids, place in catalogue.read_claims():
        for row in proved.intersection(ids):
            tests[row].append((test, place.rsplit(":", 1)[0]))
    return dict(sorted(tests.items()))


def check_patches():
    """For ./dev check: the kept patches still fit the tree and the catalogue."""
    wrong, known, tested = [], catalogue.read_rows(), rows_with_tests()
    for patch in read_patches():
        if not patch.removes or not patch.rows or not patch.files:
            wrong.append(f"{patch.name}: not all of Removes:, Rows: and a hunk are there")
            continue
        if os.path.dirname(patch.name) != patch.rows[0][:3]:
            wrong.append(f"{patch.name}: belongs to the folder {patch.rows[0][:3]}")
        wrong += [f"{patch.name} names {row}, which does not exist"
                  for row in patch.rows if row not in known]
        wrong += [f"{patch.name} names {row}, which no test proves"
                  for row in patch.rows if row in known and row not in tested]
        wrong += [f"{patch.name} changes {file}: a test, not what it tests"
                  for file in patch.files if file.startswith("tests/")]
        applied = subprocess.run(
            ["git", "-c", "safe.directory=*", "apply", "--check", f"{PATCHES}/{patch.name}"],
            capture_output=True, text=True, check=False)
        if applied.returncode != 0:
            wrong.append(f"{patch.name} no longer applies: {applied.stderr.strip()}")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


def commit():
    return subprocess.run(["git", "-c", "safe.directory=*", "rev-parse", "HEAD"],
                          capture_output=True, text=True, check=True).stdout.strip()


def draw(rows, seed):
    """The tenth of `rows` whose hashes with `seed` are the smallest."""
    def place(row):
        return hashlib.sha256(f"{seed} {row}".encode()).hexdigest()
    return sorted(sorted(rows, key=place)[:-(-len(rows) // SHARE)])


def copy_file(name):
    """Copies a file of the tree, with a new time: what was built from it is old now."""
    target = os.path.join(TREE, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(name, target)
    shutil.copymode(name, target)


def same_file(name):
    target = os.path.join(TREE, name)
    if not os.path.isfile(target):
        return False
    with open(name, "rb") as one, open(target, "rb") as other:
        return one.read() == other.read()


def copy_tree():
    """Makes the copy what the work tree is, without touching what is alike."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"], capture_output=True, check=True).stdout.decode()
    names = {name for name in listed.split("\0") if os.path.isfile(name)}
    for name in sorted(names):
        if not same_file(name):
            copy_file(name)
    for folder, folders, files in os.walk(TREE):
        if folder == TREE and "build" in folders:
            folders.remove("build")
        for file in files:
            path = os.path.join(folder, file)
            if os.path.relpath(path, TREE) not in names and "__pycache__" not in path:
                os.unlink(path)


def configure():
    if os.path.exists(f"{BUILD}/build.ninja"):
        return
    subprocess.run(
        ["meson", "setup", "build/asan", "--buildtype=debugoptimized", "-Db_lundef=false",
         "-Db_sanitize=address,undefined", "-Dtest_runner=own"], cwd=TREE, env=ALONE,
        stdout=subprocess.DEVNULL, check=True)


def compile_programs(programs):
    """What the compiler said if it failed, otherwise None."""
    done = subprocess.run(["ninja", "-C", BUILD] + [f"tests/test-{name}" for name in programs],
                          capture_output=True, text=True, check=False)
    return done.stdout[-3000:] if done.returncode != 0 else None


def introspect(what):
    text = subprocess.run(["meson", "introspect", what, BUILD], capture_output=True, text=True,
                          check=True).stdout
    return json.loads(text)


class Programs:
    """The test programs of the copy: which sources are in them, and how they are run."""

    def __init__(self):
        self.entries = {entry["name"]: entry for entry in introspect("--tests")}
        self.of_source = collections.defaultdict(list)
        top = os.path.abspath(TREE)
        for target in introspect("--targets"):
            name = target["name"].removeprefix("test-")
            if target["type"] != "executable" or name not in self.entries:
                continue
            for part in target["target_sources"]:
                for source in part.get("sources", []):
                    self.of_source[os.path.relpath(source, top)].append(name)

    def quick_first(self):
        """The names of the programs, those that start servers last."""
        return sorted(self.entries,
                      key=lambda name: ("integration" in str(self.entries[name]["suite"]), name))

    def of(self, tests):
        """{program: [suite::name]} of [(suite::name, file)]."""
        programs = collections.defaultdict(set)
        for test, file in tests:
            for program in self.of_source[file]:
                programs[program].add(test)
        return {program: sorted(names) for program, names in sorted(programs.items())}

    def run(self, program, tests, seconds=None):
        """{suite::name: passed} of those that ran, skipped ones left out."""
        passed = {}
        for start in range(0, len(tests), FILTERS_MAX):
            self.run_some(program, tests[start:start + FILTERS_MAX], seconds, passed)
        return passed

    def run_some(self, program, tests, seconds, passed):
        entry = self.entries[program]
        tap = f"{BUILD}/tests/{program}.tap"
        command = [word for word in entry["cmd"] if not word.startswith("--tap=")]
        command += [f"--tap={os.path.abspath(tap)}"]
        command += ["--filter=" + test.replace("::", "/") for test in tests]
        if os.path.exists(tap):
            os.unlink(tap)
        with open(f"{BUILD}/tests/{program}.log", "w", encoding="utf-8") as log:
            process = subprocess.Popen(command, cwd=BUILD, env={**os.environ, **entry["env"]},
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       start_new_session=True)
            hung = wait_for(process, seconds)
        if os.path.exists(tap):
            for name, good, skipped in results.read_tap(tap)[0]:
                name = re.sub(r"[\[(:]\d+[\])]?$", "", name)
                if not skipped:
                    passed[name] = passed.get(name, True) and good
        if hung:
            passed.update({test: False for test in tests if test not in passed})


def wait_for(process, seconds):
    """True if it had to be ended."""
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        return True
    finally:  # also when this script is told to end
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


class Proof:
    """One run of the verb: what was tried and what became of it."""

    def __init__(self, tests):
        self.tests = tests  # {id: [(suite::name, file)]}
        self.programs = Programs()
        self.failures = []

    def fail(self, row, why):
        self.failures.append(row)
        print(f"FAILED: {row} {why}", flush=True)

    def run(self, rows):
        """{suite::name: passed} of all tests of the rows."""
        passed = {}
        wanted = self.programs.of([test for row in rows for test in self.tests[row]])
        for program, names in wanted.items():
            passed.update(self.programs.run(program, names))
        return passed

    def build(self, rows):
        return compile_programs(self.programs.of([test for row in rows
                                                  for test in self.tests[row]]))

    def pass_without_patch(self, rows):
        """The rows whose tests pass in the tree as it is."""
        complaint = self.build(rows)
        if complaint:
            print(complaint)
            sys.exit("The tree does not compile.")
        passed, good = self.run(rows), []
        for row in rows:
            bad = [test for test, _ in self.tests[row] if not passed.get(test)]
            if bad:
                self.fail(row, f"broken: {bad[0]} does not pass without a patch")
            else:
                good.append(row)
        return good

    def try_patch(self, patch, rows):
        applied = subprocess.run(["git", "apply", os.path.abspath(f"{PATCHES}/{patch.name}")],
                                 cwd=TREE, env=ALONE, capture_output=True, text=True, check=False)
        if applied.returncode != 0:
            complaint, fallen = applied.stderr.strip(), {}
        else:
            complaint, fallen = self.fell(rows)
            for name in patch.files:
                copy_file(name)
        if complaint:
            print(complaint)
        for row in rows:
            if row in fallen:
                print(f"{row} fails with {patch.name}: {fallen[row]}", flush=True)
            elif complaint:
                self.fail(row, f"no build with {patch.name}")
            else:
                self.fail(row, f"still passes with {patch.name}")

    def fell(self, rows):
        """What the compiler said, and {id: the test that failed}. The quick programs come first; the
        others run for the rows that stand still."""
        fallen = {}
        for program in self.programs.quick_first():
            standing = [row for row in rows if row not in fallen]
            tests = self.programs.of([test for row in standing
                                      for test in self.tests[row]]).get(program)
            if not tests:
                continue
            complaint = compile_programs([program])
            if complaint:
                return complaint, fallen
            passed = self.programs.run(program, tests, SECONDS_MAX)
            for row in standing:
                failed = [test for test, _ in self.tests[row] if passed.get(test) is False]
                if failed:
                    fallen[row] = min(failed)
        return None, fallen


def prove(wanted, tests, patches, strict):
    """Whether all is well with the `wanted` rows."""
    bare = [row for row in wanted if not any(row in patch.rows for patch in patches)]
    for row in bare:
        print(f"no patch: {row}")
    covered = [row for row in wanted if row not in bare]
    failures = []
    if covered:
        os.makedirs("build", exist_ok=True)
        lock = open("build/prove.lock", "w", encoding="utf-8")
        fcntl.flock(lock, fcntl.LOCK_EX)  # one at a time, until the process ends
        copy_tree()
        configure()
        proof = Proof(tests)
        good = proof.pass_without_patch(covered)
        for patch in patches:
            rows = [row for row in patch.rows if row in good]
            if rows:
                proof.try_patch(patch, rows)
        failures = proof.failures
    kept = sum(any(row in patch.rows for patch in patches) for row in tests)
    print(f"rows with a kept patch: {kept} of {len(tests)} proved")
    fallen = len(covered) - len(set(failures))
    print(f"{fallen} of {len(wanted)} rows shown to fail without their behaviour, "
          f"{len(set(failures))} failed, {len(bare)} without a patch")
    return not failures and not (strict and bare)


def main():
    parser = argparse.ArgumentParser(
        usage="./dev catalogue --prove [--strict] [--all | --patched | ID...]")
    parser.add_argument("rows", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--patched", action="store_true")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        sys.exit(check_patches())

    tests, patches = rows_with_tests(), read_patches()
    strange = [row for row in options.rows if row not in tests]
    if strange:
        sys.exit(f"No proved rows: {' '.join(strange)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    started = time.monotonic()
    if options.rows:
        wanted = sorted(set(options.rows))
    elif options.all or options.patched:
        named = {row for patch in patches for row in patch.rows}
        wanted = [row for row in tests if options.all or row in named]
    else:
        seed = commit()
        wanted = draw(tests, seed)
        print(f"A tenth of the {len(tests)} proved rows, drawn from commit {seed[:12]}:")
        print(" ".join(wanted))
    well = prove(wanted, tests, patches, options.strict or bool(options.rows))
    print(f"took {time.monotonic() - started:.0f} s")
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()

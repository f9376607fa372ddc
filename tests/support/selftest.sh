#!/bin/sh
# tests/support/selftest.sh PROGRAM - does the runner report what selftest.c plants?
#
# Each test of a suite pass* must be "ok", of fail* "not ok", of skip* skipped; every planted test
# must be there; the exit status must be 1. Prints what is wrong.
program=$1
tap=$(mktemp) || exit 2
trap 'rm -f "$tap"' EXIT
wrong=0

say() {
    echo "selftest: $*"
    wrong=1
}

"$program" --tap="$tap" >/dev/null 2>&1
status=$?
[ $status -eq 1 ] || say "exit status $status instead of 1"
"$program" --filter='pass/*' >/dev/null 2>&1 || say "the filter leaves failing tests in"
"$program" --filter='no/such' >/dev/null 2>&1 && say "no test at all counts as success"

planned=$(sed -n 's/^1\.\.//p' "$tap")
reported=$(grep -c '^\(not \)\?ok ' "$tap")
[ "$planned" = "$reported" ] || say "$planned planned, $reported reported"
[ "$("$program" --list | wc -l)" = "$reported" ] || say "the list differs from the run"

grep '^\(not \)\?ok ' "$tap" | while read -r line; do
    case $line in
    "ok "*" - pass"*"# SKIP"*) echo "skipped: $line" ;;
    "ok "*" - pass"*) ;;
    "not ok "*" - fail"*) ;;
    "ok "*" - skip"*"# SKIP"*) ;;
    *) echo "unexpected: $line" ;;
    esac
done >"$tap.wrong"
[ -s "$tap.wrong" ] && say "$(cat "$tap.wrong")"
rm -f "$tap.wrong"
grep -q 'planted\|use_after_free\|race\|leak' "$tap" || echo "selftest: no sanitizer in this build"
exit $wrong

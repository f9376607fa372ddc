#!/bin/bash
# tests/tools/installed.sh BUILD SERVERS EXAMPLE CC SANITIZERS [--tap=FILE]: a program of somebody
# else's, built with the installed headers and pkg-config only
set -u
BUILD=$1 SERVERS=$2 example=$3 cc=$4 SANITIZERS=$5
shift 5
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/installation.sh"

check installed/the_example_builds_with_pkg_config build_with "$cc" "$home/inbox" "$example"
check installed/the_command_line_runs "$prefix/bin/mapigate" --version
check installed/the_manual_is_there test -s "$prefix/share/man/man1/mapigate.1"

"$prefix/bin/mapigate" profile create mine --imap "$MG_IMAP_URL" --smtp "$MG_SMTP_URL" \
    --user alice --ca-file "$MG_CA_FILE" <<<secret >/dev/null
export LC_ALL=C.UTF-8
prints_the_inbox() {
    "$home/inbox" >"$home/out" && [ "$(wc -l <"$home/out")" -eq 43 ] &&
        grep -q "^山田太郎 *会議のお知らせ$" "$home/out"
}
check installed/the_example_prints_the_inbox prints_the_inbox
finish

#!/bin/bash
# tests/foreign/simple/simple.sh BUILD SERVERS SANITIZERS [--tap=FILE]: two small mail programs that
# know Simple MAPI only, one from the installed header in C++, one from its documentation in Python
set -u
BUILD=$1 SERVERS=$2 SANITIZERS=$3
shift 3
here=$(dirname "$0")
. "$here/../../tools/tap.sh"
. "$here/../../tools/installation.sh"

export LC_ALL=C.UTF-8 PYTHONIOENCODING=UTF-8

in_cxx() {
    timeout 60 "$home/letters" "$@"
}

# Python itself is not built with the sanitizer: its runtime goes first, and of leaks it finds
# Python's only.
in_python() {
    local preload=()
    case $SANITIZERS in
    *address*) preload=("LD_PRELOAD=$(gcc -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0) ;;
    esac
    env "${preload[@]}" timeout 60 python3 -B "$here/letters.py" libmapigate.so.0 "$@"
}

# As this round's user.
makes_a_profile() {
    "$prefix/bin/mapigate" profile create mine --imap "$MG_IMAP_URL" --smtp "$MG_SMTP_URL" \
        --user "$user" --email "$user@example.test" --ca-file "$MG_CA_FILE" <<<secret >/dev/null
}

resolves() {
    [ "$("$program" resolve "Ann B. <ann@example.test>")" = "Ann B.	SMTP:ann@example.test" ] &&
        expect 14 "MAPIResolveName" "$program" resolve "Nobody that is known"
}

# When the program has ended, the server has it.
sends() {
    head -c 100000 /dev/urandom >"$work/bytes.bin"
    "$program" send "Me <$user@example.test>" "Grüße $user" "erste
zweite Zeile" "$work/bytes.bin" "$here/letters.py" &&
        grep -l "To: Me <$user@example.test>" "$MG_ACCEPTED"/*.eml >/dev/null
}

sends_nothing_without_the_file() {
    local before
    before=$(find "$MG_ACCEPTED" -name '*.eml' | wc -l)
    expect 11 "MAPISendMail" "$program" send "$user@example.test" never text /nonexistent &&
        [ "$(find "$MG_ACCEPTED" -name '*.eml' | wc -l)" -eq "$before" ]
}

in_mailbox() {
    [ "$("$SERVERS/run.py" doveadm "$home/servers" search -u "$user" mailbox INBOX subject \
        "$user" 2>/dev/null | wc -l)" -gt 0 ]
}

fetches() {
    soon in_mailbox && mkdir "$work/in" && "$program" fetch "$work/in" >"$work/out" || return
    tr -d '\r' <"$work/out" | head -n 2 >"$work/lines"
    printf 'Grüße %s\tSMTP:%s@example.test\terste\nzweite Zeile\n' "$user" "$user" |
        cmp - "$work/lines" && cmp "$work/bytes.bin" "$work/in/bytes.bin" &&
        cmp "$here/letters.py" "$work/in/letters.py"
}

fetches_nothing_twice() {
    [ -z "$("$program" fetch "$work/in")" ] && ! in_mailbox
}

leaves_no_files() {
    [ -z "$(ls -A "$TMPDIR")" ]
}

# round NAME PROGRAM USER
round() {
    local name=foreign-simple/$1
    program=$2 user=$3 work=$home/$1
    mkdir -p "$work/tmp"
    mkdir -m 700 "$work/state"
    export MAPIGATE_STATE=$work/state TMPDIR=$work/tmp
    check "$name/a_profile_is_made" makes_a_profile
    check "$name/names_that_are_addresses_resolve" resolves
    check "$name/a_letter_has_left_when_the_call_returns" sends
    check "$name/a_file_that_is_not_there_stops_it" sends_nothing_without_the_file
    check "$name/letters_are_fetched_byte_for_byte" fetches
    check "$name/what_was_fetched_is_gone" fetches_nothing_twice
    check "$name/no_temporary_file_is_left" leaves_no_files
}

check foreign-simple/builds_as_cxx build_with "g++ -fno-sanitize=vptr" "$home/letters" \
    "$here/letters.cc"
round cxx in_cxx carol
round python in_python dave
finish

#!/bin/bash
# tests/foreign/foreign.sh BUILD SERVERS SANITIZERS [--tap=FILE]: a mail program that knows MAPI and
# nothing of us, in C and in C++, as a user's program and as a service
set -u
BUILD=$1 SERVERS=$2 SANITIZERS=$3
shift 3
here=$(dirname "$0")
. "$here/../tools/tap.sh"
. "$here/../tools/installation.sh"

sample=$home/servers/sample
[ ! -e "$home/servers/base" ] || sample=$home/servers/base/sample
export MG_IMAP_URL MG_SMTP_URL MG_PASSWORD MG_CA_FILE
sources=("$here"/*.c)

compare() {
    python3 -B "$here/compare.py" "$@" | sed 's/^/# /'
    return "${PIPESTATUS[0]}"
}

# run VERB [FOLDER]: the program in this round's way, as this round's user
run() {
    local verb=$1
    shift
    # shellcheck disable=SC2086
    MG_USER=$user MG_EMAIL=$user@example.test timeout 60 "$program" $way "$verb" mine "$@"
}

makes_a_profile() {
    run profile >/dev/null
}

# --- Reading -------------------------------------------------------------------------------------

reads() {
    mkdir "$work/first" && run read "$work/first" >/dev/null
}

# Another process, with nothing but the entry ids that the first one saved.
reads_again() {
    mkdir "$work/second" && cp "$work/first/list" "$work/second" &&
        run again "$work/second" >/dev/null
}

# --- Sending -------------------------------------------------------------------------------------

accepted() {
    find "$MG_ACCEPTED" -name '*.eml' | sort
}

is_accepted() {
    [ "$(accepted | wc -l)" -gt "$1" ]
}

# The program stays logged on until the message has come to the server.
sends() {
    local before
    before=$(accepted | wc -l)
    compare compose "$work/letter" "$user" || return
    { soon is_accepted "$before" && echo; } | run send "$work/letter" >/dev/null || return
    arrived=$(accepted | tail -n 1)
    [ "$(accepted | wc -l)" -eq $((before + 1)) ]
}

# In the recipient's mailbox, and read by a later process.
reads_the_arrived() {
    soon in_mailbox && rm -rf "$work/third" && mkdir "$work/third" &&
        run read "$work/third" >/dev/null && compare arrived "$work/letter" "$arrived" "$work/third"
}

is_submitted() {
    grep -q '^submitted$' "$work/sending"
}

# Submitted while nobody listens; sent by the same session when somebody does.
sends_later() {
    local before
    before=$(accepted | wc -l)
    "$SERVERS/run.py" kill-smtp "$home/servers" && : >"$work/sending" || return
    {
        soon is_submitted
        "$SERVERS/run.py" start-smtp "$home/servers" >/dev/null
        soon is_accepted "$before" && echo
    } | run send "$work/letter" >"$work/sending" || return
    [ "$(accepted | wc -l)" -eq $((before + 1)) ] &&
        compare sent "$work/letter" "$(accepted | tail -n 1)"
}

in_mailbox() {
    [ "$("$SERVERS/run.py" doveadm "$home/servers" search -u "$user" mailbox INBOX subject \
        "Round" 2>/dev/null | wc -l)" -gt 0 ]
}

# --- Watching ------------------------------------------------------------------------------------

STORE=33 TRANSPORT=36 # MAPI_STORE_PROVIDER, MAPI_TRANSPORT_PROVIDER
AVAILABLE=1 OFFLINE=2 # STATUS_*, in the low digit of the row's code

said() { # said WHAT TYPE CODE, after the line that was the last when `mark` was called
    tail -n "+$((mark + 1))" "$work/watch" | grep -qE "^$1	$2	[0-9a-f]{7}$3	"
}

mark() {
    mark=$(wc -l <"$work/watch")
}

watching() {
    grep -q '^watching$' "$work/watch"
}

start_watching() {
    mkfifo "$work/orders"
    exec 3<>"$work/orders" # opens at once, and stays writable if the program ends
    run watch <"$work/orders" >"$work/watch" 3>&- &
    watcher=$!
    mark=0
    soon watching && said row $STORE $AVAILABLE
}

store_row_follows() {
    mark
    "$SERVERS/run.py" kill-imap "$home/servers" && soon said modified $STORE $OFFLINE || return
    mark
    "$SERVERS/run.py" start-imap "$home/servers" && soon said modified $STORE $AVAILABLE
}

is_validated() {
    tail -n "+$((mark + 1))" "$work/watch" | grep -q "^validated	$1"
}

# An idle transport notices a dead server when it is asked, its return by itself.
transport_row_follows() {
    mark
    "$SERVERS/run.py" kill-smtp "$home/servers" && echo $TRANSPORT >&3 &&
        soon is_validated 80040115 && soon said modified $TRANSPORT $OFFLINE || return
    mark
    "$SERVERS/run.py" start-smtp "$home/servers" && soon said modified $TRANSPORT $AVAILABLE &&
        echo $TRANSPORT >&3 && soon is_validated 00000000
}

# Without mail no transport is logged on: the account sends by itself, its store tells how it is.
only_the_store_has_a_row() {
    grep -q "^row	$STORE	" "$work/watch" && ! grep -q "^row	$TRANSPORT	" "$work/watch"
}

stop_watching() {
    exec 3>&-
    wait $watcher
}

# --- A round -------------------------------------------------------------------------------------

# round NAME PROGRAM USER [--service]
round() {
    local name=foreign/$1
    program=$2 user=$3 way=${4-} work=$home/$1
    mkdir -p "$work/letter"
    mkdir -m 700 "$work/state"
    export MAPIGATE_STATE=$work/state
    [ "$user" = alice ] || "$SERVERS/sample_mailbox.py" "$home/servers" "$user" >/dev/null
    check "$name/a_profile_is_made" makes_a_profile
    check "$name/the_mailbox_is_read_without_an_error" reads
    check "$name/every_folder_is_found" compare folders "$sample" "$work/first"
    check "$name/every_message_is_found" compare messages "$sample" "$work/first"
    check "$name/every_envelope_is_right" compare envelopes "$sample" "$work/first"
    check "$name/every_message_is_read_byte_for_byte" compare contents "$sample" "$work/first"
    check "$name/entry_ids_open_in_a_later_process" reads_again
    check "$name/entry_ids_open_the_same_messages" compare same "$work/first" "$work/second"
    check "$name/a_message_is_sent" sends
    check "$name/it_leaves_byte_for_byte" compare sent "$work/letter" "${arrived-}"
    check "$name/it_is_read_in_its_mailbox_byte_for_byte" reads_the_arrived
    check "$name/a_message_waits_for_the_server" sends_later
    check "$name/the_status_table_is_watched" start_watching
    check "$name/the_store_row_follows_its_server" store_row_follows
    if [ -z "$way" ]; then
        check "$name/the_transport_row_follows_its_server" transport_row_follows
    else
        check "$name/without_mail_no_transport_has_a_row" only_the_store_has_a_row
    fi
    check "$name/nothing_is_left_held" stop_watching
}

check foreign/builds_as_c build_with gcc "$home/stranger-c" "${sources[@]}"
# What the sanitizer calls a vptr is the type of an object that C++ made: ours are made in C.
check foreign/builds_as_cxx build_with "g++ -fno-sanitize=vptr" "$home/stranger-cxx" "${sources[@]}"
export LC_ALL=C.UTF-8
round c "$home/stranger-c" alice
round c-service "$home/stranger-c" bob --service
round cxx "$home/stranger-cxx" carol
round cxx-service "$home/stranger-cxx" dave --service
finish

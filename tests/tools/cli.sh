#!/bin/bash
# tests/tools/cli.sh MAPIGATE SERVERS [--tap=FILE]: every verb on real servers
set -u
program=$1 SERVERS=$2
shift 2
. "$(dirname "$0")/tap.sh"

mapigate() {
    timeout 60 "$program" "$@"
}

create() {
    local name=$1 password=$2
    shift 2
    mapigate profile create "$name" --imap "$MG_IMAP_URL" --smtp "$MG_SMTP_URL" --user alice \
        --ca-file "$MG_CA_FILE" "$@" <<<"$password" >"$home/out"
}

json() { # json EXPRESSION COMMAND...: true for the value `v` that the command prints
    local expression=$1
    shift
    "$@" | python3 -c "import json, sys; v = json.load(sys.stdin); sys.exit(not ($expression))"
}

# --- Without any profile -------------------------------------------------------------------------
check cli/no_verb_is_wrong_usage expect 2 "usage: mapigate" mapigate
check cli/an_unknown_verb_is_wrong_usage expect 2 'no verb "fly"' mapigate fly
check cli/help_goes_to_stdout expect 0 "profile" mapigate --help
check cli/version expect 0 "mapigate " mapigate --version
check cli/no_default_profile_is_not_found expect 3 "profile create" mapigate ls
check cli/list_of_no_profiles_is_an_empty_list json 'v == []' mapigate profile list --json

# --- Profiles ------------------------------------------------------------------------------------
check cli/the_first_profile_becomes_the_default create work secret \
    --email alice@example.test --name "Alice Example"
check cli/profiles_are_listed json 'v == [{"name": "work", "default": True}]' \
    mapigate profile list --json
check cli/a_taken_name_is_refused expect 4 'already' mapigate profile create work \
    --imap "$MG_IMAP_URL" --smtp "$MG_SMTP_URL" --user alice --password-command true
check cli/a_wrong_url_is_refused expect 4 "imaps://" mapigate profile create odd \
    --imap htp://x --smtp "$MG_SMTP_URL" --user alice --password-command true
check cli/a_profile_that_failed_is_not_left_behind expect 3 "odd" mapigate profile show odd
check cli/an_empty_password_is_wrong_usage expect 2 "password" mapigate profile create odd \
    --imap "$MG_IMAP_URL" --smtp "$MG_SMTP_URL" --user alice
show_tells_no_password() {
    mapigate profile show >"$home/show" && grep -qF "$MG_IMAP_URL" "$home/show" &&
        ! grep -q secret "$home/show"
}
check cli/show_tells_settings_but_no_password show_tells_no_password

# --- Reading -------------------------------------------------------------------------------------
check cli/status_shows_the_store expect 0 "localhost:$MG_IMAPS_PORT" mapigate status
check cli/status_in_json \
    json '{r["resource"] for r in v} >= {"store", "transport", "spooler", "session"}' \
    mapigate status --json
check cli/stores_have_a_default json '[s["default"] for s in v] == [True]' mapigate stores --json
check cli/folders_in_other_scripts expect 0 "日本語/会議" mapigate ls
check cli/messages_newest_first json \
    'len(v) == 43 and [m["time"] for m in v] == sorted((m["time"] for m in v), reverse=True)' \
    mapigate ls Inbox --all --json
check cli/so_many_messages_as_asked json 'len(v) == 3' mapigate ls inbox -n 3 --json
check cli/no_such_folder expect 3 "there is no folder" mapigate ls Nowhere
id_of() {
    mapigate ls Inbox --all --json | python3 -c \
        'import json, sys; print(*[m["id"] for m in json.load(sys.stdin) if m["subject"] == sys.argv[1]])' \
        "$1"
}
id=$(id_of "会議のお知らせ")
check cli/a_message_is_read_by_its_id expect 0 "明日の会議は十時からです。" mapigate read "$id"
check cli/no_such_message expect 3 "there is no message" mapigate read "${id%.*}.10000ffff"
check cli/nonsense_is_no_id expect 2 "is no message id" mapigate read nonsense
check cli/the_header_as_it_came expect 0 "Subject: =?" mapigate read "$id" --headers
attachment_is_the_same() {
    local letter=$home/servers/sample id
    id=$(id_of "A megabyte")
    mapigate read "$id" --attachment 1 >"$home/bytes" &&
        python3 - "$letter" "$home/bytes" <<'END'
import email, glob, sys
for name in glob.glob(sys.argv[1] + "/*.eml"):
    message = email.message_from_binary_file(open(name, "rb"))
    if message["Subject"] == "A megabyte":
        wanted = [part.get_payload(decode=True) for part in message.walk() if part.get_filename()]
        sys.exit(open(sys.argv[2], "rb").read() != wanted[0])
sys.exit("the sample has no such message")
END
}
check cli/an_attachment_byte_for_byte attachment_is_the_same

# --- Sending -------------------------------------------------------------------------------------
send() {
    printf 'Grüße,\nAlice\n' | mapigate send --to alice@example.test --cc bob@example.test \
        --subject "Überraschung 📬" --attach "$program" >"$home/out" && grep -qx sent "$home/out"
}
in_folder() {
    mapigate ls "$1" -n 5 | grep -qF "$2"
}
check cli/a_message_is_sent send
check cli/it_arrives soon in_folder Inbox "Überraschung 📬"
check cli/it_is_in_the_sent_folder in_folder Sent "Überraschung 📬"
sent_attachment_is_the_same() {
    mapigate read "$(mapigate ls Inbox -n 1 --json |
        python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["id"])')" --attachment 1 |
        cmp - "$program"
}
check cli/its_attachment_arrives_byte_for_byte sent_attachment_is_the_same
check cli/no_recipient_is_wrong_usage expect 2 "--to" mapigate send --subject x
check cli/a_missing_file_is_not_found expect 3 "cannot attach" mapigate send \
    --to alice@example.test --attach /no/such/file --body x

# --- Trouble -------------------------------------------------------------------------------------
check cli/doctor_finds_all_well expect 0 "All is well" mapigate doctor
create bad wrong
check cli/a_wrong_password_is_refused_in_the_servers_words expect 4 "AUTHENTICATIONFAILED" \
    mapigate ls -p bad
check cli/doctor_finds_the_wrong_password expect 4 "BAD IMAP login" mapigate doctor -p bad
mapigate profile create stranger --imap "$MG_IMAP_URL" --smtp "$MG_SMTP_URL" --user alice \
    --password-command "echo secret" >/dev/null </dev/null
check cli/doctor_finds_the_untrusted_certificate expect 4 "--ca-file" mapigate doctor -p stranger

"$program" status --watch >"$home/watch" 2>&1 &
watcher=$!
seen() {
    grep -qE "^[0-9:.]+ +store .* $1 " "$home/watch"
}
first_rows() {
    grep -q "^transport" "$home/watch"
}
soon first_rows
"$SERVERS/run.py" kill-imap "$home/servers"
check cli/watch_sees_the_server_go soon seen offline
check cli/a_dead_server_is_exit_code_5 expect 5 "refused" mapigate ls "Archive/2023/Q1"
check cli/status_of_a_dead_server_is_exit_code_5 expect 5 "offline" mapigate status
check cli/doctor_finds_the_dead_server expect 5 "BAD connection" mapigate doctor
"$SERVERS/run.py" start-imap "$home/servers"
check cli/watch_sees_it_come_back soon seen available
kill $watcher
check cli/watch_ends_well_when_told_to wait $watcher

"$SERVERS/run.py" kill-smtp "$home/servers"
check cli/a_message_waits_for_the_smtp_server expect 5 "queued" mapigate send \
    --to alice@example.test --subject "Patience" --body x
"$SERVERS/run.py" start-smtp "$home/servers"
"$program" status --watch >/dev/null &
watcher=$!
check cli/the_next_session_sends_it soon in_folder Inbox Patience
kill $watcher

# --- The end of profiles -------------------------------------------------------------------------
check cli/another_default expect 0 "" mapigate profile default bad
check cli/the_other_default_is_used expect 4 "bad" mapigate ls
check cli/a_profile_is_deleted expect 0 "" mapigate profile delete bad
check cli/a_logon_to_no_profile_is_not_found expect 3 "bad" mapigate ls -p bad
check cli/only_once expect 3 "bad" mapigate profile delete bad
finish

# tests/tools/tap.sh - what the scripts of this folder share; they source it.
#
# SERVERS (tests/servers) is set by the caller, TAP is the file for the results (--tap=FILE).

number=0 wrong=0

for word in "$@"; do
    case $word in
    --tap=*) TAP=${word#--tap=} ;;
    esac
done
: >"${TAP:=/dev/null}"

# report NAME STATUS
report() {
    number=$((number + 1))
    if [ "$2" -eq 0 ]; then
        echo "ok $number - $1" | tee -a "$TAP"
    else
        echo "not ok $number - $1" | tee -a "$TAP"
        wrong=$((wrong + 1))
    fi
}

# check NAME COMMAND...: a test that passes when the command does.
check() {
    local name=$1
    shift
    if "$@"; then report "$name" 0; else report "$name" 1; fi
}

# expect CODE WORDS COMMAND...: the exit code and words (a fixed string) on either stream.
expect() {
    local code=$1 words=$2 got=0
    shift 2
    "$@" >"$home/out" 2>"$home/err" </dev/null || got=$?
    [ -z "$words" ] || grep -qF -- "$words" "$home/out" "$home/err" || got="$got without the words"
    if [ "$got" != "$code" ]; then
        echo "# $*: exit code $got, wanted $code and \"$words\"; it said:"
        sed 's/^/#   /' "$home/out" "$home/err"
        return 1
    fi
}

# Tries a command until it succeeds, 30 s at the most.
soon() {
    local end=$((SECONDS + 30))
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

finish() {
    echo "1..$number" | tee -a "$TAP"
    [ $wrong -eq 0 ]
}

home=$(mktemp -d)
chmod 755 "$home" # the servers' user must get through
mkdir -m 700 "$home/state"
export MAPIGATE_STATE=$home/state
unset MAPIGATE_PASSWORD MAPIGATE_CONFIG
trap '"$SERVERS/run.py" down "$home/servers" 2>/dev/null; rm -rf "$home"' EXIT
"$SERVERS/run.py" up "$home/servers" --guard $$ >/dev/null
. "$home/servers/env"
"$SERVERS/sample_mailbox.py" "$home/servers" >/dev/null

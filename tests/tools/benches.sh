#!/bin/bash
# tests/tools/benches.sh BUILD SOURCE [--tap=FILE]: each benchmark, tiny, runs to its end
#
# What they measure says nothing here: limits are off.
set -u
build=$1 source=$2
shift 2
TAP=/dev/null
for word in "$@"; do
    case $word in
    --tap=*) TAP=${word#--tap=} ;;
    esac
done
: >"$TAP"
cd "$source" || exit 1
export MAPIGATE_BUILD=$build MAPIGATE_BENCH_LIMITS=no
number=0 wrong=0

# bench WORDS NAME ARGUMENTS...: ends well and says WORDS.
bench() {
    local words=$1 name=$2 result=ok out
    shift 2
    number=$((number + 1))
    if ! out=$("bench/$name.sh" "$@" 2>&1) || ! grep -q -- "$words" <<<"$out"; then
        result="not ok" wrong=$((wrong + 1))
        sed 's/^/# /' <<<"$out"
    fi
    echo "$result $number - benches/$name" | tee -a "$TAP"
}

bench "peak RSS  *[0-9]" contents 1 200
bench "AVAILABLE after the return: at most [0-9]" status 0
bench "without the logon  *0\.[0-9]" first_rows 1 200 20
bench "all changes show  *[0-9]" reopen 2 200
bench "by MAPI  *[0-9]" read_message 2 20000 3
bench "RSS grew by  *[0-9]" attachment 1 1000000

# One that is not here is one that nobody runs.
for script in bench/*.sh; do
    name=$(basename "$script" .sh)
    [ ! -x "$script" ] || grep -q "^bench .* $name " "$0" || {
        number=$((number + 1)) wrong=$((wrong + 1))
        echo "not ok $number - benches/$name is not tried" | tee -a "$TAP"
    }
done
echo "1..$number" | tee -a "$TAP"
[ $wrong -eq 0 ]

#!/bin/bash
# 100,000 rows of a contents table, against draining the same FETCH from a raw socket
#
# usage: ./dev bench contents [ROUNDS [ROWS]]
#
# docs/benchmarks.md says how to read it.
set -eu
rounds=${1:-3} rows=${2:-100000}
build=${MAPIGATE_BUILD:-build/release}/bench
dir=$(mktemp -d)
trap 'tests/servers/run.py down "$dir/servers" >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT

tests/servers/run.py up "$dir/servers" --format mdbox --guard $$
. "$dir/servers/env"
bench/make_mailbox.py "$dir/servers" --count "$rows" --warm

value() { # LINE KEY
    sed -n "s/.*\<$2=\([0-9.]*\).*/\1/p" <<<"$1"
}
spread() { # FILE: min, median, max
    sort -n "$1" | awk '{ v[NR] = $1 }
        END { printf "%.3f %.3f %.3f", v[1], v[int((NR + 1) / 2)], v[NR] }'
}

# pair NAME IMAP-URL RAW-ARGUMENTS...: both in turn, so that what disturbs one disturbs the other.
pair() {
    local name=$1 url=$2 line round
    shift 2
    rm -f "$dir"/raw "$dir"/rows "$dir"/rss "$dir"/turn "$dir"/first "$dir"/cpu
    for ((round = 0; round < rounds; round++)); do
        line=$("$build/bench-raw-fetch" "$@")
        value "$line" seconds >>"$dir/raw"
        rm -rf "$dir/state"
        line=$(MAPIGATE_STATE=$dir/state "$build/bench-contents" "$url" "$MG_SMTP_URL" \
            "$MG_USER" "$MG_PASSWORD" "$MG_CA_FILE" "$rows")
        for key in first cpu; do value "$line" $key >>"$dir/$key"; done
        value "$line" seconds >>"$dir/rows"
        value "$line" rss_mb >>"$dir/rss"
        value "$line" turn_ms >>"$dir/turn"
    done
    paste "$dir/rows" "$dir/raw" | awk '{ printf "%.3f\n", $1 / $2 }' >"$dir/ratio"
    echo "$name, $rounds rounds (min median max)"
    echo "  raw socket      $(spread "$dir/raw") s"
    echo "  contents table  $(spread "$dir/rows") s, first page after $(spread "$dir/first") s"
    echo "  ratio           $(spread "$dir/ratio") (limit 1.4)"
    echo "  peak RSS        $(spread "$dir/rss") MB (limit 150)"
    echo "  longest turn    $(spread "$dir/turn") ms of CPU (limit 20)"
    echo "  CPU             $(spread "$dir/cpu") s"
    within "$dir/ratio" 2 1.4 && within "$dir/rss" 3 150 && within "$dir/turn" 3 20 || over=1
}
within() { # FILE FIELD LIMIT: of min, median, max
    spread "$1" | awk -v field="$2" -v limit="$3" '{ exit !($field <= limit) }'
}

over=0
pair plain "imap://localhost:$MG_IMAP_PORT?tls=none" "$MG_IMAP_PORT" "$MG_USER" "$MG_PASSWORD"
pair TLS "$MG_IMAP_URL" "$MG_IMAPS_PORT" "$MG_USER" "$MG_PASSWORD" "$MG_CA_FILE"
[ $over = 0 ] || { echo "over a limit"; exit 1; }

#!/bin/bash
# 100,000 rows of a contents table, against draining the same FETCH from a raw socket
#
# usage: ./dev bench contents [ROUNDS [ROWS]]
#
# docs/benchmarks.md says how to read it.
set -eu
rounds=${1:-3} rows=${2:-100000}
. bench/common.sh

start_servers --format mdbox
bench/make_mailbox.py "$dir/servers" --count "$rows" --warm

# pair NAME IMAP-URL RAW-ARGUMENTS...: both in turn, so that what disturbs one disturbs the other.
pair() {
    local name=$1 line round key
    account[0]=$2
    shift 2
    rm -f "$dir"/raw "$dir"/rows "$dir"/rss "$dir"/turn "$dir"/first "$dir"/cpu
    for ((round = 0; round < rounds; round++)); do
        line=$("$build/bench-raw-fetch" "$@")
        value "$line" seconds >>"$dir/raw"
        line=$(measured contents "${account[@]}" "$rows")
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
    limit "$dir/ratio" 2 1.4
    limit "$dir/rss" 3 150
    limit "$dir/turn" 3 20
}

pair plain "imap://localhost:$MG_IMAP_PORT?tls=none" "$MG_IMAP_PORT" "$MG_USER" "$MG_PASSWORD"
pair TLS "$MG_IMAP_URL" "$MG_IMAPS_PORT" "$MG_USER" "$MG_PASSWORD" "$MG_CA_FILE"
finish

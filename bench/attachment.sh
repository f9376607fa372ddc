#!/bin/bash
# an attachment of 100 MB by IStream, against FETCH of its section, decoded
#
# usage: ./dev bench attachment [ROUNDS [BYTES]]
#
# docs/benchmarks.md says how to read it.
set -eu
rounds=${1:-5} bytes=${2:-100000000}
. bench/common.sh

start_servers --format mdbox
bench/make_mailbox.py "$dir/servers" --count 1 --size $((10000 + bytes * 78 / 57)) --attachments 1 --warm
for ((round = 0; round < rounds; round++)); do
    measured attachment "${account[@]}" "$MG_IMAPS_PORT" >>"$dir/lines"
done
for key in raw mapi mb grown_mb; do values "$dir/lines" $key >"$dir/$key"; done
ratios "$dir/lines" raw mapi >"$dir/rate"
ratios "$dir/lines" mapi raw >"$dir/ratio"
echo "an attachment of $(spread "$dir/mb" | cut -d' ' -f2) MB, $rounds rounds (min median max)"
echo "  raw FETCH and decode  $(spread "$dir/raw") s"
echo "  IStream               $(spread "$dir/mapi") s"
echo "  rate to raw rate      $(spread "$dir/rate") (at least 0.9)"
echo "  RSS grew by           $(spread "$dir/grown_mb") MB (limit 4)"
limit "$dir/ratio" 2 1.1112
limit "$dir/grown_mb" 3 4
finish

#!/bin/bash
# messages of 100 KB with 3 attachments read whole, against FETCH BODY.PEEK[]
#
# usage: ./dev bench read_message [MESSAGES [BYTES [ATTACHMENTS]]]
#
# docs/benchmarks.md says how to read it.
set -eu
messages=${1:-200} bytes=${2:-100000} attachments=${3:-3}
. bench/common.sh

start_servers --format mdbox
bench/make_mailbox.py "$dir/servers" --count "$messages" --size "$bytes" \
    --attachments "$attachments" --warm
measured read-message "${account[@]}" "$MG_IMAPS_PORT" "$attachments" >"$dir/lines"
for key in raw mapi; do
    values "$dir/lines" $key | awk '{ print $1 * 1000 }' >"$dir/$key"
done
values "$dir/lines" mb >"$dir/mb"
ratios "$dir/lines" mapi raw >"$dir/ratio"
echo "$messages messages with $attachments attachments (min median max)"
echo "  size       $(spread "$dir/mb") MB"
echo "  raw FETCH  $(spread "$dir/raw") ms"
echo "  by MAPI    $(spread "$dir/mapi") ms"
echo "  ratio      $(spread "$dir/ratio") (limit 1.3)"
limit "$dir/ratio" 2 1.3
finish

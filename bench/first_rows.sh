#!/bin/bash
# the newest rows of a folder that nothing is known of, against SORT and FETCH by hand
#
# usage: ./dev bench first_rows [ROUNDS [MESSAGES [ROWS]]]
#
# docs/benchmarks.md says how to read it.
set -eu
rounds=${1:-5} messages=${2:-100000} rows=${3:-50}
. bench/common.sh

start_servers --format mdbox
bench/make_mailbox.py "$dir/servers" --count "$messages" --warm
for ((round = 0; round < rounds; round++)); do
    measured first-rows "${account[@]}" "$MG_IMAPS_PORT" "$rows" >>"$dir/lines"
done
for key in raw mapi table; do values "$dir/lines" $key >"$dir/$key"; done
ratios "$dir/lines" mapi raw >"$dir/ratio"
echo "the newest $rows of $messages, $rounds rounds (min median max)"
echo "  raw SORT and FETCH  $(spread "$dir/raw") s, from connect"
echo "  contents table      $(spread "$dir/mapi") s, from MAPILogonEx"
echo "  without the logon   $(spread "$dir/table") s, from GetContentsTable"
echo "  ratio               $(spread "$dir/ratio") (limit 1.5)"
limit "$dir/ratio" 2 1.5
finish

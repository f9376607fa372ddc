#!/bin/sh
# Make the public headers from the tree and check them with every compiler, those for 64-bit and
# 32-bit Windows included.
#
# usage: check_layout.sh [COMPILER...]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
source=$here/../../include/mapi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ $# -gt 0 ] || set -- gcc clang-14 g++ x86_64-w64-mingw32-gcc i686-w64-mingw32-gcc

mkdir -p "$work/include/mapi"
for template in "$source"/*.h.in; do
    python3 "$source/generate.py" "$template" "$source/tables" \
        "$work/include/mapi/$(basename "$template" .in)"
done
"$here/check_headers.sh" "$work/include" "$work/checks" "$@"

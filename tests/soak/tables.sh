#!/bin/bash
# random tables with random restrictions, orders, categories and changes against a slow model
#
# usage: ./dev soak tables [CASES]      100000 by default, each of 150 steps
set -eu
. scripts/common.sh

export MG_SOAK_CASES=${1:-100000}
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1
configure build/asan --buildtype=debugoptimized -Db_lundef=false -Db_sanitize=address,undefined
compile build/asan tests/test-mapi
exec build/asan/tests/test-mapi --filter 'table_model/*'

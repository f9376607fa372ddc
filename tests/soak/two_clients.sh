#!/bin/bash
# two clients change the same mailboxes for 10 minutes: both see the same, by notification alone
#
# usage: ./dev soak two_clients [MINUTES [SEED]]      MG_SOAK_TRACE=1 prints what tables tell
set -eu
. scripts/common.sh

export MG_SOAK_SECONDS=$((${1:-10} * 60))
[ $# -lt 2 ] || export MG_SOAK_SEED=$2
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1
export LSAN_OPTIONS=print_suppressions=0:suppressions=$PWD/tests/lsan.supp
configure build/asan --buildtype=debugoptimized -Db_lundef=false -Db_sanitize=address,undefined
compile build/asan tests/test-soak
exec build/asan/tests/test-soak --filter 'two_clients/*' --ignore-warnings

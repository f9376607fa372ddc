#!/bin/bash
# kills processes while they change a mailbox, 1000 times: nothing is lost (docs/mail.md, "Saving")
#
# usage: ./dev soak kills [ROUNDS [SEED]]
set -eu
. scripts/common.sh

export MG_SOAK_ROUNDS=${1:-1000}
[ $# -lt 2 ] || export MG_SOAK_SEED=$2
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1
export LSAN_OPTIONS=print_suppressions=0:suppressions=$PWD/tests/lsan.supp
configure build/asan --buildtype=debugoptimized -Db_lundef=false -Db_sanitize=address,undefined
compile build/asan tests/test-soak
exec build/asan/tests/test-soak --filter 'kills/*' --ignore-warnings

#!/bin/bash
# kills processes while they submit, 100 times: nothing is lost (docs/mail.md, "Sending")
#
# usage: ./dev soak submit [ROUNDS]
set -eu
. scripts/common.sh

export MG_SOAK_ROUNDS=${1:-100}
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1
export LSAN_OPTIONS=print_suppressions=0:suppressions=$PWD/tests/lsan.supp
configure build/asan --buildtype=debugoptimized -Db_lundef=false -Db_sanitize=address,undefined
compile build/asan tests/test-mail
exec build/asan/tests/test-mail --filter 'sending_killed/*' --ignore-warnings

#!/bin/bash
# random copies between objects of a store on a real server against a slow model
#
# usage: ./dev soak store_copies [CASES [FIRST]]      1000 by default, each of 16 steps; the number of
#                                                     a case is its seed, FIRST (1) the first one's
# MG_SOAK_TRACE=1 writes every step.
set -eu
. scripts/common.sh

export MG_SOAK_CASES=${1:-1000} MG_SOAK_FIRST=${2:-1}
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1
export LSAN_OPTIONS=print_suppressions=0:suppressions=$PWD/tests/lsan.supp
configure build/asan --buildtype=debugoptimized -Db_lundef=false -Db_sanitize=address,undefined
say "cases $MG_SOAK_FIRST to $((MG_SOAK_FIRST + MG_SOAK_CASES - 1))"
compile build/asan tests/test-conformance
exec build/asan/tests/test-conformance --filter 'store_copies/*'

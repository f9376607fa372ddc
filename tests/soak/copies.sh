#!/bin/bash
# random properties copied between random objects against a slow model
#
# usage: ./dev soak copies [CASES [FIRST]]      100000 by default, each of 40 steps; the number of a
#                                               case is its seed, FIRST (1) the first one's
# MG_SOAK_TRACE=1 writes every step.
set -eu
. scripts/common.sh

export MG_SOAK_CASES=${1:-100000} MG_SOAK_FIRST=${2:-1}
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1
configure build/asan --buildtype=debugoptimized -Db_lundef=false -Db_sanitize=address,undefined
say "cases $MG_SOAK_FIRST to $((MG_SOAK_FIRST + MG_SOAK_CASES - 1))"
compile build/asan tests/test-mapi
exec build/asan/tests/test-mapi --filter 'copy_model/*'

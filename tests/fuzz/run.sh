#!/bin/bash
# Fuzzes one target for a while, on top of its kept corpus; alone it lists the targets.
#
#   tests/fuzz/run.sh [NAME [SECONDS]]
#
# What it finds stays in build/fuzz/findings, new inputs in build/fuzz/corpus. Ends with failure when
# there was a finding.
set -eu
cd "$(dirname "$0")/../.."

if [ $# -eq 0 ]; then
    for target in tests/fuzz/*.dict; do
        basename "$target" .dict
    done
    exit 0
fi
name=$1
seconds=${2:-60}
[ -f "tests/fuzz/$name.c" ] || { echo "run.sh: no target $name" >&2; exit 2; }

top=$PWD
tests/fuzz/build_libetpan.sh "$top/build/fuzz/libetpan"

build=build/fuzz/build
if [ ! -f "$build/build.ninja" ]; then
    PKG_CONFIG_PATH=$top/build/fuzz/libetpan/lib/pkgconfig CC=${FUZZ_CC:-clang-14} \
        meson setup "$build" -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
        -Dbuildtype=debugoptimized -Dc_args=-fsanitize=fuzzer-no-link >build/fuzz/setup.log
fi
ninja -C "$build" "tests/fuzz/fuzz-$name" >build/fuzz/ninja.log || {
    grep -A8 -E 'error|FAILED' build/fuzz/ninja.log >&2
    exit 1
}

mkdir -p "build/fuzz/corpus/$name" "build/fuzz/findings"
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS=print_suppressions=0:suppressions=$top/tests/lsan.supp
exec nice -n 19 "$build/tests/fuzz/fuzz-$name" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=1024 -max_len=16384 -print_final_stats=1 -verbosity=1 \
    -dict="tests/fuzz/$name.dict" -artifact_prefix="build/fuzz/findings/$name-" \
    "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name"

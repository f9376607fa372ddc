#!/bin/sh
# Check the public headers with a compiler: each compiles on its own, and layouts, slots and values
# are those of the tables.
#
# usage: check_headers.sh INCLUDE_DIR WORK_DIR COMPILER...
#
# INCLUDE_DIR holds the generated mapi/*.h. A compiler named *++ is a C++ compiler; one that targets
# Windows (*mingw*) only compiles, all others also run what they made. A missing compiler is a
# failure.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
include=$1
work=$2
shift 2
tables=$here/../../include/mapi/tables

rm -rf "$work"
mkdir -p "$work"
python3 "$here/make_checks.py" "$tables" "$here/tables/structs.tsv" "$include/mapi" "$work"
cp "$work/layout.c" "$work/layout.cpp"
cp "$work/strings.c" "$work/strings.cpp"
for header in "$include"/mapi/*.h; do
    name=$(basename "$header" .h)
    echo "#include <mapi/$name.h>" >"$work/alone-$name.c"
    cp "$work/alone-$name.c" "$work/alone-$name.cpp"
done

for compiler; do
    command -v "$compiler" >/dev/null || { echo "$compiler is not installed"; exit 1; }
    case $compiler in
    *++) suffix=cpp standard=-std=c++11 ;;
    *) suffix=c standard=-std=c11 ;;
    esac
    flags="$standard -Wall -Wextra -Wpedantic -Werror -DCOBJMACROS -I$include"

    for unicode in "" -DUNICODE; do
        for source in "$work"/alone-*.$suffix "$work/layout.$suffix"; do
            "$compiler" $flags $unicode -fsyntax-only "$source"
        done
    done
    case $compiler in
    *++) ;;
    *) "$compiler" $flags -fsyntax-only "$work/slots.c" ;;
    esac

    case $compiler in
    *mingw*) "$compiler" $flags -fsyntax-only "$work/strings.$suffix" ;;
    *)
        "$compiler" $flags -o "$work/strings" "$work/strings.$suffix"
        "$work/strings"
        if [ $suffix = cpp ]; then
            "$compiler" $flags -o "$work/slots" "$work/slots.cpp"
            "$work/slots"
        fi
        ;;
    esac
    echo "$compiler: headers are right"
done

#!/bin/sh
# A foreign program finds the installed headers and library with pkg-config, both include styles, in
# C and in C++; and the example of the documentation compiles and links.
#
# usage: check_install.sh BUILD_DIR WORK_DIR [COMPILER_FLAG...]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$1
work=$2
shift 2

rm -rf "$work"
meson install -C "$build" --no-rebuild --quiet --destdir "$work" --tags devel,runtime

pc=$(find "$work" -name mapigate.pc)
PKG_CONFIG_LIBDIR=$(dirname "$pc")
export PKG_CONFIG_LIBDIR
prefix=$(pkg-config --variable=prefix mapigate)
set_prefix="--define-variable=prefix=$work$prefix"
LD_LIBRARY_PATH=$work$(pkg-config --variable=libdir mapigate)
export LD_LIBRARY_PATH

for compiler in gcc g++; do
    case $compiler in g++) language=c++ ;; *) language=c ;; esac
    $compiler -Wall -Wextra -Werror -x $language $(pkg-config $set_prefix --cflags mapigate) \
        "$@" "$here/foreign.c" -x none $(pkg-config $set_prefix --libs mapigate) -o "$work/foreign"
    "$work/foreign"
    echo "$compiler: a foreign program runs"
done

gcc -Wall -Wextra -Werror "$@" $(pkg-config $set_prefix --cflags mapigate) \
    "$here/../../docs/examples/inbox.c" $(pkg-config $set_prefix --libs mapigate) -o "$work/inbox"
echo "the example of the documentation links"

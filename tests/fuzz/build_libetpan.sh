#!/bin/sh
# Builds libetpan with sanitizers from Debian's source package, into build/fuzz/libetpan.
#
#   tests/fuzz/build_libetpan.sh [FOLDER]
#
# The system's package sources are left alone: deb-src lines are written to a private apt
# configuration. Where the package's patches cannot be had, its original tarball is built without
# them, and the script says so. Does nothing when the library is there already.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:-$top/build/fuzz/libetpan}
flags="-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link"
# Undefined behaviour of libetpan's own that is harmless here must not end a run of ours.
flags="$flags -fno-sanitize=function,vptr"

[ -f "$out/lib/libetpan.a" ] && exit 0

mkdir -p "$out/apt/lists/partial" "$out/apt/cache/archives/partial" "$out/source"
out=$(cd "$out" && pwd)

# --- Debian's sources, as the system has them, but with deb-src -----------------------------------
cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n 's/^deb[[:space:]]/deb-src /p' >"$out/apt/debian.list"
for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    sed 's/^Types:.*/Types: deb-src/' "$file"
    echo
done >"$out/apt/debian.sources"
mkdir -p "$out/apt/parts"
mv "$out/apt/debian.list" "$out/apt/debian.sources" "$out/apt/parts/"
cat >"$out/apt/apt.conf" <<CONF
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$out/apt/parts";
Dir::State::lists "$out/apt/lists";
Dir::Cache "$out/apt/cache";
APT::Sandbox::User "root";
CONF
export APT_CONFIG="$out/apt/apt.conf"

cd "$out/source"
apt-get -q update >"$out/apt.log" 2>&1 || true
if ! apt-get -q source --download-only libetpan >>"$out/apt.log" 2>&1; then
    echo "build_libetpan: the whole source package cannot be had (see $out/apt.log)" >&2
fi
tarball=$(ls libetpan_*.orig.tar.* 2>/dev/null | head -n 1)
[ -n "$tarball" ] || { echo "build_libetpan: no source of libetpan" >&2; exit 1; }

rm -rf tree
mkdir tree
tar -xf "$tarball" -C tree --strip-components=1
debian=$(ls libetpan_*.debian.tar.* 2>/dev/null | head -n 1)
if [ -n "$debian" ]; then
    tar -xf "$debian" -C tree
    while read -r patch; do
        case $patch in '' | '#'*) continue ;; esac
        patch -d tree -p1 -s <"tree/debian/patches/$patch"
    done <tree/debian/patches/series
else
    echo "build_libetpan: building $tarball without Debian's patches" >&2
fi

# --- The library, without what the IMAP parser does not need ---------------------------------------
cd tree
{
    ./configure CC=clang-14 CFLAGS="$flags" --prefix="$out" --disable-shared --enable-static \
        --disable-db --disable-lockfile --without-openssl --without-gnutls --without-sasl \
        --without-curl --without-expat --without-zlib --with-poll
    make -j2
    make install
} >"$out/build.log" 2>&1 || { tail -n 20 "$out/build.log" >&2; exit 1; }
echo "build_libetpan: $out/lib/libetpan.a"

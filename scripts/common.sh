# scripts/common.sh - what the verbs of ./dev share; they source it from the root of the tree.

say() {
    printf '%s\n' "$*"
}

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Names of all source files that fit the given patterns, tracked or new, one a line.
source_files() {
    git -c safe.directory='*' ls-files --cached --others --exclude-standard -- "$@" |
        while read -r file; do [ -f "$file" ] && printf '%s\n' "$file"; done
}

# configure DIR MESON-OPTIONS...: makes the build folder if it is not there.
configure() {
    local dir=$1
    shift
    [ -f "$dir/build.ninja" ] && return
    rm -rf "$dir"
    mkdir -p build
    if ! meson setup "$dir" "$@" >"$dir.log" 2>&1; then
        tail -n 30 "$dir.log" >&2
        fail "meson setup $dir failed"
    fi
}

# compile DIR TARGETS...: quiet while all is well.
compile() {
    local dir=$1
    shift
    say "building $dir"
    if ! ninja -C "$dir" -k 20 "$@" >"$dir.build.log" 2>&1; then
        grep -A 12 -E '^FAILED|error:|ERROR' "$dir.build.log" | grep -v '^\[[0-9]*/[0-9]*\]' |
            tail -n 80 >&2
        fail "$dir: build failed (all of it: $dir.build.log)"
    fi
}

# A locale that is not UTF-8, for what depends on it; the machine's own are left alone.
make_locale() {
    export LOCPATH=$PWD/build/locale
    mkdir -p "$LOCPATH"
    [ -d "$LOCPATH/de_DE.ISO-8859-1" ] ||
        localedef -i de_DE -f ISO-8859-1 "$LOCPATH/de_DE.ISO-8859-1" || :
}

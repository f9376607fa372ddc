# tests/tools/installation.sh - the library as its users find it; sourced after tap.sh.
#
# BUILD (a build folder) and SANITIZERS (its b_sanitize) are set by the caller. Afterwards pkg-config
# knows the installed library, $prefix is where it lies, and programs find it when they run.

install_all() {
    meson install -C "$BUILD" --no-rebuild --destdir "$home/root" >"$home/log" 2>&1 ||
        { sed 's/^/# /' "$home/log" && false; }
}

check installed/meson_installs install_all
pc=$(find "$home/root" -name mapigate.pc)
export PKG_CONFIG_SYSROOT_DIR=$home/root PKG_CONFIG_PATH=${pc%/*}
prefix=$home/root$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --variable=prefix mapigate)
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(dirname "${pc%/*}")

# build_with COMPILER OUTPUT SOURCE...: a program of somebody else's, with what is installed only.
build_with() {
    local compiler=$1 output=$2 options=(-Wall -Wextra -Werror)
    shift 2
    [ "$SANITIZERS" = none ] || options+=("-fsanitize=$SANITIZERS")
    # shellcheck disable=SC2046
    ${compiler%% *} "${options[@]}" ${compiler#"${compiler%% *}"} "$@" $(pkg-config --cflags --libs mapigate) -o "$output"
}

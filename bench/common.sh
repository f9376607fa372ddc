# bench/common.sh - what the benchmarks of this folder share; they source it.
#
# Leaves $build, $dir (gone when the script ends), and with start_servers a Dovecot of its own. With
# MAPIGATE_BENCH_LIMITS=no nothing is over a limit: for trying whether a benchmark still runs.

set -o pipefail
build=${MAPIGATE_BUILD:-build/release}/bench
dir=$(mktemp -d)
over=0
trap 'tests/servers/run.py down "$dir/servers" >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT

start_servers() { # [OPTIONS of run.py up]
    tests/servers/run.py up "$dir/servers" --guard $$ "$@"
    . "$dir/servers/env"
    account=("$MG_IMAP_URL" "$MG_SMTP_URL" "$MG_USER" "$MG_PASSWORD" "$MG_CA_FILE")
}

stop_servers() {
    tests/servers/run.py down "$dir/servers" >/dev/null
    rm -rf "$dir/servers"
}

# measured PROGRAM WORDS...: in an empty state folder, at the real servers.
measured() {
    local program=$1
    shift
    rm -rf "$dir/state"
    MAPIGATE_STATE=$dir/state "$build/bench-$program" "$@"
}

values() { # FILE KEY: of lines of key=value, one a line
    sed -n "s/.*\<$2=\([0-9.]*\).*/\1/p" "$1"
}
value() { # LINE KEY
    values /dev/stdin "$2" <<<"$1"
}
spread() { # FILE: min, median, max
    sort -n "$1" | awk '{ v[NR] = $1 }
        END { printf "%.4g %.4g %.4g", v[1], v[int((NR + 1) / 2)], v[NR] }'
}
ratios() { # FILE KEY FLOOR-KEY: line by line
    paste <(values "$1" "$2") <(values "$1" "$3") | awk '{ printf "%.4f\n", $1 / $2 }'
}

limit() { # FILE FIELD LIMIT: the field 1, 2, 3 of min, median, max must not pass it
    spread "$1" | awk -v field="$2" -v limit="$3" '{ exit !($field <= limit) }' || over=1
}

finish() {
    if [ "$over" != 0 ] && [ "${MAPIGATE_BENCH_LIMITS:-}" != no ]; then
        echo "over a limit"
        exit 1
    fi
}

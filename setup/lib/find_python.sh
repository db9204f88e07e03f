# Sourced by setup/test and setup/demo: sets PYTHON to an interpreter that is new enough, and installs one if there is none.
new_enough() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    local candidate
    for candidate in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        if new_enough "$candidate"; then
            PYTHON=$candidate
            return 0
        fi
    done
    return 1
}

if ! find_python; then
    echo "Python 3.11 or newer is missing: installing Debian's python3"
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    export DEBIAN_FRONTEND=noninteractive
    { $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends python3 python3-venv; } \
        </dev/null >/dev/null || true
    if ! find_python; then
        echo "No Python 3.11 or newer could be installed. Install it as root and run this again." >&2
        exit 1
    fi
fi

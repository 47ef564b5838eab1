# shellcheck shell=sh
# Installs Debian packages for the other scripts of this folder, which source it. Needs `set -eu` of the caller.
# Only what is missing is installed, and no daemon that a package brings is started, now or at the next boot.

PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" # Debian keeps daemons out of a user's PATH

POLICY=/usr/sbin/policy-rc.d       # asked by Debian's maintainer scripts before they start a daemon; 101 means no
POLICY_SAVED="$POLICY.before-vedetta"

say() { printf 'setup: %s\n' "$*"; }

die() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# forbid_daemons: until allow_daemons, packages install without starting anything.
forbid_daemons() {
    trap allow_daemons EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    if [ -e "$POLICY" ] && [ ! -e "$POLICY_SAVED" ]; then
        as_root mv "$POLICY" "$POLICY_SAVED"
    fi
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
    as_root chmod 0755 "$POLICY"
}

allow_daemons() {
    trap - EXIT INT TERM
    as_root rm -f "$POLICY"
    if [ -e "$POLICY_SAVED" ]; then
        as_root mv "$POLICY_SAVED" "$POLICY"
    fi
}

# need PROGRAM=PACKAGE...: each program is there afterwards, or the script ends with the command that a person can run.
need() {
    missing=
    programs=
    for pair in "$@"; do
        programs="$programs ${pair%%=*}"
        have "${pair%%=*}" || missing="$missing ${pair#*=}"
    done
    if [ -z "$missing" ]; then
        say "already here:$programs"
        return
    fi

    have apt-get || die "this machine lacks$missing and has no apt-get: install them with its own package manager, then run make again"
    [ "$(id -u)" -eq 0 ] || have sudo || die "this machine lacks$missing: run as root 'apt-get install --no-install-recommends$missing', then make again"

    say "installing with apt-get:$missing"
    before=$(starting_at_boot)
    forbid_daemons
    as_root apt-get update -qq || say "apt-get update failed: going on with the package lists that are here"
    # shellcheck disable=SC2086 # a list of package names
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends $missing >/dev/null ||
        die "apt-get could not install$missing: run 'apt-get install --no-install-recommends$missing' to see why"
    allow_daemons
    leave_stopped "$before"

    for pair in "$@"; do
        have "${pair%%=*}" || die "package ${pair#*=} is installed, yet the program ${pair%%=*} is not found"
    done
}

# The units that start at boot, one a line: services, and the sockets, timers and targets that bring services.
starting_at_boot() {
    find /etc/systemd/system -path '*.wants/*' 2>/dev/null | sed 's|.*/||' | sort -u
}

# leave_stopped BEFORE: a service that starts at boot now, and is not in that list of before, starts at boot no more; so do sockets and timers.
leave_stopped() {
    have systemctl || return 0
    starting_at_boot | while read -r service; do
        printf '%s\n' "$1" | grep -qxF "$service" && continue
        as_root systemctl disable --quiet "$service" </dev/null 2>/dev/null || say "could not disable $service: look at it yourself"
    done
}

#!/bin/sh
# Debian roots for `tests/roots`: real releases that are out of date, made once and kept in .setup/roots.
#   roots.sh [RELEASE...]     bookworm when none is named
# Each is installed from the release pocket alone; then its security source is added and its lists are fetched, so that every
# fix since the last point release is missing. Needs root and an archive:
# DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR name others than Debian's own. A root takes a minute and 300 MB.
set -eu
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env=DEBIAN_MIRROR,DEBIAN_SECURITY_MIRROR sh "$0" "$@"
cd "$(dirname "$0")/../.."

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
security=${DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security}
# Programs of which Debian mends one every few weeks, and the tools that the tests run inside.
packages=openssl,openssh-server,curl,vim-tiny,python3-minimal,ca-certificates,lz4,zstd,bzip2,xz-utils

[ "$#" -gt 0 ] || set -- bookworm
mkdir -p .setup/roots
for release in "$@"; do
    root=.setup/roots/$release
    [ ! -d "$root" ] || continue
    echo "making the Debian root $release" >&2
    rm -rf "$root.part"
    mmdebstrap --quiet --mode=root --variant=important --include="$packages" \
        --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
        "$release" "$root.part" "deb $mirror $release main"
    echo "deb $security $release-security main" >>"$root.part/etc/apt/sources.list"
    echo 'Acquire::Languages "none";' >"$root.part/etc/apt/apt.conf.d/90-no-languages"
    cp /etc/resolv.conf "$root.part/etc/resolv.conf"
    chroot "$root.part" apt-get -qq update
    # What neither apt nor the probe reads.
    rm -rf "$root.part"/usr/share/locale/* "$root.part"/usr/share/man/* "$root.part"/usr/share/info/* \
        "$root.part"/var/cache/apt/* "$root.part"/usr/share/i18n/* "$root.part"/etc/resolv.conf
    mkdir -p "$root.part/var/cache/apt/archives/partial"
    mv "$root.part" "$root"
done

#!/bin/sh
# The root in which the Windows build is tried, made once and kept in .setup/wine: Debian 13 with wine 10 and msitools.
# Wine 10, because an older one lacks bcryptprimitives.dll, from which Rust's standard library takes its random numbers.
# Needs root and an archive (DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR name others than Debian's own). 250 MB to fetch,
# 1.3 GB on disk, some two minutes.
set -eu
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env=DEBIAN_MIRROR,DEBIAN_SECURITY_MIRROR sh "$0" "$@"
cd "$(dirname "$0")/../.."

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
security=${DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security}
release=trixie
root=.setup/wine
packages=wine64,wine,msitools,ca-certificates

[ ! -d "$root" ] || exit 0
echo "making the Debian $release root that runs the Windows build" >&2
rm -rf "$root.part"
mmdebstrap --quiet --mode=root --variant=apt --include="$packages" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    "$release" "$root.part" "deb $mirror $release main" "deb $security $release-security main"
rm -rf "$root.part"/usr/share/locale/* "$root.part"/usr/share/doc/* "$root.part"/var/cache/apt/* "$root.part"/var/lib/apt/lists/*
mkdir -p "$root.part/var/cache/apt/archives/partial" "$root.part/var/lib/apt/lists/partial"
mv "$root.part" "$root"

#!/bin/sh
# The roots of `make test-dist`, made once and kept in .setup/lifecycle-roots; its tests work on overlays and never change them.
# bullseye, bookworm and trixie are what a Comune gets that installs Debian 11, 12 or 13 and nothing else: the packages of
# priority `important`, systemd among them, no compiler. arm64 holds the libraries that an arm64 program needs beneath qemu.
# Needs root and an archive: DEBIAN_MIRROR names another than Debian's own. A root takes a minute and 300 MB.
set -eu
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env=DEBIAN_MIRROR sh "$0" "$@"
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

need mmdebstrap=mmdebstrap rpm=rpm rpm2cpio=rpm2cpio rpmbuild=rpm cpio=cpio dpkg-deb=dpkg nsenter=util-linux unshare=util-linux \
    systemd-analyze=systemd qemu-aarch64-static=qemu-user-static

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
roots=.setup/lifecycle-roots

# make_root NAME RELEASE OPTION...: a root that is there whole or not at all.
make_root() {
    name=$1
    release=$2
    shift 2
    [ ! -d "$roots/$name" ] || return 0
    say "making the Debian root $name"
    rm -rf "$roots/$name.part"
    mmdebstrap --quiet --mode=root --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' "$@" \
        "$release" "$roots/$name.part" "deb $mirror $release main"
    rm -rf "$roots/$name.part"/var/cache/apt/archives/*.deb
    mv "$roots/$name.part" "$roots/$name"
}

mkdir -p "$roots"
# What a test left that was killed: its mounts and processes ended with it, or within twenty minutes.
find "$roots" -maxdepth 1 -name '.run-*' -mmin +60 -exec rm -rf {} +
for release in bullseye bookworm trixie; do
    make_root "$release" "$release" --variant=important
done
# Unpacked only: no program of it runs while it is made.
make_root arm64 bookworm --variant=extract --architectures=arm64 --include=libc6,libgcc-s1,base-files

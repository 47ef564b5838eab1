#!/bin/sh
# The root in which packages are built, made once and kept in .setup/builder: Debian 13 with its own Rust compiler, the standard
# library for arm64 and as source (for Windows), mingw, and the tools that make and take apart packages.
# One compiler for every system, and the machine that builds stays as it is. Needs root and an archive (DEBIAN_MIRROR and
# DEBIAN_SECURITY_MIRROR name others than Debian's own). 400 MB to fetch, 2.5 GB on disk, some five minutes.
set -eu
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env=DEBIAN_MIRROR,DEBIAN_SECURITY_MIRROR sh "$0" "$@"
cd "$(dirname "$0")/../.."

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
security=${DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security}
release=trixie
root=.setup/builder
# rustc-web is the compiler that Debian keeps new enough for its browsers: at least the `rust-version` of Cargo.toml.
packages=rustc-web,cargo-web,rust-web-src,libstd-rust-web-dev:arm64,gcc,libc6-dev,make,git,ca-certificates
packages=$packages,gcc-mingw-w64-x86-64-win32,nasm,wixl,msitools,rpm,cpio,minisign,zstd,xz-utils,file,python3-minimal,groff-base

[ ! -d "$root" ] || exit 0
echo "making the Debian $release root that builds packages" >&2
rm -rf "$root.part"
mmdebstrap --quiet --mode=root --variant=apt --architectures=amd64,arm64 --include="$packages" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    "$release" "$root.part" "deb $mirror $release main" "deb $security $release-security main"
rm -rf "$root.part"/usr/share/locale/* "$root.part"/usr/share/doc/* "$root.part"/var/cache/apt/* "$root.part"/var/lib/apt/lists/*
mkdir -p "$root.part/var/cache/apt/archives/partial" "$root.part/var/lib/apt/lists/partial"
mv "$root.part" "$root"

#!/bin/sh
# Lays zig and cargo-zigbuild into .setup/zig: they link the packages' programs against an old glibc, for both processors. From the
# Python package index, by exact version and digest; both are static programs, so the root that builds needs no Python packages.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

place=.setup/zig
wanted='ziglang==0.17.1 --hash=sha256:ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54
cargo-zigbuild==0.24.0 --hash=sha256:484412e39e4c6039474535ce97ee75a22bab22d58233056f8ec8a8f9034bb957'

if [ -f "$place/.laid" ] && [ "$(cat "$place/.laid")" = "$wanted" ]; then
    say "already here: zig and cargo-zigbuild"
    exit 0
fi
[ "$(uname -m)" = x86_64 ] || die "packages are built on x86_64 alone; this machine is $(uname -m)"
need python3=python3
python3 -c 'import ensurepip, venv' 2>/dev/null || die "python3 makes no environments here: run 'apt-get install python3-venv', then make again"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "fetching zig and cargo-zigbuild (100 MB) from the Python package index"
printf '%s\n' "$wanted" >"$work/wanted.txt"
python3 -m venv "$work/environment" || die "python3 could not make an environment in $work"
rm -rf "$place"
mkdir -p "$place"
"$work/environment/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: --no-compile \
    --target "$place" --requirement "$work/wanted.txt" ||
    die "pip could not fetch zig with the digests of tests/setup/zig.sh: is the Python package index within reach of this machine?"
printf '%s\n' "$wanted" >"$place/.laid"
say "zig and cargo-zigbuild are in $place"

#!/bin/sh
# usage: cargo-tool.sh NAME SERIES VERSION
# Prints the path of a cargo tool of that series (0.9 means any 0.9.x): the one in .setup, else one on the PATH, else it
# builds exactly VERSION, with the lock file its authors shipped, into .setup. Messages go to standard error.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

name=$1
series=$2
version=$3
place="$PWD/.setup/cargo"

fits() {
    case "$("$1" --version 2>/dev/null)" in
    "$name $series."*) return 0 ;;
    *) return 1 ;;
    esac
}

for candidate in "$place/bin/$name" "$(command -v "$name" || true)"; do
    if [ -n "$candidate" ] && fits "$candidate"; then
        say "already here: $("$candidate" --version | head -n 1)" >&2
        printf '%s\n' "$candidate"
        exit 0
    fi
done

say "building $name $version with cargo into .setup/cargo: this happens once, and takes minutes" >&2
# A tool, not a product: without the link-time optimisation of its release profile it builds in a fraction of the time.
CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    CARGO_PROFILE_RELEASE_DEBUG=false \
    cargo install --quiet --locked --root "$place" --version "$version" "$name" >&2 ||
    die "cargo could not build $name $version"
say "$name $version is in .setup/cargo/bin" >&2
printf '%s\n' "$place/bin/$name"

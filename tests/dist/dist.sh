#!/bin/sh
# Makes every package into target/packages, with their digests and, given KEY, a signature of these (`make dist`).
#   KEY=FILE                a minisign secret key, as `vedetta-agent pack keygen` or `minisign -G` makes it
#   PASSPHRASE_FILE=FILE    its passphrase; without, it is asked for
#   QUICK=1                 x86-64 alone, without optimisation, into target/packages/try: to try packages, not to ship them
#   MACHINES=x86_64         one processor alone, and nothing for Windows
#   PACKAGE_VERSION=0.0.9   another number on the packages than the programs' own: to try upgrades
set -eu
cd "$(dirname "$0")/../.."
sh tests/setup/build.sh >/dev/null

if [ -n "${QUICK:-}" ]; then
    profile=dev folder=debug machines=x86_64 out=target/packages/try level=1
else
    profile=dist folder=dist machines=${MACHINES:-x86_64 aarch64} out=target/packages level=6
fi
built=target/builder/linux
texts=target/builder/texts
version=${PACKAGE_VERSION:-}
in_builder() { sh tests/dist/builder.sh "$@"; }

mkdir -p "$out"
rm -f "$out"/vedetta-*.deb "$out"/vedetta-*.rpm "$out"/vedetta-*.tar.gz "$out"/vedetta-*.json "$out"/SHA256SUMS*

for machine in $machines; do
    sh tests/dist/build.sh "$machine-unknown-linux-gnu" "$profile"
    # The quick build carries 100 MB for debuggers.
    [ -z "${QUICK:-}" ] || in_builder strip "$built/$machine-unknown-linux-gnu/$folder/vedetta-agent" "$built/$machine-unknown-linux-gnu/$folder/vedetta-collector"
done

# Manual pages and completions are written by the command lines themselves, which say the same however they are built: so by the
# quick build that tests and demo use as well.
cargo build --locked --package vedetta-agent --package vedetta-collector --examples
manuals=${CARGO_TARGET_DIR:-target}/debug/examples

for program in vedetta-agent vedetta-collector; do
    rm -rf "$texts/$program"
    "$manuals/${program#vedetta-}_manual" "$texts/$program"
    for machine in $machines; do
        target=$machine-unknown-linux-gnu
        in_builder python3 tests/dist/components.py "$program" "$target" \
            "$texts/$program/components.cdx.json" "$texts/$program/components-licences.txt"
        in_builder env "PACKAGE_LEVEL=$level" ${version:+"PACKAGE_VERSION=$version"} sh tests/dist/package.sh \
            "$program" "$machine" "$built/$target/$folder/$program" "$texts/$program" "$out"
    done
done
if [ -n "${QUICK:-}" ]; then
    mkdir -p "$out/x86_64"
    cp "$built"/x86_64-unknown-linux-gnu/debug/vedetta-agent "$built"/x86_64-unknown-linux-gnu/debug/vedetta-collector "$out/x86_64/"
fi

# Windows, whose script writes into the same folder; not for a trial, nor for one processor alone.
[ -n "${QUICK:-}${MACHINES:-}" ] || sh tests/dist/windows.sh dist

(cd "$out" && sha256sum vedetta-* >SHA256SUMS)
sh tests/dist/sign.sh "$out"
ls -l "$out"

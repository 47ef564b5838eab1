#!/bin/sh
# usage: windows.sh [PROFILE]
# Builds vedetta-agent for Windows (x86_64-pc-windows-gnu) in the root that builds packages, and its MSI: target/packages/
# vedetta-agent.exe and vedetta-agent-VERSION-x64.msi. PROFILE is a profile of Cargo.toml, `dist` unless given.
# Debian has no standard library for Windows, so it is built from the source that belongs to the compiler. That needs a flag
# of cargo that is not stable, and is allowed for this system alone (RUSTC_BOOTSTRAP). A panic unwinds, as on Linux.
set -eu
cd "$(dirname "$0")/../.."

profile=${1:-dist}
target=x86_64-pc-windows-gnu

# The crates of the standard library lie beside its source, ours in .setup/vendor: cargo takes both from one folder. Its links
# are always of the same age, or cargo would build anew what depends on files.
inside='
    library=$(rustc --print sysroot)/lib/rustlib/src/rust/library
    mkdir /tmp/crates
    ln -s "$library"/vendor/* /tmp/crates
    ln -sf "$PWD"/.setup/vendor/* /tmp/crates
    touch --no-dereference --date=@0 /tmp/crates/*
    sed -i "s|^directory = .*|directory = \"/tmp/crates\"|" "$CARGO_HOME/config.toml"
    export RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=/tmp/crates=/crates"
    export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER="$PWD/tests/dist/windows_link.sh"
    exec cargo build --locked -Z build-std=std,panic_unwind --target "$2" --profile "$1" -p vedetta-agent'
sh tests/dist/builder.sh env RUSTC_BOOTSTRAP=1 sh -euc "$inside" sh "$profile" "$target" >&2

[ "$profile" != dev ] || profile=debug
program=target/packages/vedetta-agent.exe
mkdir -p "${program%/*}"
cp "target/builder/$target/$profile/vedetta-agent.exe" "$program"
# What the tests let wait for others.
sh tests/dist/builder.sh x86_64-w64-mingw32-gcc -O1 -o target/windows-listener.exe tests/dist/windows/listener.c -lws2_32 >&2
echo "$program"
sh tests/dist/windows_msi.sh "$program"

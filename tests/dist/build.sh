#!/bin/sh
# usage: build.sh TARGET [PROFILE]
# Builds the two programs for x86_64-unknown-linux-gnu or aarch64-unknown-linux-gnu, so that they start where glibc is 2.28 or
# newer (Debian 10, RHEL 8). PROFILE is `dist` unless another is named; `dev` is quick, and for trying packages only.
# They lie in target/builder/linux/TARGET/PROFILE afterwards: a folder apart from the one of Windows, whose standard library is
# built with other settings.
set -eu
cd "$(dirname "$0")/../.."

GLIBC=2.28

target=$1
profile=${2:-dist}
case $target in
x86_64-unknown-linux-gnu | aarch64-unknown-linux-gnu) ;;
*) echo "build.sh: no target $target: x86_64-unknown-linux-gnu or aarch64-unknown-linux-gnu" >&2 && exit 1 ;;
esac
case $profile in dev) folder=target/builder/linux/$target/debug ;; *) folder=target/builder/linux/$target/$profile ;; esac

needed=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
there=$(sh tests/dist/builder.sh rustc --version | cut -d ' ' -f 2)
if [ "$(printf '%s\n%s\n' "$needed" "$there" | sort --version-sort | head -n 1)" != "$needed" ]; then
    echo "build.sh: Cargo.toml asks for Rust $needed, and the root that builds has $there: remove .setup/builder, and the next" \
        "run makes it anew; if that is still older, Debian has no such compiler yet and rust-version must wait" >&2
    exit 1
fi

sh tests/dist/builder.sh env CARGO_TARGET_DIR=target/builder/linux \
    cargo zigbuild --locked --profile "$profile" --target "$target.$GLIBC" -p vedetta-agent -p vedetta-collector

for program in vedetta-agent vedetta-collector; do
    newest=$(objdump -T "$folder/$program" | sed -n 's/.*(\{0,1\}GLIBC_\([0-9.]*\).*/\1/p' | sort --unique --version-sort | tail -n 1)
    if [ -z "$newest" ] || [ "$(printf '%s\n%s\n' "$newest" "$GLIBC" | sort --version-sort | tail -n 1)" != "$GLIBC" ]; then
        echo "build.sh: $folder/$program needs glibc ${newest:-unknown}, and must start with $GLIBC" >&2
        exit 1
    fi
    echo "$folder/$program: $(stat --format=%s "$folder/$program") bytes, glibc $newest"
done

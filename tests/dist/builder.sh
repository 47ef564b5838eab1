#!/bin/sh
# usage: builder.sh COMMAND...
# Runs one command in the root that builds packages (tests/setup/builder.sh): this tree is /vedetta there, crates come from
# .setup/vendor, there is no network, and nothing of the machine's environment gets in. Give variables as `env NAME=VALUE COMMAND`.
# What is built lies in target/builder: the root's compiler is not rustup's, so the two share no folder.
# SOURCE_DATE_EPOCH is the time of the last commit unless it is given. Needs root for mounts and chroot.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

root=.setup/builder
place=${BUILDER_PLACE:-/vedetta} # another folder than usual: tests/dist/reproduce.sh
need unshare=util-linux flock=util-linux mmdebstrap=mmdebstrap git=git >/dev/null
sh tests/setup/builder.sh
sh tests/setup/zig.sh >/dev/null

epoch=${SOURCE_DATE_EPOCH:-$(git -c safe.directory="$PWD" log -1 --format=%ct)} ||
    die "no git history here: give SOURCE_DATE_EPOCH, the seconds since 1970 of what is built"

# The crates of Cargo.lock, each in a folder with its version: a changed list adds folders, and disturbs no command that runs.
(
    flock 9
    wanted=$(sha256sum <Cargo.lock)
    [ "$(cat .setup/vendor/.laid 2>/dev/null)" != "$wanted" ] || exit 0
    say "laying the crates of Cargo.lock into .setup/vendor" >&2
    cargo vendor --locked --quiet --versioned-dirs --no-delete .setup/vendor >/dev/null
    printf '%s\n' "$wanted" >.setup/vendor/.laid
) 9>>.setup/vendor.laying

inside='
    root=$1 place=$2 epoch=$3
    shift 3
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    mkdir -p "$root/tmp/cargo" "$root$place"
    cp tests/dist/cargo.toml "$root/tmp/cargo/config.toml"
    sed -i "s|/vedetta|$place|" "$root/tmp/cargo/config.toml"
    mount --bind . "$root$place"
    if [ -L .setup ]; then # a copy of the sources three folders below: tests/dist/reproduce.sh
        mkdir -p "$root/.setup"
        mount --bind .setup "$root/.setup"
    fi
    exec chroot "$root" /usr/bin/env -i --chdir="$place" \
        PATH="$place/.setup/zig/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/tmp LC_ALL=C.UTF-8 TZ=UTC SOURCE_DATE_EPOCH="$epoch" \
        CARGO_HOME=/tmp/cargo CARGO_TARGET_DIR="$place/target/builder" CARGO_TERM_COLOR=never \
        RUSTFLAGS="--remap-path-prefix=$place=/vedetta --remap-path-prefix=$place/.setup/vendor=/crates" \
        CFLAGS="-ffile-prefix-map=$place=/vedetta -ffile-prefix-map=$place/.setup/vendor=/crates" \
        CARGO_ZIGBUILD_ZIG_PATH="$place/.setup/zig/ziglang/zig" CARGO_ZIGBUILD_CACHE_DIR="$place/target/builder/zig" \
        ZIG_GLOBAL_CACHE_DIR="$place/target/builder/zig" ZIG_LOCAL_CACHE_DIR="$place/target/builder/zig" \
        sh -c "umask ${BUILDER_UMASK:-022}; exec \"\$@\"" sh "$@"'
as_root env BUILDER_UMASK="${BUILDER_UMASK:-022}" unshare --mount --net sh -euc "$inside" sh "$root" "$place" "$epoch" "$@"

#!/bin/sh
# An earlier agent to upgrade from: the program of the commit named in earlier.txt, as version 0.0.9. It is built once, without
# optimisation, in the root that builds packages, with the crates of its own Cargo.lock; its packages are made anew each time, of
# today's units, scripts and manual pages with that program inside. They lie in target/earlier. `make dist` comes first: it
# writes the manual pages.
set -eu
cd "$(dirname "$0")/../../.."
. tests/setup/packages.sh

commit=$(cat tests/dist/lifecycle/earlier.txt)
place=target/earlier
program=$place/vedetta-agent

build() {
    git cat-file -e "$commit^{commit}" 2>/dev/null ||
        die "this copy of the repository has no commit $commit: fetch the whole history (git fetch --unshallow), then make again"

    say "building the agent of $commit, to upgrade from"
    rm -rf "$place"
    mkdir -p "$place/source"
    git archive "$commit" | tar -x -C "$place/source"
    # The workspace's version, and with it what the program says of itself.
    sed -i 's/^version = "0\.1\.0"$/version = "0.0.9"/' "$place/source/Cargo.toml"
    grep -q '^version = "0\.0\.9"$' "$place/source/Cargo.toml" || die "the Cargo.toml of $commit is not of version 0.1.0"
    # A name of its own: in the folder of what is built it must not lie where today's program does.
    sed -i 's/^\[package\]$/&\nautobins = false/' "$place/source/agent/Cargo.toml"
    printf '\n[[bin]]\nname = "vedetta-agent-earlier"\npath = "src/main.rs"\n' >>"$place/source/agent/Cargo.toml"
    # Its crates beside today's, of which most are the same (tests/dist/builder.sh).
    (
        flock 9
        cargo vendor --quiet --versioned-dirs --no-delete --manifest-path "$place/source/Cargo.toml" .setup/vendor >/dev/null
    ) 9>>.setup/vendor.laying
    sh tests/dist/builder.sh env CARGO_TARGET_DIR=target/builder/linux cargo zigbuild --profile dev \
        --target x86_64-unknown-linux-gnu.2.28 -p vedetta-agent --manifest-path "$place/source/Cargo.toml"
    cp target/builder/linux/x86_64-unknown-linux-gnu/debug/vedetta-agent-earlier "$program"
    sh tests/dist/builder.sh strip "$program"
    rm -rf "$place/source"
    printf '%s\n' "$commit" >"$place/.built"
}

[ "$(cat "$place/.built" 2>/dev/null)" = "$commit" ] || build
rm -f "$place"/*.deb "$place"/*.rpm
sh tests/dist/builder.sh env PACKAGE_LEVEL=1 PACKAGE_VERSION=0.0.9 sh tests/dist/package.sh vedetta-agent x86_64 "$program" \
    target/builder/texts/vedetta-agent "$place"

# Its configuration had another comment: an upgrade meets one that the administrator changed and one that the package changed.
changed=$place/changed
rm -rf "$changed"
dpkg-deb --raw-extract "$place/vedetta-agent_0.0.9_amd64.deb" "$changed"
echo '# 0.0.9' >>"$changed/etc/vedetta/agent.toml"
dpkg-deb --root-owner-group -Zgzip --build "$changed" "$place/vedetta-agent_0.0.9_amd64.deb" >/dev/null
rm -rf "$changed"

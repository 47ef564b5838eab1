#!/bin/sh
# usage: windows_msi.sh PROGRAM
# Makes target/packages/vedetta-agent-VERSION-x64.msi from vedetta-agent.exe, in the root that builds packages.
# MSI versions are three numbers: what Cargo.toml gives. PACKAGE_VERSION is another one, to try upgrades.
set -eu
cd "$(dirname "$0")/../.."

program=$1
version=${PACKAGE_VERSION:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)}

# Lines end on Windows with two signs, or old editors show one long line.
inside='
    mkdir /tmp/msi
    install -m 0755 "$1" /tmp/msi/vedetta-agent.exe
    sed "s/\$/\r/" LICENSE >/tmp/msi/LICENSE.txt
    sed "s/\$/\r/" CHANGELOG.md >/tmp/msi/CHANGELOG.txt
    sed "s/\$/\r/" agent/packaging/windows/agent.toml >/tmp/msi/agent.toml
    touch --date="@$SOURCE_DATE_EPOCH" /tmp/msi/*
    mkdir -p target/packages
    # One product code for each version, and always the same for it.
    code=$(printf "vedetta-agent %s" "$2" | sha256sum | sed "s/^\(........\)\(....\)...\(...\)...\(...\)\(............\).*/\1-\2-5\3-a\4-\5/")
    package="target/packages/vedetta-agent-$2-x64.msi"
    wixl --arch x64 -D Version="$2" -D Code="$code" -D Source=/tmp/msi -o "$package" agent/packaging/windows/vedetta-agent.wxs
    # wixl cannot say "never write over" (128): beside "stays" (16) and "64 bits" (256) it goes straight into the table.
    msibuild "$package" -q "UPDATE Component SET Attributes = 400 WHERE Component = '"'Configuration'"'"'
sh tests/dist/builder.sh sh -euc "$inside" sh "$program" "$version" >&2
echo "target/packages/vedetta-agent-$version-x64.msi"

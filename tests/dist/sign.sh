#!/bin/sh
# usage: sign.sh FOLDER
# Signs FOLDER/SHA256SUMS in minisign's format by the key that KEY names; without KEY it says that nothing is signed.
# The key and its passphrase (PASSPHRASE_FILE, else asked for) reach the root that builds through a pipe, and no disk.
set -eu
cd "$(dirname "$0")/../.."

sums=$1/SHA256SUMS
if [ -z "${KEY:-}" ]; then
    echo "NOT SIGNED: $sums has no signature. Sign with: make dist KEY=minisign.key [PASSPHRASE_FILE=FILE]"
    exit 0
fi
[ "$(wc -l <"$KEY")" -eq 2 ] || { echo "sign.sh: $KEY is no minisign secret key: two lines, a comment and the key" >&2 && exit 1; }
if [ -n "${PASSPHRASE_FILE:-}" ]; then
    passphrase=$(cat "$PASSPHRASE_FILE")
elif [ -t 0 ]; then
    printf 'Passphrase of %s: ' "$KEY" >&2
    stty -echo
    read -r passphrase || true
    stty echo
    echo >&2
else
    echo "sign.sh: no terminal to ask for the passphrase of $KEY: give PASSPHRASE_FILE" >&2
    exit 1
fi
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
{ cat "$KEY" && printf '%s\n' "$passphrase"; } | sh tests/dist/builder.sh sh -euc '
    umask 077
    for line in 1 2; do
        read -r text
        printf "%s\n" "$text" >>/tmp/key
    done
    read -r passphrase
    printf "%s\n" "$passphrase" | minisign -S -s /tmp/key -m "$1" -x "$1.minisig" -c "Vedetta $2" -t "Vedetta $2" >/dev/null
    printf "%s\n" "$passphrase" | minisign -R -s /tmp/key -p /tmp/key.pub >/dev/null
    chmod 0644 "$1.minisig"
    minisign -V -Q -p /tmp/key.pub -m "$1" -x "$1.minisig" >/dev/null
    echo "signed: $1.minisig. Check with: minisign -V -P $(tail -n 1 /tmp/key.pub) -m SHA256SUMS"' sh "$sums" "$version"

#!/bin/sh
# Checks the dependencies by deny.toml: what is banned, licences and sources always; known vulnerabilities when it can.
# ADVISORY_DB says where the RustSec advisories are: a folder or a .tar.gz that holds `crates/`, or `fetch` to fetch them
# from the Internet. Without it they are not checked, and the last line says so.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

deny=$(sh tests/setup/cargo-tool.sh cargo-deny 0.20 0.20.2)
"$deny" --locked check bans licenses sources

case "${ADVISORY_DB:-}" in
'')
    echo 'advisories NOT CHECKED: set ADVISORY_DB to a folder, a .tar.gz or "fetch" (CONTRIBUTING.md)'
    exit 0
    ;;
fetch)
    "$deny" --locked check advisories
    exit 0
    ;;
esac

# cargo-deny reads advisories from a clone of a git repository: give it one of our own, made from the snapshot.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$work/advisory-db"
if [ -d "$ADVISORY_DB/crates" ]; then
    cp -R "$ADVISORY_DB/crates" "$work/advisory-db/"
elif [ -f "$ADVISORY_DB" ]; then
    tar -xzf "$ADVISORY_DB" -C "$work/advisory-db" || die "ADVISORY_DB=$ADVISORY_DB is not a .tar.gz"
fi
[ -d "$work/advisory-db/crates" ] || die "ADVISORY_DB=$ADVISORY_DB holds no folder crates/: it is not an advisory database"

in_snapshot() { git -C "$work/advisory-db" -c user.name=snapshot -c user.email=snapshot@localhost "$@"; }
in_snapshot init --quiet --initial-branch=main
in_snapshot add --force crates
in_snapshot commit --quiet --no-gpg-sign --message='snapshot'

# cargo-deny wants an address with a host, and asks git: git is told that this one, which cannot exist, is the snapshot.
address=https://snapshot.invalid
sed "s|^\[advisories\]\$|&\ndb-path = \"$work/clones\"\ndb-urls = [\"$address/advisory-db\"]|" deny.toml >"$work/deny.toml"
grep -q '^db-urls' "$work/deny.toml" || die 'deny.toml has no line [advisories]'

newest=$(find "$work/advisory-db/crates" -name 'RUSTSEC-*.md' -exec sed -n 's/^date = "\(.*\)"$/\1/p' {} + | sort | tail -n 1)
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.file://$work/.insteadOf" GIT_CONFIG_VALUE_0="$address/" \
    "$deny" --locked --config "$work/deny.toml" check advisories
echo "advisories checked against a snapshot whose newest entry is of $newest"

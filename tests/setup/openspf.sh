#!/bin/sh
# Lays the test suite of openspf for RFC 7208 (release 2014.04: 203 cases) into .setup/openspf. It comes in the source package
# of pyspf, by exact version and digest, which pip checks before it opens the package; only the suite and its licence are kept.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

VERSION=2.0.14
SHA256=57a7ef01bda090173aafb6af0106251686ed73f03db4e911fcd34c57fc347186

place=.setup/openspf
wanted="$VERSION $SHA256"

if [ -f "$place/rfc7208-tests.yml" ] && [ "$(cat "$place/.laid" 2>/dev/null)" = "$wanted" ]; then
    say "already here: openspf"
    exit 0
fi
need python3=python3
python3 -c 'import ensurepip, venv' 2>/dev/null || die "python3 makes no environments here: run 'apt-get install python3-venv', then make again"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "fetching the openspf suite in pyspf $VERSION from the Python package index"
printf 'pyspf==%s --hash=sha256:%s\n' "$VERSION" "$SHA256" >"$work/wanted.txt"
python3 -m venv "$work/environment" || die "python3 could not make an environment in $work"
"$work/environment/bin/pip" download --quiet --disable-pip-version-check --require-hashes --no-deps --no-binary pyspf \
    --dest "$work" --requirement "$work/wanted.txt" ||
    die "pip could not fetch pyspf $VERSION with the digest of tests/setup/openspf.sh: is the Python package index within reach of this machine?"

tar -xzf "$work/pyspf-$VERSION.tar.gz" -C "$work"
rm -rf "$place"
mkdir -p "$place"
for file in rfc7208-tests.yml rfc7208-tests.LICENSE; do
    install -m 0644 "$work/pyspf-$VERSION/test/$file" "$place/$file" || die "pyspf $VERSION has no test/$file"
done
printf '%s\n' "$wanted" >"$place/.laid"
say "the openspf suite is in $place"

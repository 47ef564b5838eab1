#!/bin/sh
# Lays sslyze, a scanner that the benchmark compares with, into .setup/peers/sslyze: a Python environment of its own, with the
# exact versions of sslyze.txt. Only `make bench` needs it.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

place=.setup/peers/sslyze
wanted=$(cat tests/setup/sslyze.txt)

if [ -x "$place/bin/sslyze" ] && [ "$(cat "$place/.laid" 2>/dev/null)" = "$wanted" ]; then
    say "already here: sslyze"
    exit 0
fi
need python3=python3
python3 -c 'import ensurepip, venv' 2>/dev/null || die "python3 makes no environments here: run 'apt-get install python3-venv', then make again"

say "laying sslyze into $place"
rm -rf "$place"
mkdir -p .setup/peers
python3 -m venv "$place" || die "python3 could not make an environment in $place"
"$place/bin/pip" install --quiet --disable-pip-version-check --requirement tests/setup/sslyze.txt ||
    die "pip could not install what tests/setup/sslyze.txt names: is the Python package index within reach of this machine?"
"$place/bin/sslyze" --help >/dev/null || die "$place/bin/sslyze does not start"
printf '%s\n' "$wanted" >"$place/.laid"
say "sslyze is in $place"

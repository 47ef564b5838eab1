#!/bin/sh
# usage: python-tool.sh NAME
# Lays a program that the benchmark compares with into .setup/peers/NAME: a Python environment of its own, with the exact
# versions of tests/setup/NAME.txt. Only `make bench` needs one.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

name=$1
place=.setup/peers/$name
wanted=$(cat "tests/setup/$name.txt")

if [ -x "$place/bin/$name" ] && [ "$(cat "$place/.laid" 2>/dev/null)" = "$wanted" ]; then
    say "already here: $name"
    exit 0
fi
need python3=python3
python3 -c 'import ensurepip, venv' 2>/dev/null || die "python3 makes no environments here: run 'apt-get install python3-venv', then make again"

say "laying $name into $place"
rm -rf "$place"
mkdir -p .setup/peers
python3 -m venv "$place" || die "python3 could not make an environment in $place"
"$place/bin/pip" install --quiet --disable-pip-version-check --requirement "tests/setup/$name.txt" ||
    die "pip could not install what tests/setup/$name.txt names: is the Python package index within reach of this machine?"
"$place/bin/$name" --help >/dev/null || die "$place/bin/$name does not start"
printf '%s\n' "$wanted" >"$place/.laid"
say "$name is in $place"

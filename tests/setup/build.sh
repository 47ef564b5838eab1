#!/bin/sh
# What the build needs beyond rustup's toolchain, gcc and make. Quick when all is here.
# The cryptography (aws-lc-sys) builds with the C compiler alone: no cmake, clang or perl.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

have cargo || die "no cargo: install Rust with rustup first, then run make again"
need cc=gcc
sh tests/setup/bootstrap-italia.sh

#!/bin/sh
# What `make test` needs beyond the build: real peers for the probes to look at, and the test runner. Quick when all is here.
# openssl makes certificates and plays TLS servers, ss (iproute2) says which sockets listen, nginx and redis-server are
# services with ports of their own, nsd is a name server with zones of our own, faketime sets one program's clock, ip and
# unshare give a journey a network of its own.
# The tests start these programs themselves, on free ports of 127.0.0.1 and in folders of their own.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

need git=git openssl=openssl ss=iproute2 ip=iproute2 unshare=util-linux curl=curl faketime=faketime nginx=nginx redis-server=redis-server nsd=nsd
sh tests/setup/cargo-tool.sh cargo-nextest 0.9 0.9.143 >/dev/null

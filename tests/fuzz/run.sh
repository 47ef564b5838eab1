#!/bin/sh
# usage: run.sh SECONDS [TARGET...]
# Runs each fuzz target for so many seconds, beginning with its seeds; the first crash ends the run, and says with which input.
# What the fuzzer finds worth keeping stays in tests/fuzz/target/found, for the next run on this machine.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

seconds=$1
shift
[ $# -gt 0 ] || set -- server_hello certificate server_key_exchange http_head \
    dns_message spf dmarc dkim_key mta_sts_policy \
    dpkg_status apt_packages apt_preferences in_release changelog sock_diag service_answer host_files feed

INPUT_BYTES_MAX=16384  # a flight of a server is seldom longer, and short inputs are tried more often
INPUT_SECONDS_MAX=5    # one that takes longer is a failure: hostile bytes must not buy time
MEMORY_MIB_MAX=1024

need g++=g++ >&2
tool=$(sh tests/setup/cargo-tool.sh cargo-fuzz 0.13 0.13.2)
PATH="$(dirname "$tool"):$PATH"

# The parsers forbid unsafe code, so that an address sanitizer has nothing to find, and stable Rust builds them.
cargo fuzz build --fuzz-dir tests/fuzz --target-dir tests/fuzz/target --sanitizer none
programs="tests/fuzz/target/$(rustc -vV | sed -n 's/^host: //p')/release"

for target; do
    found="tests/fuzz/target/found/$target"
    mkdir -p "$found" "tests/fuzz/artifacts/$target"
    say "fuzzing $target for $seconds s"
    "$programs/$target" -max_total_time="$seconds" -max_len="$INPUT_BYTES_MAX" -timeout="$INPUT_SECONDS_MAX" \
        -rss_limit_mb="$MEMORY_MIB_MAX" -artifact_prefix="tests/fuzz/artifacts/$target/" -print_final_stats=1 \
        "$found" "tests/fuzz/seeds/$target"
done

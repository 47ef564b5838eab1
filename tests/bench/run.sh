#!/bin/sh
# Builds what is measured, measures it, and prints one report in plain text: memory and processor time of the agent beside
# agents that Debian packages, results per second of the collector beside the raw limits. Takes a quarter of an hour.
#   BENCH_QUICK=1           the idle agents are watched for one minute instead of ten, with half the load
#   BENCH_IDLE_SECONDS=600  or for so many seconds
#   BENCH_ROUNDS=3          rounds of the intake
#   BENCH_AGENTS=32         agents that report at once
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

# The peers, installed without being started; standard output is for the report alone.
need zabbix_agent2=zabbix-agent2 prometheus-node-exporter=prometheus-node-exporter git=git >&2

seconds=600
agents=32
if [ "${BENCH_QUICK:-0}" = 1 ]; then
    seconds=60
    agents=16
fi
export BENCH_IDLE_SECONDS="${BENCH_IDLE_SECONDS:-$seconds}"
export BENCH_AGENTS="${BENCH_AGENTS:-$agents}"
export BENCH_ROUNDS="${BENCH_ROUNDS:-3}"

# The agent as it is shipped; the collector and the load at full speed.
target="${CARGO_TARGET_DIR:-target}"
nice cargo build --locked --profile dist -p vedetta-agent >&2
nice cargo build --locked --release -p vedetta-collector -p vedetta-tests --bin vedetta-collector --bin vedetta-bench >&2
export BENCH_AGENT="$target/dist/vedetta-agent"
export BENCH_COLLECTOR="$target/release/vedetta-collector"

changed=$(git status --porcelain | head -n 1)
BENCH_COMMIT="$(git rev-parse --short=12 HEAD)${changed:+, with changes that are not committed}"
export BENCH_COMMIT

mkdir -p "$target"
BENCH_FOLDER=$(mktemp -d "$target/bench.XXXXXX")
export BENCH_FOLDER
trap 'rm -rf "$BENCH_FOLDER"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
[ "${BENCH_QUICK:-0}" != 1 ] || echo "quick run (BENCH_QUICK=1): idle for $BENCH_IDLE_SECONDS s instead of 600, load of $BENCH_AGENTS agents instead of 32"
"$target/release/vedetta-bench"

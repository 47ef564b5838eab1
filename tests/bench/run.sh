#!/bin/sh
# Builds what is measured, measures it, and prints one report in plain text: memory and processor time of the agent beside
# agents that Debian packages, a look at the host beside lynis, oscap and apt, the TLS probe beside other scanners, the probes of DNS and mail beside checkdmarc and zonemaster,
# results per second of the collector beside the raw limits.
# Takes half an hour.
#   BENCH_QUICK=1           the idle agents are watched for one minute instead of ten, with half the load; no testssl.sh
#   BENCH_ONLY=tls          one part alone: check, host, tls, dns, intake, idle or weight
#   BENCH_TESTSSL=0         without testssl.sh, which takes minutes
#   BENCH_SCAN_ROUNDS=9     rounds of the other scanners
#   BENCH_IDLE_SECONDS=600  or for so many seconds
#   BENCH_ROUNDS=3          rounds of the intake
#   BENCH_AGENTS=32         agents that report at once
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

export BENCH_ONLY="${BENCH_ONLY:-}"
wants() { [ -z "$BENCH_ONLY" ] || [ "$BENCH_ONLY" = "$1" ]; }

# The peers, installed without being started; standard output is for the report alone.
need git=git >&2
if wants idle; then need zabbix_agent2=zabbix-agent2 prometheus-node-exporter=prometheus-node-exporter >&2; fi
if wants weight; then
    need zabbix_agentd=zabbix-agent zabbix_agent2=zabbix-agent2 prometheus-node-exporter=prometheus-node-exporter \
        collectd=collectd-core monit=monit nrpe=nagios-nrpe-server >&2
fi
BENCH_SCAP=
if wants host; then
    need lynis=lynis oscap=openscap-scanner needrestart=needrestart lsof=lsof nmap=nmap time=time >&2
    BENCH_SCAP=$(sh tests/setup/scap.sh)
fi
export BENCH_SCAP
if wants tls; then
    need nmap=nmap sslscan=sslscan testssl=testssl.sh nginx=nginx >&2
    sh tests/setup/python-tool.sh sslyze >&2
fi
if wants dns; then
    need zonemaster-cli=zonemaster-cli nsd=nsd unbound=unbound dnssec-signzone=bind9-utils ip=iproute2 unshare=util-linux >&2
    sh tests/setup/python-tool.sh checkdmarc >&2
fi

seconds=600
agents=32
testssl=1
if [ "${BENCH_QUICK:-0}" = 1 ]; then
    seconds=60
    agents=16
    testssl=0
fi
export BENCH_TESTSSL="${BENCH_TESTSSL:-$testssl}"
export BENCH_SCAN_ROUNDS="${BENCH_SCAN_ROUNDS:-9}"
export BENCH_CHECKDMARC=.setup/peers/checkdmarc/bin/checkdmarc
export BENCH_SSLYZE=.setup/peers/sslyze/bin/sslyze
export BENCH_IDLE_SECONDS="${BENCH_IDLE_SECONDS:-$seconds}"
export BENCH_AGENTS="${BENCH_AGENTS:-$agents}"
export BENCH_ROUNDS="${BENCH_ROUNDS:-3}"

# The agent as it is shipped; the collector and the load at full speed.
target="${CARGO_TARGET_DIR:-target}"
nice cargo build --locked --profile dist -p vedetta-agent >&2
if [ "$BENCH_ONLY" = tls ] || [ "$BENCH_ONLY" = dns ] || [ "$BENCH_ONLY" = host ]; then
    nice cargo build --locked --release -p vedetta-tests --bin vedetta-bench >&2
else
    nice cargo build --locked --release -p vedetta-collector -p vedetta-tests --bin vedetta-collector --bin vedetta-bench >&2
fi
export BENCH_AGENT="$target/dist/vedetta-agent"
export BENCH_COLLECTOR="$target/release/vedetta-collector"

changed=$(git status --porcelain | head -n 1)
BENCH_COMMIT="$(git rev-parse --short=12 HEAD)${changed:+, with changes that are not committed}"
export BENCH_COMMIT

mkdir -p "$target"
# An absolute path: some programs go to / when they start.
BENCH_FOLDER=$(cd "$target" && mktemp -d "$PWD/bench.XXXXXX")
export BENCH_FOLDER
trap 'rm -rf "$BENCH_FOLDER"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
[ "${BENCH_QUICK:-0}" != 1 ] || echo "quick run (BENCH_QUICK=1): idle for $BENCH_IDLE_SECONDS s instead of 600, load of $BENCH_AGENTS agents instead of 32"
"$target/release/vedetta-bench"

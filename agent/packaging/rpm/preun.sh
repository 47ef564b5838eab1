#!/bin/sh
# $1 is how many versions stay: 0 in a removal, 1 in an upgrade, which stops nothing.
if [ "$1" -eq 0 ] && command -v systemctl >/dev/null 2>&1; then
    systemctl --quiet disable vedetta-agent.service vedetta-agent-reader.socket || true
    if [ -d /run/systemd/system ]; then
        systemctl stop vedetta-agent.service vedetta-agent-reader.socket || true
        systemctl stop 'vedetta-agent-reader@*.service' || true
    fi
fi
exit 0

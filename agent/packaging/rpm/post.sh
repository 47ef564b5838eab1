#!/bin/sh
# $1 is how many versions are installed now: 1 after a first installation, 2 in an upgrade.
user=vedetta-agent
state=/var/lib/vedetta-agent

mkdir -p "$state" && chown "$user:$user" "$state" && chmod 0700 "$state" || exit 1

if [ "$1" -eq 1 ] && command -v systemctl >/dev/null 2>&1; then
    systemctl --quiet enable vedetta-agent.service vedetta-agent-reader.socket || true
fi
if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload || true
    # Stopped first: a socket keeps the settings with which it was opened.
    systemctl stop vedetta-agent-reader.socket || true
    if systemctl --quiet is-enabled vedetta-agent-reader.socket; then
        systemctl start vedetta-agent-reader.socket || true
    fi
    systemctl try-restart vedetta-agent.service || true
    if systemctl --quiet is-enabled vedetta-agent.service; then
        # Nothing happens until the computer is enrolled: the unit waits for its identity.
        systemctl start vedetta-agent.service || true
    fi
fi
if [ ! -e "$state/identity.json" ]; then
    echo "Per iscrivere questo computer: vedetta-agent enrol CODICE   (il codice lo dà la Provincia)"
fi
exit 0

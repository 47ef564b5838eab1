#!/bin/sh
# $1 is how many versions stay. rpm knows no purge: after a removal the state stays, and how to take it away is said.
state=/var/lib/vedetta-collector
if [ "$1" -eq 0 ]; then
    if [ -d /run/systemd/system ]; then
        systemctl --system daemon-reload || true
        systemctl reset-failed vedetta-collector.service 2>/dev/null || true
    fi
    if [ -d "$state" ]; then
        echo "Per togliere anche i dati: rm -r $state /var/backups/vedetta-collector; userdel vedetta-collector"
    fi
fi
exit 0

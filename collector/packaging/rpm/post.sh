#!/bin/sh
# $1 is how many versions are installed now: 1 after a first installation, 2 in an upgrade.
user=vedetta-collector

for folder in /var/lib/vedetta-collector /var/backups/vedetta-collector; do
    mkdir -p "$folder" && chown "$user:$user" "$folder" && chmod 0700 "$folder" || exit 1
done

if [ "$1" -eq 1 ] && command -v systemctl >/dev/null 2>&1; then
    systemctl --quiet enable vedetta-collector.service || true
fi
if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload || true
    systemctl try-restart vedetta-collector.service || true
    if systemctl --quiet is-enabled vedetta-collector.service; then
        systemctl start vedetta-collector.service || true
    fi
fi
exit 0

#!/bin/sh
# $1 is how many versions stay. rpm knows no purge: after a removal the state stays, and how to take it away is said.
state=/var/lib/vedetta-agent
if [ "$1" -eq 0 ]; then
    rm -f /run/vedetta-agent-reader.socket
    if [ -d /run/systemd/system ]; then
        systemctl --system daemon-reload || true
        systemctl reset-failed vedetta-agent.service 2>/dev/null || true
    fi
    if [ -e "$state/identity.json" ]; then
        cat <<EOF
vedetta-agent: questo computer era iscritto e non è stato ritirato. La Provincia lo vede ancora, senza nuovi rapporti,
finché qualcuno non lo ritira dal cruscotto. (La prossima volta: \`vedetta-agent leave\` prima di togliere il pacchetto.)
EOF
    fi
    if [ -d "$state" ]; then
        echo "Per togliere anche i dati: rm -r $state; rm -rf /etc/vedetta/publishers; userdel vedetta-agent"
    fi
fi
exit 0

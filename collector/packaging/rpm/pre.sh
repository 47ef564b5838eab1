#!/bin/sh
# Before anything is replaced: refuses a program that cannot read the state that is there, and makes the user.

# The newest format of the state that this package reads; a test holds it to the program's own.
state_format=1
user=vedetta-collector
state=/var/lib/vedetta-collector

found=$(cat "$state/format" 2>/dev/null || echo 0)
case "$found" in
'' | *[!0-9]*) found=0 ;;
esac
if [ "$found" -gt "$state_format" ]; then
    cat >&2 <<EOF
vedetta-collector: questo pacchetto è più vecchio dei dati in $state
(formato $found; questo pacchetto legge fino al $state_format). Non è stato cambiato nulla.
Due vie d'uscita:
  - tenere, o installare di nuovo, il pacchetto più recente;
  - tornare a una copia fatta con questa versione: spostare $state altrove, installare questo pacchetto,
    e dare \`vedetta-collector restore\` con la cartella della copia.
EOF
    exit 1
fi

getent passwd "$user" >/dev/null ||
    useradd --system --user-group --no-create-home --home-dir "$state" --shell /usr/sbin/nologin \
        --comment "Vedetta (collettore)" "$user" || exit 1
exit 0

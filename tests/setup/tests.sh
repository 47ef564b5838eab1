#!/bin/sh
# What `make test` needs beyond the build: real peers for the probes to look at, and the test runner. Quick when all is here.
# openssl makes certificates and plays TLS servers, ss (iproute2) says which sockets listen, nginx and redis-server are
# services with ports of their own, nsd is a name server with zones of our own that bind9-utils sign, unbound a resolver that
# validates them, delv (bind9-dnsutils) a second opinion on that, faketime sets one program's clock, ip and
# unshare give a journey a network of its own. For the `tls` probe: nmap and sslscan see the same servers; gnutls-serv and Java
# play servers of other makers, two versions of Node.js those with an OpenSSL of 2013 (SSL 2.0) and of 2025 (ML-KEM).
# For the `services` probe: daemons that serve strangers or turn them away, with their own clients, which know it for sure.
# Its packet filters are loaded by nft and both kinds of iptables, in a network of the test's own.
# For the `host` probe: sshd says its own settings, sudo reads rules with its own reader, sysctl and lsblk tell of the kernel.
# For the `packages` probe: whole Debian roots by mmdebstrap, a root with rpm, and lynis to set beside it (needs root: chroot).
# The tests start these programs themselves, on free ports of 127.0.0.1 and in folders of their own.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

need git=git openssl=openssl ss=iproute2 ip=iproute2 unshare=util-linux curl=curl wget=wget faketime=faketime nginx=nginx redis-server=redis-server nsd=nsd \
    unbound=unbound dnssec-keygen=bind9-utils dnssec-signzone=bind9-utils dnssec-dsfromkey=bind9-utils delv=bind9-dnsutils \
    nmap=nmap sslscan=sslscan gnutls-serv=gnutls-bin javac=default-jdk-headless \
    nft=nftables iptables-nft-restore=iptables iptables-legacy=iptables nsenter=util-linux setpriv=util-linux \
    sshd=openssh-server ssh-keygen=openssh-client visudo=sudo cvtsudoers=sudo sysctl=procps lsblk=util-linux
need redis-cli=redis-tools memcached=memcached pg_createcluster=postgresql runuser=util-linux mariadbd=mariadb-server-core \
    mariadb=mariadb-client-core etcd=etcd-server mosquitto=mosquitto mosquitto_sub=mosquitto-clients snmpd=snmpd snmpget=snmp \
    rpcbind=rpcbind rpc.mountd=nfs-kernel-server prometheus-node-exporter=prometheus-node-exporter cupsd=cups-daemon \
    vsftpd=vsftpd in.tftpd=tftpd-hpa tftp=tftp-hpa rsync=rsync smbd=samba slapd=slapd ldapsearch=ldap-utils \
    inetd=openbsd-inetd telnetd=inetutils-telnetd Xtigervnc=tigervnc-standalone-server Xvfb=xvfb xdpyinfo=x11-utils \
    xauth=xauth xrdp=xrdp dnsmasq=dnsmasq-base dovecot=dovecot-imapd newuidmap=uidmap
need mmdebstrap=mmdebstrap rpm=rpm rpmbuild=rpm createrepo_c=createrepo-c modifyrepo_c=createrepo-c dnf=dnf lynis=lynis \
    lz4=lz4 zstd=zstd xz=xz-utils bzip2=bzip2 \
    perl=perl dpkg-parsechangelog=dpkg-dev # with dpkg's own order of versions as a library of perl
sh tests/setup/roots.sh bookworm
sh tests/setup/node.sh 0.10.25 ef3cd5408c81bec905be6385d4d8fdb07656bb4ee8738b8a30a6f0f1120846e45c7a3553c2153a78866d37182e82fe6c147d2dae89f33abb5254f53d6a4567ed node-v0.10.25-linux-x64
sh tests/setup/node.sh 24.21.0 de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced
sh tests/setup/cargo-tool.sh cargo-nextest 0.9 0.9.143 >/dev/null
sh tests/setup/openspf.sh

#!/bin/sh
# usage: package.sh PROGRAM MACHINE BINARY TEXTS OUT, inside the builder (tests/dist/builder.sh)
# Makes the .deb, the .rpm and the .tar.gz of one program for one machine (x86_64 or aarch64) from its BINARY, its packaging
# folder and TEXTS: man pages, completions, the list of components and their licences. The same input gives the same bytes: no
# clock but SOURCE_DATE_EPOCH, no owner but root, names in order, one thread to compress.
set -eu
umask 022

program=$1 machine=$2 binary=$3 texts=$4 out=$5
short=${program#vedetta-}
packaging=$short/packaging
level=${PACKAGE_LEVEL:-6} # of compression: 1 is quick, above 6 a small computer needs too much memory to unpack
# Another number for the packages than the programs' own: an earlier or later one, to try upgrades.
version=${PACKAGE_VERSION:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)}
# The project has no public address yet, as publiccode.yml says.
maintainer='Vedetta <da-completare@example.org>'
case $machine in x86_64) debian=amd64 ;; aarch64) debian=arm64 ;; esac
case $program in
vedetta-agent)
    summary='Vedetta: controlla la sicurezza di questo computer'
    # Each line starts with a blank: the form of Debian's control files.
    description=" Osserva questo computer senza cambiarvi nulla, lo giudica con regole
 dichiarative e firmate, e riferisce alla propria Provincia. Non esegue comandi
 ricevuti." ;;
vedetta-collector)
    summary='Vedetta: raccoglie i risultati di una provincia e li mostra'
    description=" Riceve i risultati degli agenti di più enti, li conserva e li mostra in
 pagine web: punteggio, problemi, prime correzioni da fare, incidenti." ;;
esac

mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
day=$(date --utc --date="@$SOURCE_DATE_EPOCH" +'%a, %d %b %Y %H:%M:%S +0000')

settle() { find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }

# What both kinds of packages lay down: tree FOLDER ZSH_FOLDER.
tree() {
    install -D -m 0755 "$binary" "$1/usr/bin/$program"
    for unit in "$packaging"/*.service "$packaging"/*.socket; do
        [ ! -e "$unit" ] || install -D -m 0644 "$unit" "$1/usr/lib/systemd/system/${unit##*/}"
    done
    install -D -m 0644 "$packaging/$short.toml" "$1/etc/vedetta/$short.toml"
    for page in "$texts"/man/*.1; do
        install -D -m 0644 "$page" "$1/usr/share/man/man1/${page##*/}"
    done
    gzip -9 --no-name "$1"/usr/share/man/man1/*
    install -D -m 0644 "$texts/bash/$program.bash" "$1/usr/share/bash-completion/completions/$program"
    install -D -m 0644 "$texts/zsh/_$program" "$1/usr/share/zsh/$2/_$program"
    install -D -m 0644 "$texts/fish/$program.fish" "$1/usr/share/fish/vendor_completions.d/$program.fish"
    documents=$1/usr/share/doc/$program
    install -D -m 0644 "$texts/components-licences.txt" "$documents/components-licences.txt"
    install -m 0644 CHANGELOG.md "$documents/news.md"
    gzip -9 --no-name "$documents/components-licences.txt" "$documents/news.md"
}

deb() {
    root=$work/deb
    tree "$root" vendor-completions
    documents=$root/usr/share/doc/$program
    {
        printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: Vedetta\n'
        printf 'Comment: Licences of the crates inside: components-licences.txt.gz beside this file.\n\n'
        printf 'Files: *\nCopyright: 2026 the authors of Vedetta\nLicense: EUPL-1.2\n\nLicense: EUPL-1.2\n'
        sed 's/^[[:space:]]*$/./; s/^/ /' LICENSE
    } >"$documents/copyright"
    printf '%s (%s) stable; urgency=medium\n\n  * Che cosa cambia: news.md.gz in questa cartella.\n\n -- %s  %s\n' \
        "$program" "$version" "$maintainer" "$day" | gzip -9 --no-name >"$documents/changelog.gz"
    mkdir "$root/DEBIAN"
    printf '/etc/vedetta/%s.toml\n' "$short" >"$root/DEBIAN/conffiles"
    for script in preinst postinst prerm postrm; do
        install -m 0755 "$packaging/deb/$script" "$root/DEBIAN/$script"
    done
    (cd "$root" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$root/DEBIAN/md5sums"
    # passwd: the scripts make and remove the package's user.
    cat >"$root/DEBIAN/control" <<END
Package: $program
Version: $version
Architecture: $debian
Maintainer: $maintainer
Installed-Size: $(du --summarize --apparent-size --block-size=1024 --exclude=DEBIAN "$root" | cut -f 1)
Depends: libc6 (>= 2.28), passwd
Section: admin
Priority: optional
Description: $summary
$description
END
    chmod 0644 "$documents/copyright" "$documents/changelog.gz" "$root/DEBIAN/conffiles" "$root/DEBIAN/md5sums" "$root/DEBIAN/control"
    settle "$root"
    dpkg-deb --root-owner-group --threads-max=1 -Zxz "-z$level" --build "$root" "$out/${program}_${version}_$debian.deb" >/dev/null
}

rpm() {
    root=$work/rpm
    tree "$root" site-functions
    install -m 0644 LICENSE "$root/usr/share/doc/$program/LICENSE"
    settle "$root"
    {
        cat <<END
Name: $program
Version: $version
Release: 1
Summary: $summary
License: EUPL-1.2
Vendor: Vedetta
AutoReqProv: no
Requires: libc.so.6(GLIBC_2.28)(64bit)
Requires(pre): /usr/sbin/useradd
%description
$(printf '%s' "$description" | sed 's/^ //')
%install
cp -a $root/. %{buildroot}
END
        for script in pre post preun postun; do
            # rpm gives the text to /bin/sh; a percent sign would be its own.
            printf '%%%s\n' "$script"
            sed '1d; s/%/%%/g' "$packaging/rpm/$script.sh"
        done
        printf '%%files\n%%defattr(-,root,root,-)\n%%dir /etc/vedetta\n%%dir /usr/share/doc/%s\n' "$program"
        (cd "$root" && find . -type f | LC_ALL=C sort) | sed 's|^\.||; s|^/etc/|%config(noreplace) &|; s|^/usr/share/doc/|%doc &|'
    } >"$work/$program.spec"
    # Nothing is stripped, looked through or linked to by build id: the tree is laid down as it is.
    rpmbuild -bb --quiet --target "$machine-linux" --buildroot "$work/buildroot" --define "_topdir $work/top" --define "_rpmdir $work" \
        --define '_buildhost vedetta' --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' \
        --define 'build_mtime_policy clamp_to_source_date_epoch' --define '_build_id_links none' --define 'debug_package %{nil}' \
        --define '__os_install_post %{nil}' --define "_binary_payload w$level.xzdio" --define '_binary_filedigest_algorithm 8' \
        "$work/$program.spec"
    mv "$work/$machine/$program"-*.rpm "$out/"
}

tarball() {
    name=$program-$version-linux-$machine
    root=$work/tar/$name
    install -D -m 0755 "$binary" "$root/$program"
    install -m 0644 "$packaging/$short.toml" LICENSE CHANGELOG.md "$texts/components-licences.txt" "$root"
    install -d "$root/systemd" "$root/completions"
    install -m 0644 "$packaging"/*.service "$root/systemd"
    for unit in "$packaging"/*.socket; do
        [ ! -e "$unit" ] || install -m 0644 "$unit" "$root/systemd"
    done
    install -m 0644 "$texts/bash/$program.bash" "$texts/zsh/_$program" "$texts/fish/$program.fish" "$root/completions"
    install -d "$root/man"
    install -m 0644 "$texts"/man/*.1 "$root/man"
    tar --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$work/tar" -cf - "$name" |
        gzip -9 --no-name >"$out/$name.tar.gz"
}

deb
rpm
tarball
install -m 0644 "$texts/components.cdx.json" "$out/$program-$version-linux-$machine.cdx.json"

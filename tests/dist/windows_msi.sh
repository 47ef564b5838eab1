#!/bin/sh
# usage: windows_msi.sh PROGRAM [FOLDER]
# Makes FOLDER/vedetta-agent-VERSION-x64.msi (target/packages unless given; it lies in this tree) from vedetta-agent.exe, in the
# root that builds packages. The same input gives the same bytes.
# MSI versions are three numbers: what Cargo.toml gives. PACKAGE_VERSION is another one, to try upgrades.
set -eu
cd "$(dirname "$0")/../.."

program=$1
folder=${2:-target/packages}
version=${PACKAGE_VERSION:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)}
package=$folder/vedetta-agent-$version-x64.msi

inside=$(
    cat <<'END'
    # The digest of what is read, in the form of a GUID that was made of a name.
    guid() { sha256sum | sed 's/^\(.\{8\}\)\(....\)...\(...\)...\(...\)\(.\{12\}\).*/\1-\2-5\3-a\4-\5/' | tr a-f A-F; }
    # Beside what wixl cannot say stand here what it draws at random, the code of the package, and the time.
    settle() {
        msiinfo export "$package" _SummaryInformation |
            sed "s|^9\t[^\r]*|9\t{$1}|; s|^\(1[23]\)\t[^\r]*|\1\t$time|" >/tmp/summary.idt
        msibuild "$package" -i /tmp/summary.idt
    }

    program=$1 version=$2 package=$3
    time=$(date --date="@$SOURCE_DATE_EPOCH" '+%Y/%m/%d %H:%M:%S')
    umask 022
    mkdir /tmp/msi
    install -m 0755 "$program" /tmp/msi/vedetta-agent.exe
    # Lines end on Windows with two signs, or old editors show one long line.
    sed 's/$/\r/' LICENSE >/tmp/msi/LICENSE.txt
    sed 's/$/\r/' CHANGELOG.md >/tmp/msi/CHANGELOG.txt
    sed 's/$/\r/' agent/packaging/windows/agent.toml >/tmp/msi/agent.toml
    touch --date="@$SOURCE_DATE_EPOCH" /tmp/msi/*
    mkdir -p "${package%/*}"
    # One product code for each version, and always the same for it.
    code=$(printf 'vedetta-agent %s' "$version" | guid)
    wixl --arch x64 -D Version="$version" -D Code="$code" -D Source=/tmp/msi -o "$package" agent/packaging/windows/vedetta-agent.wxs
    # "Never write over" (128), beside "stays" (16) and "64 bits" (256).
    msibuild "$package" -q "UPDATE Component SET Attributes = 400 WHERE Component = 'Configuration'"
    # The earlier version goes within what the Windows Installer undoes when the upgrade fails: right after InstallInitialize
    # (1500). wixl puts it before that. wine undoes nothing, so that only the order is tried.
    msibuild "$package" -q "UPDATE InstallExecuteSequence SET Sequence = 1501 WHERE Action = 'RemoveExistingProducts'"
    # The search path: set (=), taken out again with the program (-), for the whole system (*). wixl would leave the program in it,
    # and name the row at random.
    msibuild "$package" \
        -q "INSERT INTO Environment (Environment, Name, Value, Component_) \
            VALUES ('Path', '=-*PATH', '[~];[INSTALLFOLDER]', 'Program')" \
        -q "INSERT INTO InstallExecuteSequence (Action, Sequence) VALUES ('RemoveEnvironmentStrings', 3300)" \
        -q "INSERT INTO InstallExecuteSequence (Action, Sequence) VALUES ('WriteEnvironmentStrings', 5200)"
    # Packages of different contents have different codes: the digest of all else is one.
    settle 00000000-0000-0000-0000-000000000000
    settle "$(guid <"$package")"
END
)
sh tests/dist/builder.sh sh -euc "$inside" sh "$program" "$version" "$package" >&2
echo "$package"

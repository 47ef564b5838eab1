#!/bin/sh
# The SCAP content that checks Debian 12 (CIS profiles), which Debian has in unstable only: downloaded by apt with its own
# signatures, unpacked beneath .setup, never installed. Prints nothing but the file's path on standard output.
set -eu
cd "$(dirname "$0")/../.."

folder=.setup/scap
content=$folder/content/usr/share/xml/scap/ssg/content/ssg-debian12-ds.xml
if [ ! -s "$content" ]; then
    mkdir -p "$folder/lists/partial" "$folder/archives/partial"
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$keyring] http://deb.debian.org/debian unstable main" >"$folder/sources.list"
    here=$PWD/$folder
    own() {
        apt-get -qq -o Dir::Etc::sourcelist="$here/sources.list" -o Dir::Etc::sourceparts=/dev/null \
            -o Dir::State::lists="$here/lists" -o Dir::Cache="$here" -o Acquire::Languages=none "$@" >&2
    }
    own update
    (
        cd "$folder"
        rm -f ssg-debian_*.deb
        own download ssg-debian
        dpkg-deb -x ssg-debian_*.deb content
    )
    rm -rf "$folder/lists" "$folder"/*.bin "$folder"/*.deb
fi
[ -s "$content" ] || { echo "setup: no $content after the download" >&2; exit 1; }
echo "$content"

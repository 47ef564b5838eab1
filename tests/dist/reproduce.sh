#!/bin/sh
# usage: reproduce.sh [MACHINE...]     x86_64 and aarch64 when none is named
# Proves that the same sources give the same packages: makes them twice, each time from nothing, and compares the digests of
# every file. The second time the sources lie in another folder, for the compiler too, under another umask, at another time.
# SOURCE_DATE_EPOCH is the time of the last commit both times. QUICK=1 tries it with the quick build.
set -eu
cd "$(dirname "$0")/../.."

in_git() { git -c safe.directory="$PWD" "$@"; }
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(in_git log -1 --format=%ct)}
MACHINES=${*:-x86_64 aarch64}
export SOURCE_DATE_EPOCH MACHINES
out=target/reproduce
rm -rf "$out"
mkdir -p "$out"

# Both runs take the same sources, whatever is edited meanwhile: the files that git knows, as they are now.
in_git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --ignore-failed-read -cf "$out/sources.tar"

# run NAME FOLDER_INSIDE UMASK
run() {
    mkdir "$out/$1"
    (umask "$3" && tar --no-same-permissions -xf "$out/sources.tar" -C "$out/$1")
    ln -s ../../../.setup "$out/$1/.setup" # tests/dist/builder.sh follows it
    began=$(date +%s)
    BUILDER_PLACE=$2 BUILDER_UMASK=$3 KEY='' sh "$out/$1/tests/dist/dist.sh" >"$out/$1.log" 2>&1 ||
        { tail -n 40 "$out/$1.log" >&2 && exit 1; }
    (cd "$out/$1/target/packages" && find . -type f -exec sha256sum {} + | sort -k 2) >"$out/$1.sums"
    echo "$1 run: $(wc -l <"$out/$1.sums") files in $(($(date +%s) - began)) s"
}

run first /vedetta 022
# No deeper than the copy itself, or the link to .setup would end elsewhere.
run second /another/folder/sources 077
if ! diff "$out/first.sums" "$out/second.sums"; then
    echo "reproduce.sh: the two runs differ; both lie in $out" >&2
    exit 1
fi
cat "$out/first.sums"
mv "$out/first/target/packages" "$out/packages"
rm -rf "$out/first" "$out/second" "$out/sources.tar"
echo "reproduced: every digest is equal; the packages lie in $out/packages"

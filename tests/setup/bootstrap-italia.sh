#!/bin/sh
# Fetches the look of Italian public services, Bootstrap Italia, into .setup/bootstrap-italia: the build embeds it, git ignores it.
# One npm package, by exact version and digest. Its style sheet, icons, fonts and licences are kept; its scripts are not.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

VERSION=2.18.3
SHA512=773e2436d7006091783ac580053f66dc2013dcd1f9cba3b3186faffd55061f52e3ba62149a53f719a43e68782dbf9570dc1e5d4b48db1d98871927ddbbe0df7c

PLACE=.setup/bootstrap-italia
KEPT="LICENSE
dist/css/bootstrap-italia.min.css
dist/svg/sprites.svg
dist/fonts/Titillium_Web/OFL.txt
dist/fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-300.woff2
dist/fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-regular.woff2
dist/fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-italic.woff2
dist/fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-600.woff2
dist/fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-700.woff2
dist/fonts/Roboto_Mono/LICENSE.txt
dist/fonts/Roboto_Mono/roboto-mono-v13-latin-ext_latin-regular.woff2
dist/fonts/Roboto_Mono/roboto-mono-v13-latin-ext_latin-700.woff2"

# What this script would lay down, so that a changed list or version lays it down anew.
wanted="$VERSION $SHA512 $KEPT"

if [ -f "$PLACE/.laid" ] && [ "$(cat "$PLACE/.laid")" = "$wanted" ] && (cd "$PLACE" && sha256sum --check --quiet .sums); then
    say "already here: bootstrap-italia $VERSION"
    exit 0
fi

need npm=npm

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "fetching bootstrap-italia $VERSION from the npm registry"
root=$PWD
(cd "$work" && npm pack --silent --ignore-scripts "bootstrap-italia@$VERSION" >/dev/null) ||
    die "npm could not fetch bootstrap-italia $VERSION: is the npm registry within reach of this machine?"
archive="$work/bootstrap-italia-$VERSION.tgz"
printf '%s  %s\n' "$SHA512" "$archive" | sha512sum --check --quiet ||
    die "bootstrap-italia $VERSION does not have the digest pinned in tests/setup/bootstrap-italia.sh: nothing was unpacked"

tar -xzf "$archive" -C "$work"
mkdir "$work/laid"
for file in $KEPT; do
    place="$work/laid/${file#dist/}"
    mkdir -p "$(dirname "$place")"
    install -m 0644 "$work/package/$file" "$place" || die "bootstrap-italia $VERSION has no $file"
done
(cd "$work/laid" && find . -type f -exec sha256sum {} +) >"$work/sums"
mv "$work/sums" "$work/laid/.sums"
printf '%s\n' "$wanted" >"$work/laid/.laid"

mkdir -p "$root/.setup"
rm -rf "${root:?}/$PLACE"
cp -R "$work/laid" "$root/$PLACE"
say "bootstrap-italia $VERSION is in $PLACE"

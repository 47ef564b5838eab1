#!/bin/sh
# Pictures of every page, as a Comune sees it, in tests/screenshots: a headless Chromium, driven over WebDriver (W3C), logs in
# to a collector of its own that shows this host under the demonstration Comune, and opens an incident in it by the form.
#   SCREENSHOT_FOLDER=DIR   puts the pictures elsewhere
#   SCREENSHOT_WHOLE=1      shows whole pages instead of the first screen
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/packages.sh

FOLDER="${SCREENSHOT_FOLDER:-tests/screenshots}"
PAGE_HEIGHT_MAX=4000      # CSS pixels of a whole page
PICTURE_BYTES_MAX=200000  # more than this makes a clone slow
WAIT_SECONDS_MAX=180      # for the first full report
COMUNE='Comune dimostrativo' # what the pictures show: no real organisation stands beside a result
HOST_NAME=server-comune   # shown instead of this machine's own name

need chromium=chromium chromedriver=chromium-driver curl=curl jq=jq pngquant=pngquant unshare=util-linux
target="${CARGO_TARGET_DIR:-target}"
cargo build --locked -p vedetta-agent -p vedetta-collector

work=$(mktemp -d)
processes=
session=
clean() {
    trap - EXIT INT TERM
    # Ends the browser; its driver would leave it behind.
    [ -z "$session" ] || curl -sS --max-time 20 -X DELETE "http://127.0.0.1:$port/$session" >/dev/null || true
    for process in $processes; do
        kill "$process" 2>/dev/null || continue
        wait "$process" 2>/dev/null || true
    done
    # The browser's own processes may still be writing while they end.
    rm -rf "$work" 2>/dev/null || { sleep 2 && rm -rf "$work"; }
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# wait_for FILE PATTERN PROCESS: prints the first match in the file, once it is there.
wait_for() {
    waited=0
    while ! grep -qE "$2" "$1"; do
        kill -0 "$3" 2>/dev/null || { cat "$1" >&2; die "the program that writes $(basename "$1") has ended"; }
        [ "$waited" -lt "$((WAIT_SECONDS_MAX * 5))" ] || { cat "$1" >&2; die "nothing like $2 within $WAIT_SECONDS_MAX s"; }
        sleep 0.2
        waited=$((waited + 1))
    done
    grep -oE "$2" "$1" | head -n 1
}

# The collector with its agent, under another host name where that is allowed.
if [ "$(id -u)" -eq 0 ]; then
    named() { exec unshare --uts sh -c 'echo "$0" >/proc/sys/kernel/hostname && exec "$@"' "$HOST_NAME" "$@"; }
else
    HOST_NAME=$(uname -n)
    say "not root: the pictures will show the name of this host, $HOST_NAME"
    named() { exec "$@"; }
fi
: >"$work/demo.log"
(named "$target/debug/vedetta-collector" demo --agent "$target/debug/vedetta-agent" --state "$work/state") >"$work/demo.log" 2>&1 &
demo=$!
processes="$demo"
say "waiting for the first full report"
login=$(wait_for "$work/demo.log" 'https://[^ ]+/accesso/[A-Za-z0-9_-]+' "$demo")
site=${login%%/accesso/*}

HOME="$work" chromedriver --port=0 >"$work/driver.log" 2>&1 &
driver=$!
processes="$driver $demo"
port=$(wait_for "$work/driver.log" 'successfully on port [0-9]+' "$driver" | tr -dc 0-9)

# ask METHOD PATH [BODY]: one WebDriver command; prints its value.
ask() {
    if [ $# -gt 2 ]; then
        answer=$(curl -sS --max-time 60 -X "$1" -H 'Content-Type: application/json' --data "$3" "http://127.0.0.1:$port/$2")
    else
        answer=$(curl -sS --max-time 60 -X "$1" "http://127.0.0.1:$port/$2")
    fi
    why=$(printf '%s' "$answer" | jq -r '.value | if type == "object" and has("error") then .message else empty end')
    [ -z "$why" ] || die "the browser: $1 $2: $why"
    printf '%s' "$answer" | jq -r .value
}

new_session() {
    jq -n --arg data "$work/profile" '{capabilities: {alwaysMatch: {acceptInsecureCerts: true, "goog:chromeOptions": {args: [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--ignore-certificate-errors", "--hide-scrollbars", "--lang=it",
        "--accept-lang=it-IT", "--enable-blink-features=LangAttributeAwareFormControlUI", "--user-data-dir=\($data)"]}}}}'
}
opened=$(ask POST session "$(new_session)")
session=session/$(printf '%s' "$opened" | jq -er .sessionId)

visit() { ask POST "$session/url" "$(jq -n --arg url "$1" '{url: $url}')" >/dev/null; }
run() { ask POST "$session/execute/sync" "$(jq -n --arg script "$1" '{script: $script, args: []}')"; }
address() { ask GET "$session/url"; }

# element SELECTOR: the id of the first element that matches.
element() {
    matched=$(ask POST "$session/element" "$(jq -n --arg css "$1" '{using: "css selector", value: $css}')") || exit
    printf '%s' "$matched" | jq -er '.[]'
}
click() { found=$(element "$1") && ask POST "$session/element/$found/click" '{}' >/dev/null; }
fill() { found=$(element "$1") && ask POST "$session/element/$found/value" "$(jq -n --arg text "$2" '{text: $text}')" >/dev/null; }

# follow TEXT: visits where the first link with that text in the main part of this page leads.
follow() {
    reference=$(run "return [...document.querySelectorAll('main a')].filter(a => a.textContent.includes('$1')).map(a => a.href)[0] || ''")
    [ -n "$reference" ] || die "no link with the text $1 on $(address)"
    visit "$reference"
}

# screen WIDTH HEIGHT: the size of what is shown, phones included, which no window can be as narrow as.
screen() {
    ask POST "$session/goog/cdp/execute" "$(jq -n --argjson width "$1" --argjson height "$2" \
        '{cmd: "Emulation.setDeviceMetricsOverride", params: {width: $width, height: $height, deviceScaleFactor: (if $width < 600 then 2 else 1 end), mobile: ($width < 600)}}')" >/dev/null
}

# picture NAME WIDTH HEIGHT: the page that is open.
picture() {
    screen "$2" "$3"
    if [ "${SCREENSHOT_WHOLE:-0}" = 1 ]; then
        height=$(run 'return document.documentElement.scrollHeight')
        [ "$height" -lt "$PAGE_HEIGHT_MAX" ] || height=$PAGE_HEIGHT_MAX
        screen "$2" "$height"
    fi
    run 'window.scrollTo(0, 0); document.activeElement && document.activeElement.blur(); return document.fonts.ready.then(() => true)' >/dev/null
    ask GET "$session/screenshot" | base64 -d >"$work/$1.png"
    pngquant --force --skip-if-larger --strip --quality 60-95 --output "$FOLDER/$1.png" "$work/$1.png" || cp "$work/$1.png" "$FOLDER/$1.png"
    size=$(wc -c <"$FOLDER/$1.png")
    [ "$size" -le "$PICTURE_BYTES_MAX" ] || say "$1.png has $size bytes, more than $PICTURE_BYTES_MAX"
    say "$FOLDER/$1.png: $(address | sed "s|^$site||; s|/accesso/.*|/accesso|")"
}

desk() { picture "$1" 1280 900; }
phone() { picture "$1-phone" 390 844; }

mkdir -p "$FOLDER"
visit "$site/accesso"
desk login
visit "$login"
click 'main form button[type=submit]'

visit "$site/"
desk province
phone province
follow "$COMUNE"
desk organisation
phone organisation
follow "$HOST_NAME"
desk host

visit "$site/incidenti/nuovo"
fill 'main form [name=titolo]' 'Posta che parte da sola dalla casella del protocollo'
fill 'main form [name=comune]' "$COMUNE"
desk new-incident
click 'main form button[type=submit]'
desk incident
visit "$site/incidenti"
desk incidents
visit "$site/aiuto"
desk help

#!/usr/bin/env bash
# What a newcomer does, done as in the README, in an environment with nothing of ours in it: start the server with npm,
# show the demo, and install the package elsewhere. Run it in a built checkout; prints "ok …" or "not ok …" a step.
# usage: test/install.sh [--clone]   with --clone: in a fresh clone of the last commit, from `npm ci` on
set -u

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
server=
failed=0

clean() {
  [ -z "$server" ] || kill "$server" 2>/dev/null
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM

# Only where Node, npm, git and curl are: neither node_modules/.bin nor variables of who runs this.
path=/usr/local/bin:/usr/bin:/bin
for tool in node npm; do
  found=$(IFS=:; for d in $PATH; do case $d in */node_modules/*) ;; *) [ -x "$d/$tool" ] && echo "$d" && break ;; esac; done)
  path=$found:$path
done
mkdir "$work/home"
# How this machine reaches its package registry stays as it is.
registry=(
  NPM_CONFIG_USERCONFIG="$(npm config get userconfig)"
  # Told by name: npm looks for it under --prefix otherwise.
  NPM_CONFIG_GLOBALCONFIG="$(npm config get globalconfig)"
  NPM_CONFIG_CACHE="$(npm config get cache)"
)
[ -z "${NODE_EXTRA_CA_CERTS-}" ] || registry+=(NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS")
clean=(env -i HOME="$work/home" PATH="$path" "${registry[@]}")

# step NAME COMMAND…: runs it, and tells how it went; what it printed only if it failed
step() {
  local name=$1 begun=$SECONDS
  shift
  if "$@" >"$work/log" 2>&1; then
    echo "ok $name ($((SECONDS - begun)) s)"
  else
    failed=$((failed + 1))
    echo "not ok $name"
    sed 's/^/    /' "$work/log"
  fi
}

# wait_for SECONDS COMMAND…: until it succeeds
wait_for() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 0.1
  done
}

start_and_stop() {
  cd "$root" || return
  "${clean[@]}" npm start -- --listen 127.0.0.1:0 --data "$work/data" >"$work/started" 2>&1 &
  server=$!
  wait_for 60 grep -q 'setup?code=' "$work/started" || { cat "$work/started"; return 1; }
  cat "$work/started"
  local link
  link=$(grep -o 'http://127[^ ]*setup?code=[^ ]*' "$work/started")
  [ "$(curl --silent --location --cookie-jar "$work/jar" --output /dev/null --write-out '%{http_code}' "$link")" = 200 ] || return 1
  # The whole tree below npm ends, and nothing goes on listening.
  kill -TERM "$server"
  wait "$server"
  server=
  ! curl --silent --output /dev/null "$link"
}

demo() {
  cd "$root" && "${clean[@]}" timeout 300 npx latchkey demo
}

install_package() {
  cd "$root" || return
  "${clean[@]}" timeout 300 npm pack --silent --pack-destination "$work" || return
  cd "$work" && "${clean[@]}" timeout 300 npm install --silent --global --prefix "$work/prefix" "$work"/latchkey-*.tgz
}

packed_files() {
  local files
  files=$(tar -tzf "$work"/latchkey-*.tgz) || return
  echo "$files" | grep -E '\.test\.|^package/(src|test|scripts)/' && return 1
  for file in bin/latchkey.js dist/main.js README.md LICENSE; do
    echo "$files" | grep -qx "package/$file" || { echo "$file is missing"; return 1; }
  done
}

installed_demo() {
  cd / && "${clean[@]}" timeout 300 "$work/prefix/bin/latchkey" demo
}

fresh_clone() {
  git clone --quiet "$root" "$work/clone" && cd "$work/clone" && "${clean[@]}" timeout 300 npm ci && "${clean[@]}" timeout 300 npm run build
}

if [ "${1-}" = --clone ]; then
  step 'a fresh clone installs and builds' fresh_clone
  root=$work/clone
fi
step 'npm start starts the server, with a link that opens, and SIGTERM ends it' start_and_stop
step 'npx latchkey demo goes as told' demo
step 'npm pack and a global install' install_package
step 'the package holds what it needs, and no tests' packed_files
step 'the installed command shows the demo from any folder' installed_demo
exit "$failed"

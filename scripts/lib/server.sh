# shellcheck shell=bash
# What the scripts that run a real platform for tests have in common: one folder per server, loopback only, FOLDER/server.env tells how to reach it. Sourced.

start_seconds_max=60
stop_seconds_max=20

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# The usage is the comment at the head of the calling script.
usage() {
  sed -n '2,/^set /{/^# /s/^# //p}' "$0" >&2
  exit 2
}

# install | start FOLDER … | seed FOLDER … | stop FOLDER, each a function of the calling script; it finds the folder's full path in $folder.
server_command() {
  local command=${1:-}
  [ $# -gt 0 ] && shift
  case $command in
    install) install ;;
    start | seed | stop)
      [ $# -gt 0 ] || usage
      folder=$(realpath -m -- "$1")
      shift
      "$command" "$@"
      ;;
    *) usage ;;
  esac
}

free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

new_password() {
  od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

# Runs a program in the background at the head of a process group of its own; $pid is both. AS_USER names who runs it, when we are root.
in_background() { # log program…
  local log=$1 as=()
  shift
  if [ -n "${AS_USER:-}" ] && [ "$(id -u)" = 0 ]; then as=(setpriv "--reuid=$AS_USER" "--regid=$AS_USER" --init-groups); fi
  # exec, all the way: the pid is then the program's own.
  (cd "$folder" && exec setsid "${as[@]}" "$@" >"$log" 2>&1 </dev/null) &
  pid=$!
}

# Waits for a condition while a process lives; when it does not come, the process group is ended.
wait_for() { # pid log what command…
  local process=$1 log=$2 what=$3 waited=0
  shift 3
  until "$@" >/dev/null 2>&1; do
    kill -0 "$process" 2>/dev/null || fail "$what ended at its start: $(tail -n 3 "$log" 2>/dev/null)"
    [ $((waited += 1)) -le $((start_seconds_max * 5)) ] || { kill -KILL -- "-$process"; fail "$what did not answer within $start_seconds_max s."; }
    sleep 0.2
  done
}

# The pid alone is no proof: after a restart of the machine it may be somebody else's.
runs() { # pid marker
  [ -n "$1" ] && tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -qF -- "$2"
}

end_group() { # pid
  local waited=0
  kill -TERM -- "-$1" 2>/dev/null || return 0
  while kill -0 -- "-$1" 2>/dev/null; do
    [ $((waited += 1)) -le $((stop_seconds_max * 10)) ] || { kill -KILL -- "-$1"; break; }
    sleep 0.1
  done
}

setting() { # name
  sed -n "s/^$1=//p" "$folder/server.env" 2>/dev/null || true
}

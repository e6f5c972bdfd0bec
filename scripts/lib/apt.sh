# shellcheck shell=bash
# Installs Debian packages that a stage needs, when they are missing. Sourced.

apt_install() { # package…
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "Missing Debian packages: ${missing[*]}. Install them as root: apt-get install ${missing[*]}" >&2
    return 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  # A lock held by another installation is waited for; the lists are fetched once where they are missing.
  apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}" ||
    { apt-get -q -o DPkg::Lock::Timeout=300 update && apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}"; }
}

# Debian starts the daemons of a package that it installs, unless this file says no.
without_services() { # command…
  local policy=/usr/sbin/policy-rc.d ours=no result=0
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    ours=yes
  fi
  "$@" || result=$?
  [ $ours = no ] || rm -f $policy
  return $result
}

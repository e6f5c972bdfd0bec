# shellcheck shell=bash
# What several scripts need of the SDK. Sourced, from the project's root.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

require_dotnet() {
  if ! command -v dotnet >/dev/null 2>&1; then
    echo "The .NET SDK $(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' global.json) or newer of its feature band is needed and 'dotnet' is not on PATH; see https://dot.net" >&2
    exit 1
  fi
}

build_solution() {
  dotnet build ListBackup.sln -v quiet -clp:Summary
}

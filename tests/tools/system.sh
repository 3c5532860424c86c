#!/bin/sh
# The programs of the system that tests drive, from Debian's packages where they are missing: `make parts`.
set -eu
wanted=
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
command -v chromium >/dev/null || wanted="$wanted chromium"
command -v prometheus >/dev/null && command -v promtool >/dev/null || wanted="$wanted prometheus"
command -v npm >/dev/null || wanted="$wanted npm"
command -v strip >/dev/null || wanted="$wanted binutils"
[ -n "$wanted" ] || exit 0
if ! command -v apt-get >/dev/null; then
  echo "Not here, and no apt-get to bring them:$wanted. The tests of each are skipped." >&2
  exit 0
fi
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
$as_root apt-get update -qq
# shellcheck disable=SC2086  a list of names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $wanted >/dev/null

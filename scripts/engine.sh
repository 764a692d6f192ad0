#!/bin/sh
# A container engine for this machine. Silent when one answers; otherwise installs Debian's and starts it, and says so.
#   engine.sh            a Docker Engine (or any engine that already answers)
#   engine.sh --podman   Podman beside it, with a containers.conf for machines that limit root (used by the end-to-end tests)
# Exit codes: 0 an engine answers, 1 it was installed but does not start, 3 this machine needs you to install one.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
PATH="$root/.tools/bin:$PATH"
log=${LAPCAT_DOCKERD_LOG:-/var/log/lapcat-dockerd.log}
wait_seconds=30

say() { printf 'engine: %s\n' "$*"; }

# answers HOST: does an engine answer at this unix:// or tcp:// address? Node asks, since a fresh machine has neither curl nor docker.
answers() {
  case $1 in
    unix://*) [ -S "${1#unix://}" ] || return 1 ;;
    tcp://*) ;;
    *) command -v docker >/dev/null 2>&1 && timeout 10 docker -H "$1" version >/dev/null 2>&1; return ;;
  esac
  node -e '
    const host = process.argv[1];
    const to = host.startsWith("unix://") ? { socketPath: host.slice(7) } : { host: new URL(host).hostname, port: new URL(host).port };
    const request = require("node:http").get({ ...to, path: "/_ping", timeout: 3000 }, (r) => process.exit(r.statusCode === 200 ? 0 : 1));
    request.on("timeout", () => process.exit(1)).on("error", () => process.exit(1));
  ' "$1" 2>/dev/null
}

any_engine_answers() {
  if [ -n "${DOCKER_HOST:-}" ]; then
    answers "$DOCKER_HOST" && return
    # A TLS engine needs certificates, which the docker client knows how to find.
    command -v docker >/dev/null 2>&1 && timeout 10 docker version >/dev/null 2>&1 && return
    say "DOCKER_HOST is $DOCKER_HOST, but no engine answers there. Start it, or unset DOCKER_HOST." >&2
    exit 1
  fi
  if command -v docker >/dev/null 2>&1; then
    context=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null || true)
    [ -n "$context" ] && answers "$context" && return
  fi
  runtime=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
  for socket in /var/run/docker.sock "$runtime/docker.sock" "$runtime/podman/podman.sock" /run/podman/podman.sock; do
    answers "unix://$socket" && return
  done
  return 1
}

root_on_debian() { [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] && command -v apt-get >/dev/null 2>&1; }

# install REASON PACKAGE…
install() {
  reason=$1
  shift
  say "$reason: installing $* with apt-get"
  said=$(mktemp)
  { apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "$@"; } >"$said" 2>&1 || {
    cat "$said" >&2
    say "apt-get failed; its own words are above" >&2
    exit 1
  }
  rm -f "$said"
}

start_docker() {
  if [ -d /run/systemd/system ]; then
    say 'starting the docker service'
    log='the journal of docker.service'
    systemctl start docker
  else
    say "starting dockerd (log: $log)"
    setsid -f dockerd >"$log" 2>&1 </dev/null
  fi
  tries=$((wait_seconds * 5))
  until answers unix:///var/run/docker.sock; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
      [ ! -f "$log" ] || tail -n 15 "$log" >&2
      say "dockerd did not answer on /var/run/docker.sock within $wait_seconds s; see $log" >&2
      exit 1
    fi
    sleep 0.2
  done
  say "dockerd answers"
}

docker_engine() {
  any_engine_answers && return
  if ! root_on_debian; then
    say "no container engine answers. Install Docker (https://docs.docker.com/engine/install/) or Podman, start it, and run this again." >&2
    exit 3
  fi
  if ! command -v dockerd >/dev/null 2>&1; then
    install 'no container engine answers' docker.io iptables ca-certificates curl
  fi
  # Without an init system nothing has mounted the control groups.
  if ! grep -q ' /sys/fs/cgroup' /proc/mounts; then
    install 'control groups are not mounted' cgroupfs-mount
    cgroupfs-mount
  fi
  start_docker
}

# Podman asks for more open files than a limited root may have, and crun refuses hybrid control groups: only then the file is needed.
podman_engine() {
  conf=$root/.tools/podman/containers.conf
  if ! command -v podman >/dev/null 2>&1; then
    if ! root_on_debian; then
      say "podman is not installed. Install it (https://podman.io/docs/installation) and run this again." >&2
      exit 3
    fi
    install 'podman was asked for' podman runc iptables ca-certificates
  fi
  # shellcheck disable=SC3045 # dash, bash and busybox all know it
  hard=$(ulimit -H -n)
  if [ "$hard" != unlimited ] && [ "$hard" -lt 1048576 ] && [ ! -e "$conf" ]; then
    mkdir -p "$(dirname "$conf")"
    cat >"$conf" <<CONF
[containers]
default_ulimits = ["nofile=$hard:$hard", "nproc=16384:16384"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
    say "wrote .tools/podman/containers.conf (this machine allows $hard open files); use it as CONTAINERS_CONF"
  fi
}

case ${1:-} in
  '') docker_engine ;;
  --podman) podman_engine ;;
  *)
    say "unknown option $1 (only --podman)" >&2
    exit 2
    ;;
esac

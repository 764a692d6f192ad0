#!/usr/bin/env bash
# The images that the fixtures, the demo and the end-to-end tests run in.
#   images.sh            upstream's, where they can be pulled; elsewhere stand-ins made from Debian's packages, under the same names
#   images.sh --clean    removes the stand-ins, and never another image
# LAPCAT_STAND_INS=1 makes stand-ins without asking a registry; LAPCAT_CONTAINER_CLI=podman makes them for Podman.
# A stand-in has the labels dev.lapcat.stand-in (true), .recipe (what it was made by) and .contents (the versions in it).
# A name that an image of yours holds is left to it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
parts=$here/stand-ins
PATH=$(dirname "$here")/.tools/bin:$PATH
cli=${LAPCAT_CONTAINER_CLI:-$(command -v docker || command -v podman || echo docker)}
suite=bookworm
# What the local services run in; a pipeline's own images are pulled when it runs.
upstream=(docker.io/library/registry:2 docker.io/library/node:24 docker.io/library/node:24-alpine)

say() { printf 'images: %s\n' "$*"; }
fail() {
  say "$1" >&2
  exit "${2:-1}"
}

# quietly COMMAND…: what it said is shown only if it fails
quietly() {
  local said
  said=$(mktemp)
  "$@" >"$said" 2>&1 || {
    cat "$said" >&2
    fail "$1 failed; its own words are above"
  }
}

# Docker lists docker.io/library/alpine as alpine.
plain() { sed -E 's,^docker\.io/(library/)?,,' | sort -u; }
listed() { "$cli" images --format '{{.Repository}}:{{.Tag}}' "$@" | grep -v '<none>' | plain || true; }
ours() { listed --filter label=dev.lapcat.stand-in=true; }
names_of() { awk -v kind="$1" '!/^#/ && (kind == "" || $1 == kind) { for (i = 2; i <= NF; i++) print $i }' "$parts/names.txt"; }

# Stand-ins that lost all their names to newer ones.
remove_replaced() {
  local image
  for image in $("$cli" images -q --filter dangling=true --filter label=dev.lapcat.stand-in=true); do
    "$cli" rmi "$image" >/dev/null 2>&1 || say "a replaced stand-in ($image) is still used by a container and stays"
  done
}

clean() {
  local mine
  mapfile -t mine < <(ours)
  [ ${#mine[@]} -eq 0 ] || "$cli" rmi -f "${mine[@]}" >/dev/null
  remove_replaced
  say "removed ${#mine[@]} names of stand-ins"
}

case ${1:-} in
  '') ;;
  --clean)
    clean
    exit
    ;;
  *) fail "unknown option $1 (only --clean)" 2 ;;
esac

command -v "$cli" >/dev/null || fail "neither docker nor podman is installed; run scripts/engine.sh first" 3
# Two at once would make the same twice: the second waits, and finds nothing to do.
mkdir -p "$(dirname "$here")/.tools"
if command -v flock >/dev/null; then
  exec 9>"$(dirname "$here")/.tools/images.lock"
  flock 9
fi

recipe=$(cat "$here/images.sh" "$parts"/* <(node --version) | sha256sum | cut -c1-16)
held=$(comm -23 <(listed) <(ours)) # by images that are not stand-ins
wanted=$(comm -23 <(names_of '' | plain) <(printf '%s\n' "$held"))

# 1. Nothing to do?
if [ -z "$(comm -23 <(printf '%s\n' "${upstream[@]}" | plain) <(printf '%s\n' "$held"))" ]; then
  exit 0
fi
if [ -z "$(comm -23 <(printf '%s\n' "$wanted") <(listed --filter "label=dev.lapcat.recipe=$recipe"))" ]; then
  exit 0
fi

# 2. Upstream's, if a registry answers.
if [ "${LAPCAT_STAND_INS:-}" != 1 ] && timeout 8 "$cli" pull -q docker.io/library/busybox:latest >/dev/null 2>&1; then
  [ -z "$(ours)" ] || clean
  for name in "${upstream[@]}"; do
    say "pulling $name"
    "$cli" pull -q "$name" >/dev/null
  done
  say "upstream's images can be pulled and are in use"
  exit 0
fi

# 3. Stand-ins.
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  fail "images can not be pulled here (is there a network?), and stand-ins can be made only by root on Debian or Ubuntu" 3
fi
say "images can not be pulled here: making stand-ins from Debian's packages, under upstream's names (about 25 s)"
missing=()
for package in mmdebstrap busybox-static debian-archive-keyring; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
work=$(mktemp -d)
mount -t tmpfs tmpfs "$work" 2>/dev/null || true # quicker where it is allowed
trap 'umount -l "$work" 2>/dev/null || true; rm -rf "$work"' EXIT
if [ ${#missing[@]} -gt 0 ]; then
  say "installing ${missing[*]} with apt-get"
  quietly apt-get update -qq
  DEBIAN_FRONTEND=noninteractive quietly apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "${missing[@]}"
fi
export TMPDIR=$work
debian=$work/debian
node=$(readlink -f "$(command -v node)")
path_env='ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
contents=

made() { printf 'localhost/lapcat-stand-in/%s:latest' "$1"; }

# changes CHANGE…: as options of import and commit
changes() {
  change=()
  local each
  for each in "$path_env" 'LABEL dev.lapcat.stand-in=true' "LABEL dev.lapcat.recipe=$recipe" "LABEL dev.lapcat.contents=\"$contents\"" "$@"; do
    change+=(--change "$each")
  done
}

# import_tree KIND DIRECTORY CHANGE…
import_tree() {
  changes "${@:3}"
  tar -C "$2" -c . | quietly "$cli" import "${change[@]}" - "$(made "$1")"
}

# variant KIND BASE-KIND CHANGE…: the base with the files of $work/KIND laid over it. They keep their owners, for which Podman has a word
# that says the opposite.
variant() {
  local id
  changes "${@:3}"
  id=$("$cli" create "$(made "$2")" true)
  [ ! -d "$work/$1" ] || tar -C "$work/$1" -c . | "$cli" cp --archive=false - "$id:/"
  quietly "$cli" commit "${change[@]}" "$id" "$(made "$1")"
  "$cli" rm "$id" >/dev/null
}

# program KIND PATH <TEXT: an executable file for a kind
program() {
  mkdir -p "$(dirname "$work/$1$2")"
  cat >"$work/$1$2"
  chmod 755 "$work/$1$2"
}

# copy_program TREE PROGRAM [TARGET]: a program of the Debian tree with the libraries it loads
copy_program() {
  local file
  mkdir -p "$1/usr/bin" "$1/usr/lib" "$1/usr/lib64" "$1/tmp"
  chmod 1777 "$1/tmp"
  for file in lib lib64; do [ -e "$1/$file" ] || ln -s "usr/$file" "$1/$file"; done
  install -D "$debian$2" "$1${3:-$2}"
  chroot "$debian" ldd "$2" | grep -oE '/[^ ]+' | while read -r file; do
    mkdir -p "$1/usr$(dirname "${file#/usr}")"
    cp -Ln "$debian$file" "$1/usr${file#/usr}"
  done
}

users() {
  mkdir -p "$1/etc" "$1/root"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' "${@:2}" 'nobody:x:65534:65534:nobody:/:/bin/false' >"$1/etc/passwd"
  { printf 'root:x:0:\n' && printf '%s\n' "${@:2}" | awk -F: 'NF { print $1 ":x:" $4 ":" }' && printf 'nogroup:x:65534:\n'; } >"$1/etc/group"
}

copy_busybox() {
  local applet
  mkdir -p "$1"/{bin,tmp,var,usr/bin,root,etc}
  chmod 1777 "$1/tmp"
  cp "$(command -v busybox)" "$1/bin/busybox"
  for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"; done
  ln -s ../../bin/env "$1/usr/bin/env"
}

# The one Debian that most kinds share. Nothing is configured in the extract variant (12 s less), so the few files
# that configuration would have made are made here. A path-exclude would make unpacking four times slower.
make_debian() {
  quietly mmdebstrap -q --variant=extract --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io --include=base-files,base-passwd,bash,coreutils,dash,grep,sed,findutils,tar,gzip,mawk,diffutils,hostname,libc-bin,debianutils,util-linux,mount,login,passwd,procps,curl,wget,git,ca-certificates,openssl,netbase,openssh-client,openssh-server,jq,rsync,buildah,crun,runc,fuse-overlayfs,skopeo,docker-registry,python3,perl,libstdc++6,libatomic1 "$suite" "$debian"
  mkdir -p "$debian/usr/local/bin" "$debian/etc/ssl/certs" "$debian/root"
  cp "$debian/usr/share/base-passwd/passwd.master" "$debian/etc/passwd"
  cp "$debian/usr/share/base-passwd/group.master" "$debian/etc/group"
  cat "$debian"/usr/share/ca-certificates/mozilla/*.crt >"$debian/etc/ssl/certs/ca-certificates.crt"
  ln -sf mawk "$debian/usr/bin/awk"
  ln -sf dash "$debian/usr/bin/sh"
  ln -sf python3 "$debian/usr/bin/python"
  ln -sf /bin/bash "$debian/usr/local/bin/bash"
  install -D "$node" "$debian/usr/local/bin/node"
  rm -rf "$debian"/usr/share/{doc,man,locale} "$debian"/var/lib/apt/lists/* "$debian"/var/cache/apt/*
  contents="Debian $(cat "$debian/etc/debian_version")"
  local program version
  for program in git buildah skopeo python3 perl docker-registry; do
    version=$(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$debian" "$program" --version 2>"$work/log" | grep -oE -m1 '[0-9]+(\.[0-9]+)+' | head -n1) ||
      fail "$program does not run in the stand-in: $(cat "$work/log")"
    contents+=", $program $version"
  done
  contents+=", node $("$node" --version | tr -d v)"
}

make_small() {
  copy_busybox "$work/busybox"
  users "$work/busybox"
  import_tree busybox "$work/busybox" 'CMD ["sh"]'
  program nop /ko-app/nop <<'SH'
#!/bin/sh
echo "Build successful"
SH
  variant nop busybox 'ENTRYPOINT ["/ko-app/nop"]' 'CMD []'

  copy_busybox "$work/node-small"
  users "$work/node-small" 'node:x:1000:1000::/home/node:/bin/sh'
  install -d -o 1000 -g 1000 "$work/node-small/home/node"
  copy_program "$work/node-small" /usr/local/bin/node
  program node-small /usr/local/bin/docker-entrypoint.sh < <(default_command node '#!/bin/sh')
  import_tree node-small "$work/node-small" 'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["node"]'

  copy_busybox "$work/registry"
  users "$work/registry"
  copy_program "$work/registry" /usr/bin/docker-registry /bin/registry
  mkdir -p "$work/registry/var/lib/registry" "$work/registry/etc/docker/registry"
  printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: /var/lib/registry}, delete: {enabled: true}}\nhttp: {addr: ":5000"}\n' >"$work/registry/etc/docker/registry/config.yml"
  program registry /entrypoint.sh <<'SH'
#!/bin/sh
set -e
case $1 in *.yaml | *.yml) set -- registry serve "$@" ;; esac
exec "$@"
SH
  import_tree registry "$work/registry" 'ENTRYPOINT ["/entrypoint.sh"]' 'CMD ["/etc/docker/registry/config.yml"]' 'EXPOSE 5000' 'VOLUME /var/lib/registry'

  # Like the real one: no shell, and its own idea of where certificates and credentials are.
  local kaniko=$work/kaniko
  users "$kaniko"
  copy_program "$kaniko" /usr/bin/buildah
  copy_program "$kaniko" /usr/bin/skopeo
  copy_program "$kaniko" /usr/local/bin/node
  mkdir -p "$kaniko/kaniko/ssl/certs" "$kaniko/kaniko/.docker" "$kaniko/workspace" "$kaniko/var/tmp"
  chmod 1777 "$kaniko/var/tmp"
  cp "$debian/etc/ssl/certs/ca-certificates.crt" "$kaniko/kaniko/ssl/certs/"
  cp -r "$debian/etc/containers" "$kaniko/etc/"
  program kaniko /kaniko/executor < <(
    printf '#!/usr/local/bin/node\n'
    node --disable-warning=ExperimentalWarning -e 'process.stdout.write(require("node:module").stripTypeScriptTypes(require("node:fs").readFileSync(process.argv[1], "utf8")))' "$parts/kaniko-executor.ts"
  )
  import_tree kaniko "$kaniko" 'ENV PATH=/usr/local/bin:/kaniko' 'ENV HOME=/root' 'ENV USER=root' 'ENV SSL_CERT_DIR=/kaniko/ssl/certs' 'ENV DOCKER_CONFIG=/kaniko/.docker/' 'WORKDIR /workspace' 'ENTRYPOINT ["/kaniko/executor"]'
}

# default_command PROGRAM [SHEBANG]: the entry point of several official images; options alone are the program's
default_command() {
  cat <<SH
${2:-#!/bin/bash}
set -e
if [ \$# -eq 0 ] || [ "\${1#-}" != "\$1" ] || ! command -v "\$1" >/dev/null 2>&1; then set -- $1 "\$@"; fi
exec "\$@"
SH
}

make_variants() {
  import_tree debian "$debian" 'CMD ["bash"]'
  variant perl debian 'CMD ["perl", "-de0"]'
  variant python debian 'CMD ["python3"]'
  variant jq debian 'ENTRYPOINT ["jq"]'
  variant skopeo debian 'ENTRYPOINT ["/usr/bin/skopeo"]'
  program node /usr/local/bin/docker-entrypoint.sh < <(default_command node)
  variant node debian 'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["node"]'
  program curl /entrypoint.sh < <(default_command curl)
  variant curl debian 'ENTRYPOINT ["/entrypoint.sh"]' 'CMD ["curl"]'

  # Alpine's upstream: their sh is busybox's, with a [[ ]] of its own.
  program bash /usr/local/bin/docker-entrypoint.sh < <(default_command bash)
  mkdir -p "$work/bash/usr/bin"
  cp "$(command -v busybox)" "$work/bash/usr/bin/busybox"
  ln -s busybox "$work/bash/usr/bin/ash"
  ln -s busybox "$work/bash/usr/bin/sh"
  variant bash debian 'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["bash"]'
  mkdir -p "$work/git/etc/ssh" "$work/git/run/sshd"
  printf 'PermitRootLogin prohibit-password\n' >"$work/git/etc/ssh/sshd_config"
  { cat "$debian/etc/passwd" && echo 'sshd:x:100:65534::/run/sshd:/usr/sbin/nologin'; } >"$work/git/etc/passwd"
  printf 'root:!::0:::::\n' >"$work/git/etc/shadow"
  variant git bash 'ENTRYPOINT ["git"]' 'CMD ["--help"]' 'WORKDIR /git'
  mkdir -p "$work/git-nonroot/etc"
  { cat "$work/git/etc/passwd" && echo 'nonroot:x:1000:1000::/home/nonroot:/bin/ash'; } >"$work/git-nonroot/etc/passwd"
  install -d -o 1000 -g 1000 "$work/git-nonroot/home/nonroot"
  variant git-nonroot git 'USER nonroot'

  # The sh of these is bash upstream, and their scripts use it as one.
  mkdir -p "$work/with-bash/usr/bin"
  ln -s bash "$work/with-bash/usr/bin/sh"
  variant with-bash debian
  variant buildah with-bash 'CMD ["/bin/bash"]' 'ENV BUILDAH_ISOLATION=chroot'
  program git-init /ko-app/git-init <"$parts/git-init.sh"
  install -d -o 65532 -g 65532 "$work/git-init/home/git"
  variant git-init with-bash 'ENTRYPOINT ["/ko-app/git-init"]' 'CMD []'
  program digest-exporter /ko-app/imagedigestexporter <"$parts/digest-exporter.sh"
  variant digest-exporter with-bash 'ENTRYPOINT ["/ko-app/imagedigestexporter"]' 'CMD []'
}

give_names() {
  local kind name
  # shellcheck disable=SC2013 # kinds and names are words
  for kind in $(awk '!/^#/ { print $1 }' "$parts/names.txt" | sort -u); do
    for name in $(names_of "$kind"); do
      grep -qxF "$(plain <<<"$name")" <<<"$held" || "$cli" tag "$(made "$kind")" "$name"
    done
  done
}

make_debian
say "unpacked $contents (${SECONDS} s)"
make_small &
small=$!
make_variants
wait "$small"
give_names
remove_replaced
say "$(wc -l <<<"$wanted") names now stand for: $contents (${SECONDS} s)"

#!/bin/bash
# Stands in for Tekton's git-init: the same flags (Go's, so `-flag value`, `-flag=value`, and booleans as `-flag` or `-flag=value`),
# the same fetch of one revision into a path.
set -euo pipefail

url='' revision='' refspec='' path='' ssl_verify=true submodules=true depth=1 sparse=''

die() {
  printf '%s\n' "$2" >&2
  exit "$1"
}
boolean() {
  case $2 in
    1 | t | T | true | TRUE | True) echo true ;;
    0 | f | F | false | FALSE | False) echo false ;;
    *) die 2 "invalid boolean value \"$2\" for -$1" ;;
  esac
}

while [ $# -gt 0 ]; do
  case $1 in
    --?*) flag=${1#--} ;;
    -?*) flag=${1#-} ;;
    *) break ;;
  esac
  shift
  name=${flag%%=*}
  case $flag in
    *=*) value=${flag#*=} ;;
    sslVerify | submodules) value=true ;;
    url | revision | refspec | path | depth | sparseCheckoutDirectories | terminationMessagePath)
      [ $# -gt 0 ] || die 2 "flag needs an argument: -$name"
      value=$1
      shift
      ;;
    *) die 2 "flag provided but not defined: -$name" ;;
  esac
  case $name in
    url) url=$value ;;
    revision) revision=$value ;;
    refspec) refspec=$value ;;
    path) path=$value ;;
    sslVerify) ssl_verify=$(boolean sslVerify "$value") ;;
    submodules) submodules=$(boolean submodules "$value") ;;
    depth) depth=$value ;;
    sparseCheckoutDirectories) sparse=$value ;;
    terminationMessagePath) ;; # where upstream reports to its entrypoint; the tasks report through results
    *) die 2 "flag provided but not defined: -$name" ;;
  esac
done

[ -n "$url" ] || die 1 'Error fetching git repository: -url is required'
[[ $depth =~ ^[0-9]+$ ]] || die 2 "invalid value \"$depth\" for flag -depth: not a number"

mkdir -p "${path:=.}"
# Volumes belong to root whatever the user is; git refuses a directory of another owner unless told.
git config --global --add safe.directory "$(cd "$path" && pwd -P)"
git config --global --add safe.directory "${path%/}"
git init -q "$path"
cd "$path"
git remote add origin "$(printf '%s' "$url" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//')"
git config http.sslVerify "$ssl_verify"

if [ -n "$sparse" ]; then
  git config core.sparsecheckout true
  printf '%s\n' "$sparse" | tr ',' '\n' >>.git/info/sparse-checkout
fi

fetch=(--force --update-head-ok)
[ "$submodules" = false ] || fetch+=(--recurse-submodules=yes)
[ "$depth" = 0 ] || fetch+=("--depth=$depth")
if [ -n "$refspec" ]; then
  read -ra refspecs <<<"$refspec"
  git fetch -q "${fetch[@]}" origin "${refspecs[@]}"
  checkout=${revision:-FETCH_HEAD}
else
  git fetch -q "${fetch[@]}" origin "${revision:-HEAD}"
  checkout=FETCH_HEAD
fi
git show -q --pretty=format: "$checkout" -- || die 1 "error parsing $checkout after fetching refspec $refspec"
git checkout -q -f "$checkout"

if [ "$submodules" = true ]; then
  update=(--init --recursive)
  [ "$depth" = 0 ] || update+=("--depth=$depth")
  git submodule --quiet update "${update[@]}"
fi

printf 'Successfully cloned %s @ %s (%s) in path %s\n' "$url" "$(git rev-parse HEAD)" "$(git log -1 --pretty=%D HEAD)" "$path" >&2

#!/bin/bash
# Stands in for Tekton's imagedigestexporter: for each image of -images=[{url, name, OutputImageDir}] reads the digest from the
# OCI layout in OutputImageDir and writes [{key, value, resourceRef}] to -terminationMessagePath.
set -euo pipefail

images='' out=/tekton/termination
for argument; do
  case $argument in
    -images=* | --images=*) images=${argument#*=} ;;
    -terminationMessagePath=* | --terminationMessagePath=*) out=${argument#*=} ;;
    *)
      echo "flag provided but not defined: $argument" >&2
      exit 2
      ;;
  esac
done

jq -c '.[]' <<<"$images" | while read -r image; do
  layout=$(jq -r '.OutputImageDir' <<<"$image")
  digest=$(jq -er '.manifests[0].digest' "$layout/index.json")
  jq -c --arg digest "$digest" '{key: "digest", value: $digest, resourceRef: {name: .name}},
    {key: "url", value: .url, resourceRef: {name: .name}}' <<<"$image"
done | jq -sc . >"$out"

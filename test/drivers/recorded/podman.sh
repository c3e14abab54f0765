#!/bin/bash
# Records what podman tells of containers, on a machine where it runs some: two files for each version, next to this script, each an array on a
# single line. Needs an image that has a shell:
#
#   IMAGE=busybox OUT=/tmp/recorded ./podman.sh
set -euo pipefail
: "${IMAGE:?an image with a shell}"
: "${OUT:=$(cd "$(dirname "$0")" && pwd)}"
version=$(podman --version | cut -d' ' -f3)
names=(lsu-rec-plain lsu-rec-sharer lsu-rec-host lsu-rec-ended lsu-rec-paused lsu-rec-created lsu-rec-begun)
clean() { podman rm --force --time 0 lsu-rec-sharer "${names[@]}" >/dev/null 2>&1 || true; }
trap clean EXIT
clean
start() { podman run --detach --label=longshore.service=db1 --label=longshore.rid=container#0 "$@" >/dev/null; }
start --name=lsu-rec-plain --net=none --hostname=db --user=999:998 "$IMAGE" sleep 1000
start --name=lsu-rec-sharer --net=container:lsu-rec-plain --entrypoint=sh "$IMAGE" -c 'sleep 1000'
start --name=lsu-rec-host --net=host --pid=host --ipc=host --uts=host --userns=host --privileged --interactive --tty --read-only "$IMAGE" sleep 1000
start --name=lsu-rec-ended --net=none "$IMAGE" sh -c 'exit 3'
start --name=lsu-rec-paused --net=none "$IMAGE" sleep 1000
podman pause lsu-rec-paused >/dev/null
podman create --name=lsu-rec-created --net=none "$IMAGE" sleep 1000 >/dev/null
podman create --name=lsu-rec-begun --net=none "$IMAGE" sleep 1000 >/dev/null
podman init lsu-rec-begun >/dev/null
sleep 1
podman inspect --type container "${names[@]}" | tr -s '[:space:]' ' ' >"$OUT/podman-$version-inspect.jsonl"
podman image inspect "$IMAGE" | tr -s '[:space:]' ' ' >"$OUT/podman-$version-image.jsonl"

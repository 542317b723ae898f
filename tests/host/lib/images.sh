# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Images into the node's containerd. scripts/images makes the tar files.

readonly system_images=(pause busybox coredns local-path)
readonly control_plane_images=(kubernetes-1.35 kine runtime kubernetes-1.34 etcd postgres)

# make_images IMAGE...: tar files of these kinds, their paths remembered for load_images.
declare -A image_archives=()
make_images() {
    local image
    for image in "$@"; do
        image_archives[$image]=$("$project_source/scripts/images" --only "$image" "$state/images") ||
            die "making the image '$image' failed"
    done
}

load_images() {
    local image archives
    for image in "$@"; do
        mapfile -t archives <<<"${image_archives[$image]}"
        load_archives "${archives[@]}"
    done
}

load_control_plane() {
    local images=("$@") image
    [ $# -gt 0 ] || images=("${control_plane_images[@]}")
    for image in "${images[@]}"; do
        if [ "$image" = runtime ] && [ $# = 0 ] && ! "$project_source/scripts/images" --can-make runtime; then
            say "skipping the runtime image: build/release has no programs yet"
            continue
        fi
        make_images "$image"
        load_images "$image"
    done
}

load_archives() {
    local archive
    [ $# -gt 0 ] || die "load what? give the path of an image's tar file"
    for archive in "$@"; do
        [ -r "$archive" ] || die "cannot read '$archive'"
        if image_is_loaded "$archive"; then
            say "$(basename "$archive") is loaded already"
        else
            in_node ctr --namespace k8s.io images import - <"$archive" >/dev/null || die "importing '$archive' failed"
            remember_image "$archive"
            say "loaded $(basename "$archive")"
        fi
    done
}

# A docker-archive's manifest names the image and the digest of its configuration, hence its whole content.
# OCI archives have none, and are imported each time.
archive_manifest() { tar -xOf "$1" manifest.json 2>/dev/null || true; }

archive_record() { echo "$run/loaded/$(archive_manifest "$1" | sha256sum | cut -c1-32)"; }

archive_references() {
    archive_manifest "$1" | sed 's/.*"RepoTags": *\[\([^]]*\)\].*/\1/' | tr -d '" ' | tr ',' '\n'
}

remember_image() {
    local reference
    mkdir -p "$run/loaded"
    reference=$(archive_references "$1" | head -n 1)
    # What had the name before is not loaded any more.
    { grep -lxFs -- "$reference" "$run"/loaded/* || true; } | xargs -r rm -f
    archive_references "$1" >"$(archive_record "$1")"
}

# Loaded before, not replaced since, and not removed by hand.
image_is_loaded() {
    local record reference
    record=$(archive_record "$1")
    [ -s "$record" ] || return 1
    reference=$(full_reference "$(head -n 1 "$record")")
    in_node ctr --namespace k8s.io images list --quiet "name==$reference" | grep -q .
}

# containerd lists in full what Docker abbreviates.
full_reference() {
    case $1 in
    *.*/*) echo "$1" ;;
    */*) echo "docker.io/$1" ;;
    *) echo "docker.io/library/$1" ;;
    esac
}

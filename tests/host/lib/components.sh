# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What is built from Go modules, and how. A component is a folder below tests/host/go whose go.mod names the programs
# (its `tool` lines) and pins every module; the built programs lie in bin/COMPONENT-KEY, where KEY changes with go.mod,
# go.sum and the recipe, so that an old build is never taken for a new one.

readonly all_components=(kubernetes-1.35 kine local-path coredns helm helm4 kubernetes-1.34 etcd)
readonly kubernetes_version_package=k8s.io/component-base/version

component_module() {
    case $1 in
    kubernetes-*) echo k8s.io/kubernetes ;;
    kine) echo github.com/k3s-io/kine ;;
    local-path) echo github.com/rancher/local-path-provisioner ;;
    coredns) echo github.com/coredns/coredns ;;
    helm) echo helm.sh/helm/v3 ;;
    helm4) echo helm.sh/helm/v4 ;;
    etcd) echo go.etcd.io/etcd/server/v3 ;;
    *) die "unknown component '$1' (known: ${all_components[*]})" ;;
    esac
}

# The version that go.mod pins, with its v.
component_version() {
    local module
    module=$(component_module "$1")
    awk -v module="$module" '{sub(/^require /, "")} $1 == module && $2 ~ /^v/ {print $2; exit}' \
        "$host_source/go/$1/go.mod"
}

component_packages() {
    awk '/^tool \(/ {inside = 1; next} inside && /^\)/ {exit} inside {print $1} /^tool [^(]/ {print $2}' \
        "$host_source/go/$1/go.mod"
}

# The arguments of `go build`, one a line.
component_flags() {
    local version ldflags="-s -w"
    version=$(component_version "$1")
    case $1 in
    kubernetes-*)
        local minor=${version#v1.}
        ldflags+=" -X $kubernetes_version_package.gitVersion=$version"
        ldflags+=" -X $kubernetes_version_package.gitMajor=1"
        ldflags+=" -X $kubernetes_version_package.gitMinor=${minor%%.*}"
        ;;
    kine)
        # SQLite is C; a static program needs no C library in its image.
        ldflags+=" -linkmode external -extldflags \"-static\""
        ldflags+=" -X github.com/k3s-io/kine/pkg/version.Version=$version"
        printf '%s\n' -tags netgo,osusergo
        ;;
    esac
    printf '%s\n' -mod=readonly -trimpath -buildvcs=false -ldflags "$ldflags"
}

component_cgo() { if [ "$1" = kine ]; then echo 1; else echo 0; fi; }

component_key() {
    {
        cat "$host_source/go/$1/go.mod" "$host_source/go/$1/go.sum"
        component_flags "$1"
    } | sha256sum | cut -c1-12
}

component_folder() { echo "$state/bin/$1-$(component_key "$1")"; }

# build_components COMPONENT...: each in turn, unless it is there. Links in bin/ name the newest tools.
build_components() {
    local component
    for component in "$@"; do
        [ -d "$(component_folder "$component")" ] || with_lock build build_component "$component"
        link_tools "$component"
    done
}

build_component() {
    local component=$1 folder flags packages started=$SECONDS
    folder=$(component_folder "$component")
    [ ! -d "$folder" ] || return 0
    # shellcheck source=../../../scripts/lib/go.sh
    . "$project_source/scripts/lib/go.sh"
    say "building $component $(component_version "$component") (once; takes minutes)"
    mapfile -t flags < <(component_flags "$component")
    mapfile -t packages < <(component_packages "$component")
    rm -rf "$folder.part"
    mkdir -p "$folder.part" "$state/go"
    (
        cd "$host_source/go/$component" || exit 1
        export GOMODCACHE=$state/go/mod GOCACHE=$state/go/build GOFLAGS=-modcacherw GOTOOLCHAIN=local GOWORK=off
        CGO_ENABLED=$(component_cgo "$component") nice -n 10 "$GO" build "${flags[@]}" -o "$folder.part/" "${packages[@]}"
    ) || die "building $component failed (see above)"
    # The server's main package is named after its module's last element.
    [ "$component" != etcd ] || [ ! -e "$folder.part/server" ] || mv "$folder.part/server" "$folder.part/etcd"
    # Beside helm 3.
    [ "$component" != helm4 ] || mv "$folder.part/helm" "$folder.part/helm4"
    mv "$folder.part" "$folder"
    say "built $component in $((SECONDS - started)) s"
}

link_tools() {
    local tool folder
    folder=$(component_folder "$1")
    for tool in kubectl helm helm4; do
        [ ! -e "$folder/$tool" ] || ln -sfn "$(basename "$folder")/$tool" "$state/bin/$tool"
    done
}

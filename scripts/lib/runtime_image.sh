# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
#
# The project's own image: vcluster-runtime, vcl, libvcluster and exactly the shared libraries that they need.
# Sourced by scripts/images, which sets build_dir and work, and provides write_image.

readonly runtime_programs=(vcluster-runtime vcl)
readonly runtime_repository=ghcr.io/libvcluster/runtime
readonly certificates=/etc/ssl/certs/ca-certificates.crt

# What images need that have no distribution in them.
readonly base_files=(
    --text $'etc/passwd=root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n'
    --text $'etc/group=root:x:0:\nnobody:x:65534:\n'
    --text $'etc/nsswitch.conf=hosts: files dns\n'
)

runtime_is_built() {
    local program
    for program in "${runtime_programs[@]}"; do
        [ -x "$build_dir/bin/$program" ] || return 1
    done
}

# The chart says which one it runs: a program that changes comes with another number.
runtime_version() {
    sed -n 's/^appVersion: *//p' "$project_source/charts/embedded/Chart.yaml"
}

# "NAME PATH" of each shared library; the loader, which has no name, by its path alone.
runtime_libraries() {
    local program
    for program in "${runtime_programs[@]}"; do
        LD_LIBRARY_PATH=$build_dir/lib ldd "$build_dir/bin/$program"
    done | awk '
        / => not found/ {print "runtime image: library " $1 " not found" > "/dev/stderr"; exit 1}
        / => \// {print $1, $3}
        $1 ~ /^\// {print $1, $1}' | sort -u
}

runtime_image() {
    runtime_is_built || die "no runtime image: build the release preset first ($build_dir/bin has no programs)"
    local stage arguments=() program library path libc_folder
    stage=$work/runtime
    rm -rf "$stage"
    mkdir -p "$stage"
    for program in "${runtime_programs[@]}"; do
        strip --strip-unneeded -o "$stage/$program" "$build_dir/bin/$program"
        arguments+=(--file "usr/local/bin/$program=$stage/$program")
    done
    runtime_libraries >"$stage/libraries"
    # The loader searches the folder of the C library by itself: there needs to be no cache of it, and no path in the image.
    libc_folder=$(awk '$1 == "libc.so.6" {sub(/\/[^\/]*$/, "", $2); print $2}' "$stage/libraries")
    while read -r library path; do
        if [ "$library" = "$path" ]; then
            arguments+=(--file "$library=$path")
            continue
        fi
        strip --strip-unneeded -o "$stage/$library" "$path"
        arguments+=(--file "$libc_folder/$library=$stage/$library")
    done <"$stage/libraries"
    [ ! -r $certificates ] || arguments+=(--file "$certificates=$certificates")
    write_image "runtime-$(runtime_version)" "$runtime_repository:$(runtime_version)" \
        "$(cat "$stage"/* | sha256sum)" --directory tmp=1777 "${base_files[@]}" "${arguments[@]}" \
        --entrypoint /usr/local/bin/vcluster-runtime \
        --label org.opencontainers.image.source=https://github.com/libvcluster/libvcluster \
        --label org.opencontainers.image.licenses=Apache-2.0
}

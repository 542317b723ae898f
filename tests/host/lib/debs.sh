# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Debian's containerd, runc, CNI plugins, iptables and a static busybox, unpacked below the state folder.
# Nothing is installed: Debian's containerd would displace Docker's.

readonly debs_packages=(
    containerd runc containernetworking-plugins busybox-static
    iptables conntrack ethtool socat
    # Libraries of the above, for machines that lack them.
    libseccomp2 libip4tc2 libip6tc2 libxtables12 libmnl0 libnftnl11 libnetfilter-conntrack3 libnfnetlink0 libwrap0
)

debs_root=$state/debs/root
debs_library_path=$debs_root/usr/lib/$(uname -m)-linux-gnu:$debs_root/lib/$(uname -m)-linux-gnu

unpack_debs() { with_lock debs unpack_missing_debs; }

# have_debs STAMP: more than is wanted now does no harm, and a node may be running on it.
have_debs() {
    local have package
    have=" $(cat "$1" 2>/dev/null) "
    for package in "${debs_packages[@]}"; do
        [[ $have == *" $package "* ]] || return 1
    done
}

unpack_missing_debs() {
    local stamp="$state/debs/packages" part="$state/debs/part"
    ! have_debs "$stamp" || return 0
    command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
        die_no_host "its container runtime comes from Debian packages, and apt-get or dpkg is missing"
    say "fetching Debian packages (once): ${debs_packages[*]}"
    rm -rf "$part"
    mkdir -p "$part/files" "$part/root"
    if ! fetch_debs "$part/files" "${debs_packages[@]}"; then
        apt-get update -qq || die "apt-get update failed"
        fetch_debs "$part/files" "${debs_packages[@]}" || die "apt-get download failed: $(tail -n 1 "$part/files/log")"
    fi
    local deb
    for deb in "$part"/files/*.deb; do
        dpkg -x "$deb" "$part/root"
    done
    link_iptables "$part/root/usr/sbin"
    rm -rf "$part/files" "$debs_root"
    mv "$part/root" "$debs_root"
    rm -rf "$part"
    printf '%s\n' "${debs_packages[*]}" >"$stamp"
}

# fetch_debs FOLDER PACKAGE...
# _apt, whom root's apt-get would download as, may not enter the folder; sandboxing off for this one download.
fetch_debs() (
    cd "$1" && apt-get -o APT::Sandbox::User=root download "${@:2}" >"$1/log" 2>&1
)

# What the package's installation would do with alternatives.
link_iptables() {
    local name
    for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
        ln -sf xtables-nft-multi "$1/$name"
    done
}

# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What a host takes from the machine: a slot (a number that no other host of any state folder has), and named after it a
# network namespace, a veth pair with two addresses of a documentation range, and a cgroup. `lvc0` is all four of slot 0.

claim_slot() {
    local -i slot
    [ ! -s "$run/slot" ] || return 0
    for slot in {0..63}; do
        ip link show "lvc$slot" >/dev/null 2>&1 && continue
        # Adding a namespace fails when it exists: of two hosts that start at once, one moves on.
        if ip netns add "lvc$slot" 2>/dev/null; then
            echo "$slot" >"$run/slot"
            return
        fi
    done
    die_no_host "cannot make a network namespace (ip netns add), or all 64 are taken"
}

# Sets slot, machine_name, machine_address and node_address; false while the host has no slot.
read_slot() {
    [ -s "$run/slot" ] || return 1
    slot=$(cat "$run/slot")
    machine_name=lvc$slot
    machine_address=198.51.100.$((slot * 4 + 1))
    node_address=198.51.100.$((slot * 4 + 2))
}

# The node reaches the machine and nothing beyond: no default route, so no packet to a private range can leave.
connect_network() {
    local inside="ip -n $machine_name"
    [ -e "/run/netns/$machine_name" ] || ip netns add "$machine_name"
    ip link show "$machine_name" >/dev/null 2>&1 && return
    ip link add "$machine_name" type veth peer name eth0 netns "$machine_name" ||
        die_no_host "cannot make a veth pair"
    ip address add "$machine_address/30" dev "$machine_name"
    ip link set "$machine_name" up
    $inside link set lo up
    $inside address add "$node_address/30" dev eth0
    $inside link set eth0 up
    $inside route add unreachable default
    # kube-proxy rewrites Service addresses after the first route lookup, which must find something.
    $inside route add "$service_range" dev lo src "$node_address"
    nsenter --net="/run/netns/$machine_name" sysctl -qw net.ipv4.ip_forward=1
}

disconnect_network() {
    ip netns delete "$machine_name" 2>/dev/null || true
    ip link delete "$machine_name" 2>/dev/null || true
}

cgroup_version() { if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo 2; else echo 1; fi; }

# Every place where our cgroup may lie: the one tree of v2, or each hierarchy of v1.
cgroup_folders() {
    local hierarchy
    if [ "$(cgroup_version)" = 2 ]; then
        echo "/sys/fs/cgroup/$machine_name"
        return
    fi
    for hierarchy in /sys/fs/cgroup/*/; do
        [ -L "${hierarchy%/}" ] || echo "$hierarchy$machine_name"
    done
}

make_cgroups() {
    local folder parent name
    while read -r folder; do
        parent=$(dirname "$folder")
        [ -e "$parent/cgroup.procs" ] || continue
        mkdir -p "$folder" 2>/dev/null || die_no_host "cannot make the cgroup $folder"
        # A cpuset of v1 takes no process before it has CPUs and memory.
        for name in cpuset.cpus cpuset.mems; do
            [ ! -e "$parent/cpuset.effective_cpus" ] || cat "$parent/$name" >"$folder/$name"
        done
        [ "$(cgroup_version)" = 1 ] || delegate_controllers "$parent" "$folder"
    done < <(cgroup_folders)
}

# Version 2 only: children get the controllers that their parents hand on.
delegate_controllers() {
    local folder controller
    for folder in "$@"; do
        for controller in cpu cpuset io memory pids hugetlb; do
            echo "+$controller" 2>/dev/null >"$folder/cgroup.subtree_control" || true
        done
    done
}

# The processes are gone by now, but the kernel may take a moment to notice.
remove_cgroups() {
    local folder
    while read -r folder; do
        [ ! -d "$folder" ] || until_true 5 remove_cgroup "$folder" || say "cgroup $folder is still in use"
    done < <(cgroup_folders)
}

remove_cgroup() {
    find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
    [ ! -d "$1" ]
}

require_machine() {
    local tool
    [ "$(id -u)" = 0 ] || die_no_host "it takes root"
    for tool in ip nsenter unshare openssl tar flock; do
        command -v "$tool" >/dev/null || die_no_host "'$tool' is missing (Debian: iproute2 util-linux openssl tar)"
    done
    unshare --mount --pid --fork --net --uts --ipc true 2>/dev/null || die_no_host "it may not make namespaces"
    [ -w /sys/fs/cgroup ] && grep -q ' cgroup2\? ' /proc/mounts || die_no_host "there are no cgroups to write to"
}

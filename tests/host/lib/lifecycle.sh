# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# up, down and status of one host.

host_up() {
    if node_is_running && until_true 5 host_is_ready; then
        say "$name is up already: $run/kubeconfig"
        return
    fi
    require_machine
    local started=$SECONDS
    unpack_debs
    build_components kubernetes-1.35 etcd coredns local-path
    make_images "${system_images[@]}"
    say "starting $name"
    if ! node_is_running; then
        host_down
        start_node
    fi
    until_true 60 node_has_containerd || fail_up containerd
    load_images "${system_images[@]}" &
    until_true 60 api_answers || fail_up kube-apiserver
    "$state/bin/kubectl" --kubeconfig="$run/kubeconfig" apply --server-side -f "$host_source/manifests" >/dev/null ||
        fail_up kube-apiserver
    wait $! || fail_up containerd
    until_true 60 host_is_ready || fail_up kubelet
    say "$name is ready after $((SECONDS - started)) s: $run/kubeconfig"
}

fail_up() {
    say "$1 did not come up; the end of its log ($run/log/$1.log):"
    tail -n 15 "$run/log/$1.log" >&2
    die "up failed; '$0 --name $name up' tries again, '$0 --name $name down' cleans up"
}

start_node() {
    mkdir -p "$run/log"
    claim_slot
    read_slot
    connect_network
    make_cgroups
    make_pki
    write_config
    env -i PATH="$node_path" LD_LIBRARY_PATH="$debs_library_path_inside" XTABLES_LIBDIR="$xtables_inside" HOME=/root \
        setsid nsenter --net="/run/netns/$machine_name" \
        unshare --mount --propagation private --pid --fork --kill-child --uts --ipc \
        "$host_source/lib/node.sh" "$run" "$(component_folder kubernetes-1.35)" "$(component_folder etcd)" "$debs_root" \
        "$name" "$node_address" "$service_range" \
        </dev/null >>"$run/log/node.log" 2>&1 9>&- &
    until_true 10 test -s "$run/pid" || fail_up node
}

# The recorded process, and the same one still: a process id may have been given to another since.
node_pid() {
    local pid since fields
    read -r pid since 2>/dev/null <"$run/pid" || return 1
    read -r fields 2>/dev/null <"/proc/$pid/stat" || return 1
    # The command's name in parentheses may hold spaces; the start time is the 20th field after it.
    read -ra fields <<<"${fields##*) }"
    [ "${fields[19]}" = "$since" ] && [ "${fields[0]}" != Z ] && echo "$pid"
}

node_is_running() { read_slot && node_pid >/dev/null; }

# in_node COMMAND...: as a process of the node, with its programs and kubeconfig at hand.
in_node() {
    local pid
    pid=$(node_pid) || die "$name is not running (start it with: $0 --name $name up)"
    nsenter --target "$pid" --mount --net --pid --uts --ipc \
        env PATH="$node_path" LD_LIBRARY_PATH="$debs_library_path_inside" XTABLES_LIBDIR="$xtables_inside" \
        KUBECONFIG=/run/node/kubeconfig "$@"
}

node_has_containerd() { in_node test -S /run/containerd/containerd.sock; }

kubectl_here() { "$state/bin/kubectl" --kubeconfig="$run/kubeconfig" --request-timeout=5s "$@" 2>/dev/null; }

api_answers() { kubectl_here get --raw=/readyz >/dev/null; }

# Ready: the node takes pods, and cluster DNS and the storage provisioner serve.
host_is_ready() {
    local answer
    answer=$(kubectl_here get "node/$name" --output \
        'jsonpath={.status.conditions[?(@.type=="Ready")].status}') && [ "$answer" = True ] || return 1
    answer=$(kubectl_here get deployments --all-namespaces --selector libvcluster.dev/test-host=system --output \
        'jsonpath={range .items[*]}{.status.availableReplicas}{end}') && [ "$answer" = 11 ]
}

host_down() {
    local pid
    if read_slot; then
        if pid=$(node_pid); then
            kill -KILL "$pid"
            until_true 20 node_is_gone || die "process $pid of $name does not end"
        fi
        disconnect_network
        remove_cgroups
    fi
    # Pods may have marked files as immutable or left mounts only inside the namespaces that are gone by now.
    until_true 5 rm -rf "$run" 2>/dev/null || die "cannot remove $run"
}

node_is_gone() { ! node_pid >/dev/null; }

host_status() {
    if ! node_is_running; then
        echo "$name: down"
        return 1
    fi
    local ready=starting
    ! host_is_ready || ready=ready
    echo "$name: $ready"
    echo "kubernetes: $(component_version kubernetes-1.35) at https://$node_address:6443"
    echo "kubeconfig: $run/kubeconfig"
    echo "namespace: /run/netns/$machine_name, cgroup v$(cgroup_version) /$machine_name, process $(node_pid)"
    # Expanded inside the node.
    # shellcheck disable=SC2016
    in_node bash -c 'cd /run/daemons && for daemon in *; do
        kill -0 "$(cat "$daemon")" 2>/dev/null && echo "  $daemon: running" || echo "  $daemon: not running"
    done'
    [ $ready = ready ]
}

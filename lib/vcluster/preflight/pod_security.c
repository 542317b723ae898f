/* SPDX-License-Identifier: Apache-2.0 */
/* The controls of the Pod Security Standards, one function each; see pod_security.h. */
#include "vcluster/preflight/pod_security.h"

#include "base/str.h"

typedef struct checker {
    const cJSON *spec;
    vcl_buf *wrong;
} checker;

static const char *const base_capabilities[] = {
    "AUDIT_WRITE",      "CHOWN",   "DAC_OVERRIDE", "FOWNER",  "FSETID", "KILL",       "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID",       "SETPCAP", "SETUID", "SYS_CHROOT", NULL
};
static const char *const base_sysctls[] = { "kernel.shm_rmid_forced",
                                            "net.ipv4.ip_local_port_range",
                                            "net.ipv4.ip_local_reserved_ports",
                                            "net.ipv4.ip_unprivileged_port_start",
                                            "net.ipv4.ping_group_range",
                                            "net.ipv4.tcp_fin_timeout",
                                            "net.ipv4.tcp_keepalive_intvl",
                                            "net.ipv4.tcp_keepalive_probes",
                                            "net.ipv4.tcp_keepalive_time",
                                            "net.ipv4.tcp_rmem",
                                            "net.ipv4.tcp_syncookies",
                                            "net.ipv4.tcp_wmem",
                                            NULL };
static const char *const base_selinux[] = {
    "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", NULL
};
static const char *const restricted_volumes[] = { "configMap", "csi",       "downwardAPI",
                                                  "emptyDir",  "ephemeral", "persistentVolumeClaim",
                                                  "projected", "secret",    NULL };

static bool is_one_of(const char *text, const char *const *list)
{
    for (; *list; list++) {
        if (vcl_streq(text, *list))
            return true;
    }
    return false;
}

static void find(checker *self, const cJSON *container, const char *what)
{
    const char *name = container ? vcl_json_find_string(container, "name", NULL) : NULL;

    vcl_buf_addf(self->wrong, "%s%s%s%s", self->wrong->size > 0 ? "; " : "", what,
                 name ? " of container " : "", vcl_str(name));
}

static void check_host(checker *self)
{
    static const char *const fields[] = { "hostNetwork", "hostPID", "hostIPC" };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (vcl_json_find_bool(self->spec, false, fields[i], NULL))
            find(self, NULL, fields[i]);
    }
}

static void check_sysctls(checker *self)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_find(self->spec, "securityContext", "sysctls", NULL)) {
        if (!is_one_of(vcl_json_find_string(item, "name", NULL), base_sysctls))
            find(self, NULL, "a sysctl that is not safe");
    }
}

static void check_volumes(checker *self, bool restricted)
{
    const cJSON *volume;
    const cJSON *member;

    cJSON_ArrayForEach (volume, vcl_json_get(self->spec, "volumes")) {
        cJSON_ArrayForEach (member, volume) {
            bool source = !vcl_streq(member->string, "name") && !cJSON_IsNull(member);
            if (source && (vcl_streq(member->string, "hostPath") ||
                           (restricted && !is_one_of(member->string, restricted_volumes))))
                vcl_buf_addf(self->wrong, "%svolume '%s' of type %s",
                             self->wrong->size > 0 ? "; " : "",
                             vcl_str(vcl_json_find_string(volume, "name", NULL)), member->string);
        }
    }
}

/* The options of SELinux, seccomp and AppArmor, of a pod or a container. */
static void check_profiles(checker *self, const cJSON *context, const cJSON *container)
{
    const cJSON *selinux = vcl_json_get(context, "seLinuxOptions");
    const char *type = vcl_str(vcl_json_find_string(selinux, "type", NULL));
    bool named = !vcl_str_empty(vcl_json_find_string(selinux, "user", NULL)) ||
                 !vcl_str_empty(vcl_json_find_string(selinux, "role", NULL));

    if (named || !is_one_of(type, base_selinux))
        find(self, container, "seLinuxOptions");
    if (vcl_streq(vcl_json_find_string(context, "seccompProfile", "type", NULL), "Unconfined"))
        find(self, container, "seccompProfile Unconfined");
    if (vcl_streq(vcl_json_find_string(context, "appArmorProfile", "type", NULL), "Unconfined"))
        find(self, container, "appArmorProfile Unconfined");
}

static void check_added(checker *self, const cJSON *container, const char *const *allowed)
{
    const cJSON *item;

    cJSON_ArrayForEach (item,
                        vcl_json_find(container, "securityContext", "capabilities", "add", NULL)) {
        if (!is_one_of(item->valuestring, allowed)) {
            find(self, container, "added capabilities");
            return;
        }
    }
}

static void check_baseline(checker *self, const cJSON *container, bool restricted)
{
    static const char *const bind_only[] = { "NET_BIND_SERVICE", NULL };
    const cJSON *context = vcl_json_get(container, "securityContext");
    const char *mount = vcl_json_find_string(context, "procMount", NULL);
    const cJSON *port;

    if (vcl_json_find_bool(context, false, "privileged", NULL))
        find(self, container, "privileged");
    check_added(self, container, restricted ? bind_only : base_capabilities);
    if (mount && !vcl_streq(mount, "Default"))
        find(self, container, "procMount");
    cJSON_ArrayForEach (port, vcl_json_get(container, "ports")) {
        if (vcl_json_find_int(port, 0, "hostPort", NULL) != 0)
            find(self, container, "a host port");
    }
    check_profiles(self, context, container);
}

static bool drops_all(const cJSON *context)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_find(context, "capabilities", "drop", NULL)) {
        if (vcl_streq(item->valuestring, "ALL"))
            return true;
    }
    return false;
}

/* What a container says, else what its pod says. */
static const cJSON *said(const checker *self, const cJSON *container, const char *field)
{
    const cJSON *own = vcl_json_find(container, "securityContext", field, NULL);

    return own ? own : vcl_json_find(self->spec, "securityContext", field, NULL);
}

static void check_restricted(checker *self, const cJSON *container)
{
    const cJSON *context = vcl_json_get(container, "securityContext");
    const char *seccomp =
        vcl_json_find_string(said(self, container, "seccompProfile"), "type", NULL);

    if (vcl_json_find_bool(context, true, "allowPrivilegeEscalation", NULL))
        find(self, container, "allowPrivilegeEscalation is not false");
    if (!drops_all(context))
        find(self, container, "capabilities.drop lacks ALL");
    if (!cJSON_IsTrue(said(self, container, "runAsNonRoot")))
        find(self, container, "runAsNonRoot is not true");
    if (vcl_json_find_int(context, -1, "runAsUser", NULL) == 0)
        find(self, container, "runAsUser is 0");
    if (!vcl_streq(seccomp, "RuntimeDefault") && !vcl_streq(seccomp, "Localhost"))
        find(self, container, "seccompProfile is not RuntimeDefault");
}

void vcl_pod_security_check(const char *level, const cJSON *spec, vcl_buf *wrong)
{
    static const char *const lists[] = { "initContainers", "containers" };
    bool restricted = vcl_streq(level, "restricted");
    checker self = { .spec = spec, .wrong = wrong };
    const cJSON *container;

    if (!restricted && !vcl_streq(level, "baseline"))
        return;
    check_host(&self);
    check_sysctls(&self);
    check_volumes(&self, restricted);
    check_profiles(&self, vcl_json_get(spec, "securityContext"), NULL);
    if (restricted && vcl_json_find_int(spec, -1, "securityContext", "runAsUser", NULL) == 0)
        find(&self, NULL, "runAsUser is 0");
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        cJSON_ArrayForEach (container, vcl_json_get(spec, lists[i])) {
            check_baseline(&self, container, restricted);
            if (restricted)
                check_restricted(&self, container);
        }
    }
}

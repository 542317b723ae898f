/* SPDX-License-Identifier: Apache-2.0 */
/* The set of keys and certificates; see bundle.h. */
#include "bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "credentials.h"
#include "files.h"
#include "names.h"

/* Whose names a serving certificate has. */
typedef enum leaf_names { NO_NAMES, SERVER_NAMES, ETCD_NAMES } leaf_names;

/* How an entry of the bundle comes about. */
typedef struct entry {
    const char *name;
    bool on_disk; /* a program of the pod reads it */
} entry;

static const entry entries[RT_BUNDLE_SIZE] = {
    { "ca.crt", true },
    { "ca.key", true },
    { "server-ca.crt", true },
    { "server-ca.key", false },
    { "client-ca.crt", true },
    { "client-ca.key", false },
    { "front-proxy-ca.crt", true },
    { "front-proxy-ca.key", false },
    { "etcd-ca.crt", true },
    { "etcd-ca.key", false },
    { "sa.key", true },
    { "sa.pub", true },
    { "apiserver.crt", true },
    { "apiserver.key", true },
    { "apiserver-kubelet-client.crt", true },
    { "apiserver-kubelet-client.key", true },
    { "front-proxy-client.crt", true },
    { "front-proxy-client.key", true },
    { "apiserver-etcd-client.crt", true },
    { "apiserver-etcd-client.key", true },
    { "etcd-server.crt", false },
    { "etcd-server.key", false },
    { "etcd-peer.crt", false },
    { "etcd-peer.key", false },
    { "etcd-healthcheck-client.crt", false },
    { "etcd-healthcheck-client.key", false },
    { "admin.conf", true },
    { "controller-manager.conf", true },
    { "scheduler.conf", false },
};

typedef struct leaf {
    const char *name;
    const char *authority;
    const char *common_name;
    unsigned usages;
    leaf_names names;
} leaf;

static const leaf leaves[] = {
    { "apiserver", "ca", "kube-apiserver", RT_USAGE_SERVER, SERVER_NAMES },
    { "apiserver-kubelet-client", "ca", "kube-apiserver-kubelet-client", RT_USAGE_CLIENT,
      NO_NAMES },
    { "front-proxy-client", "front-proxy-ca", "front-proxy-client", RT_USAGE_CLIENT, NO_NAMES },
    { "apiserver-etcd-client", "etcd-ca", "kube-apiserver-etcd-client", RT_USAGE_CLIENT, NO_NAMES },
    { "etcd-server", "etcd-ca", "etcd-server", RT_USAGE_SERVER | RT_USAGE_CLIENT, ETCD_NAMES },
    { "etcd-peer", "etcd-ca", "etcd-peer", RT_USAGE_SERVER | RT_USAGE_CLIENT, ETCD_NAMES },
    { "etcd-healthcheck-client", "etcd-ca", "kube-etcd-healthcheck-client", RT_USAGE_CLIENT,
      NO_NAMES },
};

typedef struct login {
    const char *name;
    const char *user;
    const char *organization;
} login;

static const login logins[] = {
    { "admin.conf", "kubernetes-super-admin", "system:masters" },
    { "controller-manager.conf", "system:kube-controller-manager", NULL },
    { "scheduler.conf", "system:kube-scheduler", NULL },
};

/* Each authority and its certificate's subject. The copies exist because upstream can have two. */
static const char *const authorities[][2] = { { "ca", "kubernetes" },
                                              { "front-proxy-ca", "front-proxy-ca" },
                                              { "etcd-ca", "etcd-ca" } };
static const char *const copies_of_ca[] = { "server-ca", "client-ca" };

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

void rt_bundle_done(rt_bundle *bundle)
{
    for (size_t i = 0; i < RT_BUNDLE_SIZE; i++)
        vcl_free_secret(bundle->text[i]);
    *bundle = (rt_bundle){ 0 };
}

const char *rt_bundle_name(size_t index)
{
    return entries[index].name;
}

/* The place of NAME and SUFFIX together, which is in the table: the names are constants. */
static char **slot(rt_bundle *bundle, const char *name, const char *suffix)
{
    size_t size = strlen(name);

    for (size_t i = 0; i < RT_BUNDLE_SIZE; i++) {
        if (strncmp(entries[i].name, name, size) == 0 && vcl_streq(entries[i].name + size, suffix))
            return &bundle->text[i];
    }
    abort();
}

const char *rt_bundle_get(const rt_bundle *bundle, const char *name)
{
    for (size_t i = 0; i < RT_BUNDLE_SIZE; i++) {
        if (vcl_streq(entries[i].name, name))
            return bundle->text[i];
    }
    return NULL;
}

/* Put a pair into its two places; the pair is empty afterwards. */
static void put_pair(rt_bundle *bundle, const char *name, rt_pair *pair)
{
    char **certificate = slot(bundle, name, ".crt");
    char **key = slot(bundle, name, ".key");

    vcl_free_secret(*certificate);
    vcl_free_secret(*key);
    *certificate = vcl_steal(&pair->certificate);
    *key = vcl_steal(&pair->key);
}

/* A pair as it lies in the bundle; borrowed. */
static rt_pair borrow_pair(rt_bundle *bundle, const char *name)
{
    return (rt_pair){ .certificate = *slot(bundle, name, ".crt"),
                      .key = *slot(bundle, name, ".key") };
}

static int copy_authority(rt_bundle *bundle, const char *name, vcluster_error **error)
{
    rt_pair ca = borrow_pair(bundle, "ca");
    RT_AUTO_PAIR copy = { .certificate = vcl_strdup(ca.certificate), .key = vcl_strdup(ca.key) };

    if (!copy.certificate || !copy.key)
        return vcl_no_memory(error);
    put_pair(bundle, name, &copy);
    return VCLUSTER_OK;
}

static int make_authorities(rt_bundle *bundle, int64_t now, vcluster_error **error)
{
    for (size_t i = 0; i < COUNT(authorities); i++) {
        RT_AUTO_PAIR pair = { 0 };
        int status = rt_authority_new(authorities[i][1], now, &pair, error);
        if (status < 0)
            return status;
        put_pair(bundle, authorities[i][0], &pair);
    }
    for (size_t i = 0; i < COUNT(copies_of_ca); i++) {
        int status = copy_authority(bundle, copies_of_ca[i], error);
        if (status < 0)
            return status;
    }
    return rt_key_new(slot(bundle, "sa", ".key"), slot(bundle, "sa", ".pub"), error);
}

static int
names_of(leaf_names kind, const rt_settings *settings, cJSON **out_names, vcluster_error **error)
{
    switch (kind) {
    case SERVER_NAMES:
        return rt_server_names(settings, NULL, out_names, error);
    case ETCD_NAMES:
        return rt_etcd_names(settings, out_names, error);
    default:
        return VCLUSTER_OK;
    }
}

static int make_leaf(
    rt_bundle *bundle, const leaf *kind, const cJSON *names, int64_t now, vcluster_error **error)
{
    rt_pair authority = borrow_pair(bundle, kind->authority);
    rt_request request = {
        .common_name = kind->common_name, .usages = kind->usages, .names = names, .now = now
    };
    RT_AUTO_PAIR pair = { 0 };

    int status = rt_certificate_new(&authority, &request, &pair, error);
    if (status < 0)
        return status;
    put_pair(bundle, kind->name, &pair);
    return VCLUSTER_OK;
}

static int make_login(rt_bundle *bundle,
                      const login *kind,
                      const rt_settings *settings,
                      int64_t now,
                      vcluster_error **error)
{
    rt_pair authority = borrow_pair(bundle, "ca");
    rt_request request = { .common_name = kind->user,
                           .organization = kind->organization,
                           .usages = RT_USAGE_CLIENT,
                           .now = now };
    vcl_auto_free char *server = vcl_format("https://127.0.0.1:%d", settings->port);
    RT_AUTO_PAIR pair = { 0 };
    char *text = NULL;

    int status = rt_certificate_new(&authority, &request, &pair, error);
    if (status < 0)
        return status;
    rt_credentials credentials = { .authority = authority.certificate, .client = pair };
    rt_kubeconfig_names names = { .user = kind->user };
    status = server ? rt_kubeconfig_write(&credentials, &names, server, &text, error)
                    : vcl_no_memory(error);
    if (status < 0)
        return status;
    char **place = slot(bundle, kind->name, "");
    vcl_free_secret(*place);
    *place = text;
    return VCLUSTER_OK;
}

static bool login_usable(rt_bundle *bundle, const login *kind, int64_t now)
{
    RT_AUTO_CREDENTIALS credentials = { 0 };
    const char *text = *slot(bundle, kind->name, "");
    rt_pair authority = borrow_pair(bundle, "ca");

    return text && rt_kubeconfig_read(text, &credentials, NULL) == VCLUSTER_OK &&
           vcl_streq(credentials.authority, authority.certificate) &&
           rt_certificate_usable(&credentials.client, authority.certificate, RT_RENEW_DAYS, now);
}

static bool leaf_usable(rt_bundle *bundle, const leaf *kind, int64_t now)
{
    rt_pair pair = borrow_pair(bundle, kind->name);
    rt_pair authority = borrow_pair(bundle, kind->authority);

    return rt_certificate_usable(&pair, authority.certificate, RT_RENEW_DAYS, now);
}

/* What cannot be made again without breaking every client must be there. */
static int check_authorities(rt_bundle *bundle, int64_t now, vcluster_error **error)
{
    for (size_t i = 0; i < COUNT(authorities); i++) {
        rt_pair pair = borrow_pair(bundle, authorities[i][0]);
        if (!rt_certificate_usable(&pair, pair.certificate, 0, now))
            return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                            "%s.crt and %s.key are missing, expired or do not belong together",
                            authorities[i][0], authorities[i][0]);
    }
    if (!*slot(bundle, "sa", ".key") || !*slot(bundle, "sa", ".pub"))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION, "sa.key or sa.pub is missing");
    return VCLUSTER_OK;
}

int rt_bundle_renew(rt_bundle *bundle,
                    const rt_settings *settings,
                    int64_t now,
                    bool *out_changed,
                    vcluster_error **error)
{
    bool changed = false;
    int status = check_authorities(bundle, now, error);

    for (size_t i = 0; status == VCLUSTER_OK && i < COUNT(copies_of_ca); i++) {
        if (!*slot(bundle, copies_of_ca[i], ".crt")) {
            changed = true;
            status = copy_authority(bundle, copies_of_ca[i], error);
        }
    }
    for (size_t i = 0; status == VCLUSTER_OK && i < COUNT(leaves); i++) {
        VCL_AUTO_JSON *names = NULL;
        if (leaf_usable(bundle, &leaves[i], now))
            continue;
        changed = true;
        status = names_of(leaves[i].names, settings, &names, error);
        if (status == VCLUSTER_OK)
            status = make_leaf(bundle, &leaves[i], names, now, error);
    }
    for (size_t i = 0; status == VCLUSTER_OK && i < COUNT(logins); i++) {
        if (login_usable(bundle, &logins[i], now))
            continue;
        changed = true;
        status = make_login(bundle, &logins[i], settings, now, error);
    }
    if (status == VCLUSTER_OK)
        *out_changed = changed;
    return status;
}

int rt_bundle_generate(const rt_settings *settings,
                       int64_t now,
                       rt_bundle *out_bundle,
                       vcluster_error **error)
{
    RT_AUTO_BUNDLE bundle = { 0 };
    bool changed = false;

    int status = make_authorities(&bundle, now, error);
    if (status == VCLUSTER_OK)
        status = rt_bundle_renew(&bundle, settings, now, &changed, error);
    if (status < 0)
        return status;
    *out_bundle = bundle;
    bundle = (rt_bundle){ 0 };
    return VCLUSTER_OK;
}

int rt_bundle_serve(rt_bundle *bundle, const cJSON *names, int64_t now, vcluster_error **error)
{
    return make_leaf(bundle, &leaves[0], names, now, error);
}

int rt_bundle_write(const rt_bundle *bundle, const char *folder, vcluster_error **error)
{
    for (size_t i = 0; i < RT_BUNDLE_SIZE; i++) {
        const char *name = entries[i].name;
        bool is_public = vcl_ends_with(name, ".crt") || vcl_ends_with(name, ".pub");
        if (!entries[i].on_disk || !bundle->text[i])
            continue;
        int status = rt_file_write(folder, name, bundle->text[i], is_public ? 0644 : 0600, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

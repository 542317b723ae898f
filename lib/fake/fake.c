/* SPDX-License-Identifier: Apache-2.0 */
/* A fake host: making and ending it, its connections, its log; see fake.h. */
#include "fake/fake.h"

#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "data/yaml.h"
#include "fake/host.h"

#define SERVER "http://fake.libvcluster.invalid"
#define VERSION "v1.35.4"

/* ---- Connections ---- */

static void conn_free(vcl_fake_conn *conn)
{
    if (!conn)
        return;
    vcl_bell_done(&conn->bell);
    free(conn->cluster);
    free(conn);
}

/* The ends of those that have ended are joined by whoever comes next. */
static void join_ended(vcl_fake *fake, bool all)
{
    vcl_fake_conn **slot = &fake->conns;

    while (*slot) {
        vcl_fake_conn *conn = *slot;
        if (!all && !conn->ended) {
            slot = &conn->next;
            continue;
        }
        *slot = conn->next;
        (void)pthread_join(conn->thread, NULL);
        conn_free(conn);
    }
}

/* All signals are the program's. */
static int start_thread(vcl_fake_conn *conn)
{
    sigset_t every;
    sigset_t before;

    (void)sigfillset(&every);
    (void)pthread_sigmask(SIG_SETMASK, &every, &before);
    int result = pthread_create(&conn->thread, NULL, vcl_fake_conn_main, conn);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

static vcl_fake_conn *conn_new(vcl_fake *fake, const char *cluster)
{
    vcl_fake_conn *conn = calloc(1, sizeof(*conn));

    if (!conn)
        return NULL;
    conn->fake = fake;
    conn->cluster = vcl_strdup(cluster);
    conn->bell = (vcl_bell)VCL_BELL_NONE;
    if (conn->cluster && vcl_bell_init(&conn->bell))
        return conn;
    conn_free(conn);
    return NULL;
}

bool vcl_fake_serve(vcl_fake *fake, const char *cluster, int fd, bool listens)
{
    vcl_fake_conn *conn = conn_new(fake, cluster);

    if (conn) {
        conn->fd = fd;
        conn->listens = listens;
    }
    (void)pthread_mutex_lock(&fake->lock);
    join_ended(fake, false);
    bool started = conn && !fake->ending && start_thread(conn) == 0;
    if (started) {
        conn->next = fake->conns;
        fake->conns = conn;
    }
    (void)pthread_mutex_unlock(&fake->lock);
    if (!started) {
        conn_free(conn);
        (void)close(fd);
    }
    return started;
}

void vcl_fake_ring(const vcl_fake *fake)
{
    for (const vcl_fake_conn *conn = fake->conns; conn; conn = conn->next)
        vcl_bell_ring(&conn->bell);
}

void vcl_fake_cut_watches(vcl_fake *fake, bool forget)
{
    for (const vcl_fake_conn *conn = fake->conns; conn; conn = conn->next) {
        if (conn->watches && !conn->ended)
            (void)shutdown(conn->fd, SHUT_RDWR);
    }
    for (vcl_world *world = fake->worlds; forget && world; world = world->next)
        world->forgotten = world->version;
}

/* ---- The fake ---- */

vcl_world *vcl_fake_world(vcl_fake *fake, const char *name)
{
    vcl_world *world = fake->worlds;

    while (world && !vcl_streq(world->name, name))
        world = world->next;
    return world;
}

/* An address that nobody else has, for one connection, without a file: on Linux the kernel makes up
 * a name for a unix socket; elsewhere it is a port of the loopback interface. */
static int listen_once(struct sockaddr *address, socklen_t *io_size)
{
    const socklen_t room = *io_size;

#ifdef __linux__
    const struct sockaddr any = { .sa_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = sizeof(any.sa_family);
    const struct sockaddr *where = &any;
#else
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t size = sizeof(any);
    const struct sockaddr *where = (const struct sockaddr *)&any;
#endif
    if (fd >= 0 && bind(fd, where, size) == 0 && getsockname(fd, address, io_size) == 0 &&
        *io_size <= room && listen(fd, 1) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static size_t dial(vcl_dialer *dialer, struct sockaddr *address, size_t size)
{
    vcl_fake *fake = (vcl_fake *)dialer;
    socklen_t used = (socklen_t)size;
    int fd = fake->pid == getpid() ? listen_once(address, &used) : -1;

    return fd >= 0 && vcl_fake_serve(fake, "", fd, true) ? used : 0;
}

static void end_connections(vcl_fake *fake)
{
    (void)pthread_mutex_lock(&fake->lock);
    fake->ending = true;
    for (const vcl_fake_conn *conn = fake->conns; conn; conn = conn->next) {
        if (!conn->ended)
            (void)shutdown(conn->fd, SHUT_RDWR);
        vcl_bell_ring(&conn->bell);
    }
    (void)pthread_mutex_unlock(&fake->lock);
    join_ended(fake, true);
}

static void destroy(vcl_dialer *dialer)
{
    vcl_fake *fake = (vcl_fake *)dialer;

    if (fake->pid != getpid())
        return; /* the threads and their lock are the parent's */
    end_connections(fake);
    while (fake->worlds) {
        vcl_world *next = fake->worlds->next;
        vcl_world_free(fake->worlds);
        fake->worlds = next;
    }
    vcl_fake_script_done(&fake->script);
    cJSON_Delete(fake->log);
    (void)pthread_mutex_destroy(&fake->lock);
    free(fake);
}

static vcl_fake *make(const vcl_fake_options *options)
{
    vcl_fake *fake = calloc(1, sizeof(*fake));

    if (!fake)
        return NULL;
    if (pthread_mutex_init(&fake->lock, NULL) != 0) {
        free(fake);
        return NULL;
    }
    fake->dialer = (vcl_dialer){ .dial = dial, .destroy = destroy };
    atomic_init(&fake->dialer.references, 1);
    fake->pid = getpid();
    fake->bare = options->bare;
    fake->hooks = options->hooks;
    fake->log = cJSON_CreateArray();
    fake->worlds = vcl_world_new("", vcl_str_empty(options->version) ? VERSION : options->version);
    if (fake->worlds)
        fake->worlds->created = options->created;
    if (fake->log && fake->worlds && (fake->bare || vcl_fake_furnish(fake, fake->worlds)))
        return fake;
    vcl_dialer_unref(&fake->dialer);
    return NULL;
}

int vcl_fake_new(const vcl_fake_options *options,
                 vcl_endpoint *out_endpoint,
                 vcl_fake **out_fake,
                 vcluster_error **error)
{
    vcl_fake *fake = make(options);

    if (!fake)
        return vcl_no_memory(error);
    int status = vcl_fake_set_faults(fake, options->faults, error);
    if (status == VCLUSTER_OK && options->objects)
        status = vcl_fake_put(fake, options->objects, error);
    vcl_endpoint endpoint = { .server = vcl_strdup(SERVER), .dialer = &fake->dialer };
    if (status == VCLUSTER_OK && !endpoint.server)
        status = vcl_no_memory(error);
    if (status < 0) {
        vcl_endpoint_done(&endpoint);
        return status;
    }
    *out_endpoint = endpoint;
    *out_fake = fake;
    return VCLUSTER_OK;
}

int vcl_fake_set_faults(vcl_fake *fake, const char *script, vcluster_error **error)
{
    vcl_fake_script read = { 0 };
    int status = vcl_fake_script_read(script, &read, error);

    if (status < 0)
        return status;
    (void)pthread_mutex_lock(&fake->lock);
    vcl_fake_script old = fake->script;
    fake->script = read;
    (void)pthread_mutex_unlock(&fake->lock);
    vcl_fake_script_done(&old);
    return VCLUSTER_OK;
}

static int put(vcl_fake *fake, const cJSON *tree, vcluster_error **error)
{
    vcl_auto_free char *path = vcl_fake_path_of(fake->worlds, tree);

    if (!path)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "an object of kind '%s' cannot be put on the fake host: it needs "
                        "apiVersion, kind and a name, and its kind one that is built in or has a "
                        "CustomResourceDefinition in front of it",
                        vcl_str(vcl_json_find_string(tree, "kind", NULL)));
    vcl_fake_object *stored = vcl_world_store(fake->worlds, path, vcl_json_copy(tree));
    if (!stored)
        return vcl_no_memory(error);
    vcl_fake_written(fake, fake->worlds, stored);
    return VCLUSTER_OK;
}

int vcl_fake_put(vcl_fake *fake, const char *manifests, vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    const cJSON *tree;
    int status = vcl_yaml_parse_all(manifests, strlen(manifests), &list, error);

    (void)pthread_mutex_lock(&fake->lock);
    cJSON_ArrayForEach (tree, list) {
        if (status == VCLUSTER_OK)
            status = put(fake, tree, error);
    }
    vcl_fake_ring(fake);
    (void)pthread_mutex_unlock(&fake->lock);
    return status;
}

int vcl_fake_requests(vcl_fake *fake, bool clear, char **out_json, vcluster_error **error)
{
    cJSON *empty = clear ? cJSON_CreateArray() : NULL;

    if (clear && !empty)
        return vcl_no_memory(error);
    (void)pthread_mutex_lock(&fake->lock);
    char *text = vcl_json_print(fake->log);
    if (text && clear) {
        cJSON_Delete(fake->log);
        fake->log = vcl_steal(&empty);
    }
    (void)pthread_mutex_unlock(&fake->lock);
    cJSON_Delete(empty);
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return VCLUSTER_OK;
}

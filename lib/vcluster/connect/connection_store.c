/* SPDX-License-Identifier: Apache-2.0 */
/* The folder in which connections are written down; see connection.h. */
#include "vcluster/connect/connection.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/str.h"
#include "kube/kubeconfig_store.h"
#include "repo/file.h"

enum {
    MAX_RECORD = 64 << 10,
    MAX_ID = 128,
    MAX_CONNECTIONS = 10000,
    LOOK_MS = 20 /* between looks at a lock that somebody holds */
};

int vcl_connection_folder(const char *given, char **out_folder, vcluster_error **error)
{
    bool own = vcl_str_empty(given);
    char *folder =
        own ? vcl_repo_user_path("XDG_STATE_HOME", ".local/state", "libvcluster/connections")
            : vcl_strdup(given);

    if (!folder && own)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "neither $XDG_STATE_HOME nor $HOME is set: name a state directory");
    if (!folder)
        return vcl_no_memory(error);
    *out_folder = folder;
    return VCLUSTER_OK;
}

static int fail_file(vcluster_error **error, int number, const char *what, const char *path)
{
    int code = number == EACCES || number == EPERM ? VCLUSTER_E_PERMISSION : VCLUSTER_E_UNAVAILABLE;

    return number == ENOMEM
               ? vcl_no_memory(error)
               : vcl_fail(error, code, "cannot %s '%s': %s", what, path, strerror(number));
}

int vcl_connection_lock(const char *folder, vcl_call *call, int *out_fd, vcluster_error **error)
{
    vcl_auto_free char *path = vcl_format("%s/lock", folder);

    if (!path)
        return vcl_no_memory(error);
    int number = vcl_make_folders(path);
    if (number)
        return fail_file(error, number, "make", folder);
    vcl_auto_close int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail_file(error, errno, "open", path);
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail_file(error, errno, "lock", path);
        int status = vcl_call_sleep(call, LOOK_MS, error);
        if (status < 0)
            return vcl_wrap(error, status, "wait for another start of a connection ('%s')", path);
    }
    *out_fd = fd;
    fd = -1;
    return VCLUSTER_OK;
}

static bool is_id(const char *text)
{
    size_t size = strlen(text);

    return size > 0 && size <= MAX_ID &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

int vcl_connection_read(const char *folder,
                        const char *id,
                        vcluster_connection **out_connection,
                        vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_connection) connection = NULL;
    vcl_auto_free char *path = vcl_format("%s/%s.json", folder, id);
    vcl_auto_free char *text = NULL;
    size_t size = 0;

    if (!is_id(id))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%s' is no id of a connection", id);
    if (!path)
        return vcl_no_memory(error);
    int number = vcl_repo_read_file(path, MAX_RECORD, &text, &size);
    if (number == ENOENT)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "there is no connection '%s'", id);
    if (number)
        return fail_file(error, number, "read", path);
    int status = vcl_connection_parse(text, size, &connection, error);
    if (status == 0 && !vcl_streq(connection->id, id))
        status = vcl_fail(error, VCLUSTER_E_PROTOCOL, "it describes the connection '%s'",
                          connection->id);
    if (status < 0)
        return vcl_wrap(error, status, "read '%s'", path);
    *out_connection = vcl_steal(&connection);
    return VCLUSTER_OK;
}

int vcl_connection_write(const char *folder,
                         const vcluster_connection *connection,
                         vcluster_error **error)
{
    VCL_AUTO_JSON *tree = vcl_connection_tree(connection);
    vcl_auto_free char *text = tree ? vcl_json_print(tree) : NULL;
    vcl_auto_free char *path = vcl_format("%s/%s.json", folder, connection->id);

    if (!text || !path)
        return vcl_no_memory(error);
    int number = vcl_write_file(path, text, strlen(text), true, NULL);
    return number ? fail_file(error, number, "write", path) : VCLUSTER_OK;
}

static void remove_file(const char *folder, const char *id, const char *ending)
{
    vcl_auto_free char *path = vcl_format("%s/%s%s", folder, id, ending);

    if (path)
        (void)unlink(path);
}

void vcl_connection_forget(const char *folder, const char *id)
{
    remove_file(folder, id, ".log");
    remove_file(folder, id, ".json");
}

/* ---- What nobody knows any more ---- */

/* ID.log without ID.json, ID.json.HEX.tmp: only who holds the lock makes them. */
static bool is_forsaken(int folder, const char *file_name)
{
    size_t size = strcspn(file_name, ".");
    const char *ending = file_name + size;
    vcl_auto_free char *id = vcl_strndup(file_name, size);
    vcl_auto_free char *record = vcl_format("%.*s.json", (int)size, file_name);

    if (!id || !record || !is_id(id))
        return false;
    if (vcl_streq(ending, ".log"))
        return faccessat(folder, record, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
    return vcl_starts_with(ending, ".json.") && vcl_ends_with(ending, ".tmp");
}

void vcl_connection_sweep(const char *folder)
{
    vcl_auto_free char *path = vcl_format("%s/lock", folder);
    vcl_auto_close int lock = path ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;

    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0)
        return;
    DIR *entries = opendir(folder);
    for (struct dirent *entry; entries && (entry = readdir(entries)) != NULL;) {
        if (is_forsaken(dirfd(entries), entry->d_name))
            (void)unlinkat(dirfd(entries), entry->d_name, 0);
    }
    if (entries)
        (void)closedir(entries);
}

/* ---- Listing ---- */

static bool append(vcluster_connection_list *list, vcluster_connection *connection)
{
    vcluster_connection **items =
        realloc(list->items, (list->count + 1) * sizeof(vcluster_connection *));

    if (!items)
        return false;
    list->items = items;
    items[list->count++] = connection;
    return true;
}

/* A file that is not ours, or was removed meanwhile, is passed over. */
static int take(const char *folder,
                const char *file_name,
                vcluster_connection_list *list,
                vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_connection) connection = NULL;
    VCL_AUTO_ERROR *why = NULL;

    if (!vcl_ends_with(file_name, ".json"))
        return VCLUSTER_OK;
    vcl_auto_free char *id = vcl_strndup(file_name, strlen(file_name) - strlen(".json"));
    if (!id)
        return vcl_no_memory(error);
    int status = vcl_connection_read(folder, id, &connection, &why);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    if (status < 0)
        return VCLUSTER_OK;
    if (!vcluster_connection_alive(connection))
        vcl_connection_forget(folder, id);
    else if (!append(list, connection))
        return vcl_no_memory(error);
    else
        connection = NULL;
    return VCLUSTER_OK;
}

static int older_first(const void *left, const void *right)
{
    const vcluster_connection *a = *(vcluster_connection *const *)left;
    const vcluster_connection *b = *(vcluster_connection *const *)right;

    if (a->started != b->started)
        return a->started < b->started ? -1 : 1;
    return strcmp(a->id, b->id);
}

int vcl_connection_list(const char *folder,
                        vcluster_connection_list **out_list,
                        vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_connection_list) list = calloc(1, sizeof(*list));
    int status = VCLUSTER_OK;

    if (!list)
        return vcl_no_memory(error);
    DIR *entries = opendir(folder);
    if (!entries && errno != ENOENT)
        return fail_file(error, errno, "read", folder);
    for (struct dirent *entry; entries && status == 0 && (entry = readdir(entries)) != NULL;) {
        if (list->count == MAX_CONNECTIONS)
            status = vcl_fail(error, VCLUSTER_E_UNSUPPORTED, "'%s' has more than %d connections",
                              folder, MAX_CONNECTIONS);
        else
            status = take(folder, entry->d_name, list, error);
    }
    if (entries)
        (void)closedir(entries);
    if (status < 0)
        return status;
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(vcluster_connection *), older_first);
    *out_list = vcl_steal(&list);
    return VCLUSTER_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which files make up the user's kubeconfig, for whoever writes one; see kubeconfig_store.h. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "kube/kubeconfig.h"
#include "kube/kubeconfig_store.h"

enum { MAX_PATHS = 100, MAX_LINKS = 40, MAX_LINK_SIZE = 4096 };

void vcl_config_paths_done(vcl_config_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->paths[i]);
    free(paths->paths);
    *paths = (vcl_config_paths){ 0 };
}

/* Add a path unless it is there already. Owns it. */
static int add_path(vcl_config_paths *paths, char *path, vcluster_error **error)
{
    if (!path)
        return vcl_no_memory(error);
    for (size_t i = 0; i < paths->count; i++) {
        if (vcl_streq(paths->paths[i], path)) {
            free(path);
            return VCLUSTER_OK;
        }
    }
    char **grown = paths->count < MAX_PATHS
                       ? realloc(paths->paths, (paths->count + 1) * sizeof(*grown))
                       : NULL;
    if (!grown) {
        free(path);
        return paths->count < MAX_PATHS
                   ? vcl_no_memory(error)
                   : vcl_fail(error, VCLUSTER_E_CONFIG, "$KUBECONFIG names more than %d files",
                              MAX_PATHS);
    }
    paths->paths = grown;
    grown[paths->count++] = path;
    return VCLUSTER_OK;
}

static int add_list(vcl_config_paths *paths, const char *list, vcluster_error **error)
{
    int status = VCLUSTER_OK;

    for (const char *at = list; *at && status == VCLUSTER_OK;) {
        size_t size = strcspn(at, ":");
        if (size > 0)
            status = add_path(paths, vcl_strndup(at, size), error);
        at += size + (at[size] == ':');
    }
    return status;
}

static void choose_target(vcl_config_paths *paths)
{
    struct stat info;

    paths->target = paths->count - 1;
    for (size_t i = paths->count; i-- > 0;) {
        if (stat(paths->paths[i], &info) == 0)
            paths->target = i;
    }
}

static int find(vcl_config_paths *paths, const char *path, vcluster_error **error)
{
    const char *list = secure_getenv("KUBECONFIG");
    const char *home = secure_getenv("HOME");

    if (path)
        return add_path(paths, vcl_strdup(path), error);
    if (!vcl_str_empty(list)) {
        int status = add_list(paths, list, error);
        if (status < 0 || paths->count > 0)
            return status;
        return vcl_fail(error, VCLUSTER_E_CONFIG, "$KUBECONFIG names no file");
    }
    if (vcl_str_empty(home))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "neither $KUBECONFIG nor $HOME is set: name a file");
    return add_path(paths, vcl_format("%s/.kube/config", home), error);
}

int vcl_config_paths_find(vcl_config_paths *paths, const char *path, vcluster_error **error)
{
    *paths = (vcl_config_paths){ 0 };
    int status = find(paths, path, error);
    if (status < 0)
        vcl_config_paths_done(paths);
    else
        choose_target(paths);
    return status;
}

/* The paths, each from the root on, joined as in $KUBECONFIG. */
static char *join_absolute(const vcl_config_paths *paths)
{
    vcl_auto_free char *folder = getcwd(NULL, 0);
    vcl_auto_free char *list = vcl_strdup("");

    for (size_t i = 0; folder && list && i < paths->count; i++) {
        const char *path = paths->paths[i];
        bool absolute = *path == '/';
        char *longer = vcl_format("%s%s%s%s%s", list, i > 0 ? ":" : "", absolute ? "" : folder,
                                  absolute ? "" : "/", path);
        free(list);
        list = longer;
    }
    return folder ? vcl_steal(&list) : NULL;
}

char *vcl_kubeconfig_list(const char *path)
{
    vcl_config_paths paths;

    if (vcl_config_paths_find(&paths, path, NULL) < 0)
        return vcl_strdup("/dev/null");
    char *list = join_absolute(&paths);
    vcl_config_paths_done(&paths);
    return list;
}

/* The path that a link leads to, seen from where the link is. */
static char *follow(const char *path, const char *target)
{
    const char *slash = strrchr(path, '/');

    if (*target == '/' || !slash)
        return vcl_strdup(target);
    return vcl_format("%.*s/%s", (int)(slash - path), path, target);
}

char *vcl_real_path(const char *path)
{
    vcl_auto_free char *real = vcl_strdup(path);
    char target[MAX_LINK_SIZE];

    for (int i = 0; real && i < MAX_LINKS; i++) {
        ssize_t size = readlink(real, target, sizeof(target) - 1);
        if (size < 0)
            return vcl_steal(&real);
        target[size] = '\0';
        char *next = follow(real, target);
        free(real);
        real = next;
    }
    errno = real ? ELOOP : ENOMEM;
    return NULL;
}

int vcl_make_folders(const char *path)
{
    vcl_auto_free char *folder = vcl_strdup(path);

    if (!folder)
        return ENOMEM;
    for (char *slash = strchr(folder + 1, '/'); *folder && slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
            int number = errno;
            struct stat info;
            if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))
                return number;
        }
        *slash = '/';
    }
    return 0;
}

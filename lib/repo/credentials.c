/* SPDX-License-Identifier: Apache-2.0 */
/* Docker's config.json; see credentials.h. */
#include "repo/credentials.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/encoding.h"
#include "repo/file.h"

void vcl_credentials_done(vcl_credentials *credentials)
{
    vcl_free_secret(credentials->username);
    vcl_free_secret(credentials->password);
    vcl_free_secret(credentials->identity_token);
    vcl_free_secret(credentials->registry_token);
    free(credentials->helper);
    *credentials = (vcl_credentials){ 0 };
}

static bool is_docker_hub(const char *host, size_t size)
{
    static const char *const names[] = { "docker.io", "index.docker.io", "registry-1.docker.io" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == size && strncasecmp(names[i], host, size) == 0)
            return true;
    }
    return false;
}

/* Keys are hosts, or old forms such as "https://index.docker.io/v1/". */
static bool is_key_of(const char *key, const char *host)
{
    const char *scheme = strstr(key, "://");
    const char *name = scheme ? scheme + 3 : key;
    size_t size = strcspn(name, "/");

    if (is_docker_hub(host, strlen(host)))
        return is_docker_hub(name, size);
    return strlen(host) == size && strncasecmp(name, host, size) == 0;
}

static const cJSON *find_key(const cJSON *object, const char *host)
{
    const cJSON *item = NULL;

    if (!cJSON_IsObject(object))
        return NULL;
    cJSON_ArrayForEach (item, object) {
        if (is_key_of(item->string, host))
            return item;
    }
    return NULL;
}

static bool copy_text(char **slot, const cJSON *entry, const char *key)
{
    const char *text = vcl_json_find_string(entry, key, NULL);

    if (vcl_str_empty(text))
        return true;
    *slot = vcl_strdup(text);
    return *slot != NULL;
}

/* "auth" is base64 of "name:password". */
static int
read_pair(const char *encoded, const char *host, vcl_credentials *out, vcluster_error **error)
{
    char *pair = NULL;
    size_t size = 0;
    int status = vcl_base64_decode(encoded, &pair, &size, NULL);
    char *colon = status == VCLUSTER_OK ? strchr(pair, ':') : NULL;

    if (colon) {
        *colon = '\0';
        out->username = vcl_strdup(pair);
        out->password = vcl_strdup(colon + 1);
    }
    vcl_free_secret(pair);
    if (status == VCLUSTER_E_NO_MEMORY || (colon && (!out->username || !out->password)))
        return vcl_no_memory(error);
    if (!colon)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "'auth' of '%s' is not base64 of NAME:PASSWORD",
                        host);
    return VCLUSTER_OK;
}

static int
read_entry(const cJSON *entry, const char *host, vcl_credentials *out, vcluster_error **error)
{
    const char *encoded = vcl_json_find_string(entry, "auth", NULL);

    if (!copy_text(&out->username, entry, "username") ||
        !copy_text(&out->password, entry, "password") ||
        !copy_text(&out->identity_token, entry, "identitytoken") ||
        !copy_text(&out->registry_token, entry, "registrytoken"))
        return vcl_no_memory(error);
    if (vcl_str_empty(encoded))
        return VCLUSTER_OK;
    vcl_free_secret(vcl_steal(&out->username));
    vcl_free_secret(vcl_steal(&out->password));
    return read_pair(encoded, host, out, error);
}

static bool is_empty(const vcl_credentials *credentials)
{
    return !credentials->username && !credentials->identity_token && !credentials->registry_token;
}

int vcl_credentials_read(const cJSON *config,
                         const char *host,
                         vcl_credentials *out_credentials,
                         vcluster_error **error)
{
    vcl_credentials found = { 0 };
    const cJSON *entry = find_key(vcl_json_get(config, "auths"), host);
    const cJSON *helper = find_key(vcl_json_get(config, "credHelpers"), host);
    const char *name = helper && cJSON_IsString(helper)
                           ? helper->valuestring
                           : vcl_json_find_string(config, "credsStore", NULL);

    int status = entry ? read_entry(entry, host, &found, error) : VCLUSTER_OK;
    if (status == VCLUSTER_OK && is_empty(&found) && !vcl_str_empty(name)) {
        found.helper = vcl_strdup(name);
        if (!found.helper)
            status = vcl_no_memory(error);
    }
    if (status < 0) {
        vcl_credentials_done(&found);
        return status;
    }
    *out_credentials = found;
    return VCLUSTER_OK;
}

static int read_text(const char *path,
                     const char *text,
                     size_t size,
                     const char *host,
                     vcl_credentials *out,
                     vcluster_error **error)
{
    cJSON *tree = NULL;
    VCL_AUTO_ERROR *inner = NULL; /* may repeat a part of the file */

    if (size == 0) /* as helm makes it */
        return VCLUSTER_OK;
    int status = vcl_json_parse(text, size, &tree, &inner);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    if (status < 0 || !cJSON_IsObject(tree)) {
        vcl_json_free_secret(tree);
        return vcl_fail(error, VCLUSTER_E_CONFIG, "'%s' is not a JSON object as docker writes it",
                        path);
    }
    status = vcl_credentials_read(tree, host, out, error);
    vcl_json_free_secret(tree);
    return status < 0 ? vcl_wrap(error, status, "read '%s'", path) : status;
}

static int read_file(const char *path,
                     bool must_exist,
                     const char *host,
                     vcl_credentials *out,
                     vcluster_error **error)
{
    char *text = NULL;
    size_t size = 0;
    int number = vcl_repo_read_file(path, VCL_MAX_DOCUMENT, &text, &size);

    if (number == ENOMEM)
        return vcl_no_memory(error);
    if (number && !must_exist && (number == ENOENT || number == ENOTDIR || number == EACCES))
        return VCLUSTER_OK;
    if (number)
        return vcl_fail(error, must_exist ? VCLUSTER_E_INVALID_ARGUMENT : VCLUSTER_E_CONFIG,
                        "cannot read the credentials of registries in '%s': %s", path,
                        vcl_repo_file_reason(number));
    int status = read_text(path, text, size, host, out, error);
    vcl_free_secret(text);
    return status;
}

/* Go on to the next file while none has credentials; a helper counts when nothing else is there. */
static int try_file(char *path, const char *host, vcl_credentials *found, vcluster_error **error)
{
    vcl_auto_free char *owned = path;
    vcl_credentials here = { 0 };

    if (!owned || !is_empty(found))
        return VCLUSTER_OK;
    int status = read_file(owned, false, host, &here, error);
    if (status < 0)
        return status;
    if (!is_empty(&here) || (here.helper && !found->helper)) {
        vcl_credentials_done(found);
        *found = here;
    } else {
        vcl_credentials_done(&here);
    }
    return VCLUSTER_OK;
}

int vcl_credentials_find(const char *config_file,
                         const char *host,
                         vcl_credentials *out_credentials,
                         vcluster_error **error)
{
    const char *named = secure_getenv("HELM_REGISTRY_CONFIG");
    vcl_credentials found = { 0 };

    if (!vcl_str_empty(config_file))
        return read_file(config_file, true, host, out_credentials, error);
    int status =
        vcl_str_empty(named) ? VCLUSTER_OK : try_file(vcl_strdup(named), host, &found, error);
    if (status == VCLUSTER_OK)
        status =
            try_file(vcl_repo_user_path("XDG_CONFIG_HOME", ".config", "helm/registry/config.json"),
                     host, &found, error);
    if (status == VCLUSTER_OK)
        status = try_file(vcl_repo_user_path("", ".docker", "config.json"), host, &found, error);
    if (status < 0) {
        vcl_credentials_done(&found);
        return status;
    }
    *out_credentials = found;
    return VCLUSTER_OK;
}

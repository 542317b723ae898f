/* SPDX-License-Identifier: Apache-2.0 */
/* The values document; see config.h. */
#include "vcluster/config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/values.h"
#include "data/yaml.h"

void vcluster_config_free(vcluster_config *config)
{
    if (!config)
        return;
    vcl_json_free_secret(config->values); /* values hold data source passwords */
    free(config);
}

/* Takes values over, also on failure. */
static int wrap(cJSON *values, vcluster_config **out_config, vcluster_error **error)
{
    vcluster_config *config = values ? calloc(1, sizeof(*config)) : NULL;

    if (!config) {
        vcl_json_free_secret(values);
        return vcl_no_memory(error);
    }
    config->values = values;
    *out_config = config;
    return VCLUSTER_OK;
}

int vcluster_config_new(vcluster_config **out_config, vcluster_error **error)
{
    if (!out_config)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "out_config is NULL");
    return wrap(cJSON_CreateObject(), out_config, error);
}

static int
parse(const char *text, size_t size, vcluster_config **out_config, vcluster_error **error)
{
    cJSON *tree = NULL;

    int status = vcl_yaml_parse_loose(text, size, &tree, error);
    if (status < 0)
        return status;
    if (cJSON_IsNull(tree)) {
        cJSON_Delete(tree);
        tree = cJSON_CreateObject();
    } else if (!cJSON_IsObject(tree)) {
        vcl_json_free_secret(tree);
        status = vcl_fail(error, VCLUSTER_E_CONFIG,
                          "the values are not a map of keys to values, but a list or a scalar");
        vcl_error_add_finding(error, "", 1, "values-map", VCLUSTER_SEVERITY_ERROR,
                              "the document is not a map", "begin with a key such as 'sync:'");
        return status;
    }
    return wrap(tree, out_config, error);
}

int vcluster_config_parse(const char *text, vcluster_config **out_config, vcluster_error **error)
{
    if (!text || !out_config)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "text or out_config is NULL");

    int status = parse(text, strlen(text), out_config, error);
    return status < 0 ? vcl_wrap(error, status, "read values") : status;
}

static int read_file(const char *path, vcl_buf *text, vcluster_error **error)
{
    vcl_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    char chunk[4096];

    if (fd < 0)
        return vcl_fail(error, errno == ENOENT ? VCLUSTER_E_NOT_FOUND : VCLUSTER_E_CONFIG,
                        "cannot open it: %s", strerror(errno));
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return vcl_fail(error, VCLUSTER_E_CONFIG, "cannot read it: %s", strerror(errno));
        if (got == 0)
            return VCLUSTER_OK;
        if (!vcl_buf_append(text, chunk, (size_t)got))
            return text->state == VCL_BUF_NO_MEMORY
                       ? vcl_no_memory(error)
                       : vcl_fail(error, VCLUSTER_E_CONFIG, "it is larger than %d MiB",
                                  VCL_MAX_DOCUMENT >> 20);
    }
}

int vcluster_config_load(const char *path, vcluster_config **out_config, vcluster_error **error)
{
    VCL_AUTO_BUF text = { 0 };

    if (!path || !out_config)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "path or out_config is NULL");

    vcl_buf_init(&text, VCL_MAX_DOCUMENT);
    int status = read_file(path, &text, error);
    if (status == 0)
        status = parse(vcl_buf_text(&text), text.size, out_config, error);
    return status < 0 ? vcl_wrap(error, status, "read values file '%s'", path) : status;
}

int vcluster_config_merge(vcluster_config *config,
                          const vcluster_config *other,
                          vcluster_error **error)
{
    if (!config || !other)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "config is NULL");
    return vcl_values_merge(config->values, other->values, error);
}

static int set(vcluster_config *config,
               const char *path,
               const char *value,
               vcl_set_mode mode,
               vcluster_error **error)
{
    if (!config || !path || !value)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "config, path or value is NULL");

    int status = vcl_values_set(config->values, path, value, mode, error);
    return status < 0 ? vcl_wrap(error, status, "set '%s'", path) : status;
}

int vcluster_config_set(vcluster_config *config,
                        const char *path,
                        const char *value,
                        vcluster_error **error)
{
    return set(config, path, value, VCL_SET_TYPED, error);
}

int vcluster_config_set_string(vcluster_config *config,
                               const char *path,
                               const char *value,
                               vcluster_error **error)
{
    return set(config, path, value, VCL_SET_STRING, error);
}

/* The expression may hold a secret: the error names the path at most, never the whole. */
static int set_expression(vcluster_config *config,
                          const char *expression,
                          vcl_set_mode mode,
                          vcluster_error **error)
{
    if (!config || !expression)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "config or expression is NULL");
    return vcl_values_set_expression(config->values, expression, mode, error);
}

int vcluster_config_set_expression(vcluster_config *config,
                                   const char *expression,
                                   vcluster_error **error)
{
    return set_expression(config, expression, VCL_SET_TYPED, error);
}

int vcluster_config_set_string_expression(vcluster_config *config,
                                          const char *expression,
                                          vcluster_error **error)
{
    return set_expression(config, expression, VCL_SET_STRING, error);
}

int vcluster_config_set_json(vcluster_config *config,
                             const char *expression,
                             vcluster_error **error)
{
    return set_expression(config, expression, VCL_SET_JSON, error);
}

int vcluster_config_set_literal(vcluster_config *config,
                                const char *expression,
                                vcluster_error **error)
{
    return set_expression(config, expression, VCL_SET_LITERAL, error);
}

int vcluster_config_set_file(vcluster_config *config,
                             const char *expression,
                             vcluster_error **error)
{
    return set_expression(config, expression, VCL_SET_FILE, error);
}

int vcluster_config_get(const vcluster_config *config,
                        const char *path,
                        char **out_json,
                        vcluster_error **error)
{
    const cJSON *node = NULL;

    if (!config || !path || !out_json)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "config, path or out_json is NULL");
    int status = vcl_values_get(config->values, path, &node, error);
    if (status < 0)
        return status;
    if (!node)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "no value at '%s'", path);

    char *json = vcl_json_print(node);
    if (!json)
        return vcl_no_memory(error);
    *out_json = json;
    return VCLUSTER_OK;
}

int vcluster_config_to_yaml(const vcluster_config *config, char **out_yaml, vcluster_error **error)
{
    if (!config || !out_yaml)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "config or out_yaml is NULL");

    vcl_auto_free char *yaml = NULL;
    int status = vcl_yaml_print(config->values, &yaml, error);
    if (status < 0)
        return status;
    char *text = vcl_format("%s\n", yaml);
    if (!text)
        return vcl_no_memory(error);
    *out_yaml = text;
    return VCLUSTER_OK;
}

int vcl_config_values(const vcluster_config *config, cJSON **out_values, vcluster_error **error)
{
    cJSON *values = config ? vcl_json_copy(config->values) : cJSON_CreateObject();

    if (!values)
        return vcl_no_memory(error);
    *out_values = values;
    return VCLUSTER_OK;
}

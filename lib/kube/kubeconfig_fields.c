/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of a kubeconfig entry: strings, paths, and data that stands inline or in a file. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/encoding.h"
#include "kube/kubeconfig_files.h"

/* A certificate bundle, a key or a token; the bundle of a whole system is about 250 KiB. */
enum { MAX_DATA = 1 << 20 };

int vcl_config_fail(const vcl_config_entry *entry,
                    const char *field,
                    vcluster_error **error,
                    const char *format,
                    ...)
{
    va_list arguments;

    va_start(arguments, format);
    vcl_auto_free char *what = vcl_vformat(format, arguments);
    va_end(arguments);
    vcl_auto_free char *place =
        vcl_format("%s[%s].%s%s", entry->list, entry->name, vcl_str(entry->below), field);
    if (!what || !place)
        return vcl_no_memory(error);
    int status = vcl_fail(error, VCLUSTER_E_CONFIG, "kubeconfig '%s': %s %s",
                          vcl_config_file_name(entry->file), place, what);
    vcl_error_set_field(error, place);
    return status;
}

int vcl_config_string(const vcl_config_entry *entry,
                      const char *field,
                      const char **out_text,
                      vcluster_error **error)
{
    const cJSON *node = vcl_json_get(entry->body, field);

    *out_text = NULL;
    if (!node || cJSON_IsNull(node))
        return VCLUSTER_OK;
    if (!cJSON_IsString(node))
        return vcl_config_fail(entry, field, error, "is not a string: put it in quotes");
    *out_text = *node->valuestring ? node->valuestring : NULL;
    return VCLUSTER_OK;
}

int vcl_config_bool(const vcl_config_entry *entry,
                    const char *field,
                    bool *out_value,
                    vcluster_error **error)
{
    const cJSON *node = vcl_json_get(entry->body, field);

    *out_value = false;
    if (!node || cJSON_IsNull(node))
        return VCLUSTER_OK;
    if (!cJSON_IsBool(node))
        return vcl_config_fail(entry, field, error, "is neither true nor false");
    *out_value = cJSON_IsTrue(node);
    return VCLUSTER_OK;
}

/* path below the folder of the kubeconfig, absolute. */
static char *resolve(const char *config_path, const char *path)
{
    const char *slash = strrchr(config_path, '/');
    int folder_size = slash ? (int)(slash - config_path) : 0;

    if (*path == '/')
        return vcl_strdup(path);
    if (*config_path == '/')
        return vcl_format("%.*s/%s", folder_size, config_path, path);

    vcl_auto_free char *here = getcwd(NULL, 0);
    if (!here)
        return NULL;
    return vcl_format("%s/%.*s%s%s", here, folder_size, config_path, folder_size ? "/" : "", path);
}

char *vcl_config_absolute(const vcl_config_entry *entry, const char *path)
{
    return resolve(vcl_str(entry->file->path), path);
}

int vcl_config_path(const vcl_config_entry *entry,
                    const char *field,
                    char **out_path,
                    vcluster_error **error)
{
    const char *text = NULL;
    int status = vcl_config_string(entry, field, &text, error);

    if (status < 0 || !text)
        return status;
    if (!entry->file->file_references)
        return vcl_config_fail(entry, field, error,
                               "names a file, which a kubeconfig given as text may not: use the "
                               "'-data' or 'token' field, or allow file references");
    char *path = vcl_config_absolute(entry, text);
    if (!path)
        return vcl_no_memory(error);
    *out_path = path;
    return VCLUSTER_OK;
}

/* Decode base64 into text; a NUL in it would cut it. */
static int decode(const vcl_config_entry *entry,
                  const char *field,
                  const char *base64,
                  char **out_text,
                  vcluster_error **error)
{
    char *text = NULL;
    size_t size = 0;
    VCL_AUTO_ERROR *failure = NULL;
    int status = vcl_base64_decode(base64, &text, &size, &failure);

    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    if (status == VCLUSTER_OK && strlen(text) == size && size > 0) {
        *out_text = text;
        return VCLUSTER_OK;
    }
    if (text)
        vcl_wipe(text, size);
    free(text);
    return vcl_config_fail(entry, field, error, "is not text in base64");
}

static int read_data_file(const vcl_config_entry *entry,
                          const char *field,
                          const char *path,
                          char **out_text,
                          vcluster_error **error)
{
    size_t size = 0;
    int number = vcl_read_file(path, MAX_DATA, out_text, &size);

    if (number == ENOMEM)
        return vcl_no_memory(error);
    if (number)
        return vcl_config_fail(entry, field, error, "names '%s', which cannot be read: %s", path,
                               vcl_read_file_reason(number));
    return VCLUSTER_OK;
}

int vcl_config_data(const vcl_config_entry *entry,
                    const char *field,
                    char **out_text,
                    vcluster_error **error)
{
    const char *base64 = NULL;
    vcl_auto_free char *path = NULL;
    vcl_auto_free char *data_field = vcl_format("%s-data", field);

    if (!data_field)
        return vcl_no_memory(error);
    int status = vcl_config_string(entry, data_field, &base64, error);
    if (status == VCLUSTER_OK)
        status = vcl_config_path(entry, field, &path, error);
    if (status < 0)
        return status;
    if (base64 && path)
        return vcl_config_fail(entry, field, error, "is given as file and as '-data': keep one");
    if (base64)
        return decode(entry, data_field, base64, out_text, error);
    return path ? read_data_file(entry, field, path, out_text, error) : VCLUSTER_OK;
}

/* Read to the end. Returns an errno. */
static int read_all(int fd, vcl_buf *buf)
{
    char piece[8192];
    int number = 0;

    for (;;) {
        ssize_t got = read(fd, piece, sizeof(piece));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            number = errno;
        if (got <= 0)
            break;
        if (!vcl_buf_append(buf, piece, (size_t)got)) {
            number = buf->state == VCL_BUF_TOO_LARGE ? EFBIG : ENOMEM;
            break;
        }
    }
    vcl_wipe(piece, sizeof(piece));
    return number;
}

int vcl_read_file(const char *path, size_t max, char **out_text, size_t *out_size)
{
    struct stat info;
    VCL_AUTO_BUF buf = { 0 };
    vcl_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    vcl_buf_init(&buf, max);
    if (fd < 0 || fstat(fd, &info) != 0)
        return errno;
    if (S_ISDIR(info.st_mode))
        return EISDIR;

    int number = read_all(fd, &buf);
    if (number)
        return number;
    size_t size = buf.size;
    if (size > 0 && memchr(buf.data, '\0', size))
        return EILSEQ;
    char *text = vcl_buf_steal(&buf);
    if (!text)
        return ENOMEM;
    *out_text = text;
    *out_size = size;
    return 0;
}

const char *vcl_read_file_reason(int number)
{
    const char *text = NULL;

    if (number == EFBIG)
        return "it is too large";
    if (number == EILSEQ)
        return "it holds binary data";
    text = strerrordesc_np(number);
    return text ? text : "unknown error";
}

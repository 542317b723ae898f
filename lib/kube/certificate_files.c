/* SPDX-License-Identifier: Apache-2.0 */
/* A client certificate in files; see certificate_files.h. */
#include "kube/certificate_files.h"

#include <errno.h>

#include "base/str.h"
#include "kube/certificate.h"
#include "kube/kubeconfig_files.h"

enum { MAX_FILE = 1 << 20 };

typedef struct certificate_files {
    vcl_login_source source; /* first: it is what others hold */
    char *certificate_path;
    char *key_path;
} certificate_files;

static void destroy(vcl_login_source *source)
{
    certificate_files *files = (certificate_files *)source;

    free(files->certificate_path);
    free(files->key_path);
    free(files);
}

static int read_pem(const char *path, char **out_pem, vcluster_error **error)
{
    size_t size = 0;
    int number = vcl_read_file(path, MAX_FILE, out_pem, &size);

    if (number == ENOMEM)
        return vcl_no_memory(error);
    if (number)
        return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED, "'%s' cannot be read: %s", path,
                        vcl_read_file_reason(number));
    return VCLUSTER_OK;
}

static int
fetch(const vcl_login_source *source, vcl_call *call, vcl_login *login, vcluster_error **error)
{
    const certificate_files *files = (const certificate_files *)source;
    int64_t not_after = 0;
    int status = read_pem(files->certificate_path, &login->client_cert_pem, error);

    (void)call;
    if (status == VCLUSTER_OK)
        status = read_pem(files->key_path, &login->client_key_pem, error);
    if (status < 0)
        return status;
    if (vcl_certificate_key(login->client_cert_pem, login->client_key_pem, &not_after) !=
        VCL_KEY_MATCHES)
        return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED, "'%s' is not the key of '%s'",
                        files->key_path, files->certificate_path);
    return VCLUSTER_OK;
}

int vcl_certificate_files_new(const char *certificate_path,
                              const char *key_path,
                              vcl_login_source **out_source,
                              vcluster_error **error)
{
    certificate_files *files = calloc(1, sizeof(*files));

    if (!files)
        return vcl_no_memory(error);
    atomic_init(&files->source.references, 1);
    files->source.reread_ms = VCL_CERTIFICATE_AGE_MS;
    files->source.fetch = fetch;
    files->source.destroy = destroy;
    files->certificate_path = vcl_strdup(certificate_path);
    files->key_path = vcl_strdup(key_path);
    if (!files->certificate_path || !files->key_path) {
        vcl_login_source_unref(&files->source);
        return vcl_no_memory(error);
    }
    *out_source = &files->source;
    return VCLUSTER_OK;
}

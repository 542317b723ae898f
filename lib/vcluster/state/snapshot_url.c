/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of upstream's snapshots; see the header. */
#include "vcluster/state/snapshot_url.h"

#include <string.h>

#include "base/str.h"
#include "data/encoding.h"

enum { MAX_URL = 32 * 1024 };

typedef enum form { TEXT, ENCODED, SWITCH } form;

/* Parameters, each with the form it has in a URL: as it is, in base64, true or false. */
typedef struct parameter {
    const char *name;
    form form;
} parameter;

static const parameter s3_parameters[] = {
    { "skip-client-credentials", SWITCH },
    { "access-key-id", ENCODED },
    { "secret-access-key", ENCODED },
    { "session-token", ENCODED },
    { "region", TEXT },
    { "profile", TEXT },
    { "url", ENCODED },
    { "public-url", ENCODED },
    { "kms-key-id", ENCODED },
    { "tagging", ENCODED },
    { "force-path-style", SWITCH },
    { "insecure-skip-tls-verify", SWITCH },
    { "custom-key-encryption-file", ENCODED },
    { "credentials-file", ENCODED },
    { "server-side-encryption", ENCODED },
    { "ca-cert", ENCODED },
    { "checksum-algorithm", TEXT },
    { NULL, TEXT },
};

static const parameter oci_parameters[] = {
    { "username", TEXT },
    { "password", ENCODED },
    { "skip-client-credentials", SWITCH },
    { NULL, TEXT },
};

void vcl_snapshot_place_done(vcl_snapshot_place *place)
{
    free(place->url);
    vcl_json_free_secret(place->settings);
    *place = (vcl_snapshot_place){ .url = NULL };
}

static int digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

    return found ? (int)(found - digits) : -1;
}

/* Undo percent encoding; in a query '+' is a blank. NULL for what is none, or a NUL. */
static char *decode(const char *text, size_t size, bool query)
{
    char *out = malloc(size + 1);
    size_t end = 0;

    for (size_t i = 0; out && i < size; i++) {
        char c = text[i] == '+' && query ? ' ' : text[i];
        if (c == '%') {
            bool whole = i + 2 < size;
            int high = whole ? digit(text[i + 1]) : -1;
            int low = whole ? digit(text[i + 2]) : -1;
            c = high >= 0 && low >= 0 ? (char)(high * 16 + low) : '\0';
            i += 2;
        }
        if (!c) {
            vcl_wipe(out, end);
            free(out);
            return NULL;
        }
        out[end++] = c;
    }
    if (out)
        out[end] = '\0';
    return out;
}

static int not_a_url(vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                    "it is no place for a snapshot: write container:///data/NAME.tar.gz, "
                    "s3://BUCKET/KEY or oci://REGISTRY/REPOSITORY");
}

/* Base64, as blanks may have taken the place of '+'. */
static char *decode_base64(char *text)
{
    char *bytes = NULL;
    size_t size = 0;

    for (char *at = text; *at; at++)
        *at = *at == ' ' ? '+' : *at;
    if (vcl_base64_decode(text, &bytes, &size, NULL) < 0)
        return NULL;
    if (memchr(bytes, '\0', size)) {
        vcl_free_secret(bytes);
        return NULL;
    }
    return bytes;
}

static int set(cJSON *settings, const parameter *known, char *value, vcluster_error **error)
{
    bool on = vcl_streq(value, "true") || vcl_streq(value, "1");

    if (known->form == TEXT)
        return vcl_json_set_string(settings, known->name, value) ? VCLUSTER_OK
                                                                 : vcl_no_memory(error);
    if (known->form == SWITCH) {
        if (!on && !vcl_streq(value, "false") && !vcl_streq(value, "0"))
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                            "parameter '%s' is neither true nor false", known->name);
        return vcl_json_set(settings, known->name, cJSON_CreateBool(on)) ? VCLUSTER_OK
                                                                         : vcl_no_memory(error);
    }
    char *plain = decode_base64(value);
    if (!plain)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the value of parameter '%s' is not base64, which it has to be",
                        known->name);
    bool done = vcl_json_set_string(settings, known->name, plain);
    vcl_free_secret(plain);
    return done ? VCLUSTER_OK : vcl_no_memory(error);
}

static const parameter *find(const parameter *known, const char *name)
{
    while (known->name && !vcl_streq(known->name, name))
        known++;
    return known->name ? known : NULL;
}

/* "NAME=VALUE"; of several with one name the first counts, as upstream has it. */
static int take_parameter(
    cJSON *settings, const parameter *known, const char *text, size_t size, vcluster_error **error)
{
    const char *equals = memchr(text, '=', size);
    size_t name_size = equals ? (size_t)(equals - text) : size;
    vcl_auto_free char *name = decode(text, name_size, true);
    char *value = decode(equals ? equals + 1 : "", equals ? size - name_size - 1 : 0, true);
    const parameter *found = name ? find(known, name) : NULL;
    int status = VCLUSTER_OK;

    if (!name || !value)
        status = not_a_url(error);
    else if (!found)
        status =
            vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "it has an unknown parameter '%s'", name);
    else if (!vcl_json_get(settings, name))
        status = set(settings, found, value, error);
    vcl_free_secret(value);
    return status;
}

static int
take_query(cJSON *settings, const parameter *known, const char *query, vcluster_error **error)
{
    int status = VCLUSTER_OK;

    while (query && *query && status == VCLUSTER_OK) {
        size_t size = strcspn(query, "&");
        if (size > 0)
            status = take_parameter(settings, known, query, size, error);
        query += size;
        query += *query == '&';
    }
    return status;
}

/* The parts of a URL behind "scheme://"; borrowed. */
typedef struct parts {
    const char *user; /* with its password; user_size 0: none */
    size_t user_size;
    const char *host;
    size_t host_size;
    const char *path; /* begins with '/', or empty */
    size_t path_size;
    const char *query; /* NULL: none */
} parts;

static parts split(const char *rest)
{
    size_t end = strcspn(rest, "?#");
    size_t authority = strcspn(rest, "/?#");
    parts out = { .host = rest, .host_size = authority };

    for (size_t i = 0; i < authority; i++) {
        if (rest[i] == '@') {
            out.user = rest;
            out.user_size = i;
            out.host = rest + i + 1;
            out.host_size = authority - i - 1;
        }
    }
    out.path = rest + authority;
    out.path_size = end - authority;
    out.query = rest[end] == '?' ? rest + end + 1 : NULL;
    return out;
}

static int take_container(const parts *in, vcl_snapshot_place *place, vcluster_error **error)
{
    vcl_auto_free char *path = decode(in->path, in->path_size, false);

    if (in->host_size || in->user_size || in->query || !path || !path[0] || !path[1])
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "container:// takes the absolute path of a file in the control plane: "
                        "container:///data/NAME.tar.gz");
    place->url = vcl_format("container://%s", path);
    return place->url &&
                   vcl_json_set_string(vcl_json_get(place->settings, "container"), "path", path)
               ? VCLUSTER_OK
               : vcl_no_memory(error);
}

static int take_s3(const parts *in, vcl_snapshot_place *place, vcluster_error **error)
{
    cJSON *settings = vcl_json_get(place->settings, "s3");
    vcl_auto_free char *bucket = decode(in->host, in->host_size, false);
    vcl_auto_free char *path = decode(in->path, in->path_size, false);

    if (!bucket || !*bucket || !path || !path[0] || !path[1] || in->user_size)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "s3:// takes a bucket and a key: s3://BUCKET/KEY");
    place->url = vcl_format("s3://%s%s", bucket, path);
    if (!place->url || !vcl_json_set_string(settings, "bucket", bucket) ||
        !vcl_json_set_string(settings, "key", path + 1))
        return vcl_no_memory(error);
    return take_query(settings, s3_parameters, in->query, error);
}

static int take_user(cJSON *settings, const parts *in, vcluster_error **error)
{
    const char *colon = in->user_size ? memchr(in->user, ':', in->user_size) : NULL;
    size_t name_size = colon ? (size_t)(colon - in->user) : in->user_size;
    char *password =
        colon ? decode(colon + 1, in->user_size - name_size - 1, false) : vcl_strdup("");
    vcl_auto_free char *name = decode(in->user_size ? in->user : "", name_size, false);
    int status = name && password ? VCLUSTER_OK : not_a_url(error);

    if (status == VCLUSTER_OK && *name && !vcl_json_set_string(settings, "username", name))
        status = vcl_no_memory(error);
    if (status == VCLUSTER_OK && *password && !vcl_json_set_string(settings, "password", password))
        status = vcl_no_memory(error);
    vcl_free_secret(password);
    return status;
}

static int take_oci(const parts *in, vcl_snapshot_place *place, vcluster_error **error)
{
    cJSON *settings = vcl_json_get(place->settings, "oci");
    vcl_auto_free char *host = decode(in->host, in->host_size, false);
    vcl_auto_free char *path = decode(in->path, in->path_size, false);

    if (!host || !*host || !path || !path[0] || !path[1])
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "oci:// takes a registry and a repository: oci://REGISTRY/REPOSITORY:TAG");
    vcl_auto_free char *repository = vcl_format("%s%s", host, path);
    place->url = repository ? vcl_format("oci://%s", repository) : NULL;
    if (!place->url || !vcl_json_set_string(settings, "repository", repository))
        return vcl_no_memory(error);
    int status = take_user(settings, in, error);
    return status < 0 ? status : take_query(settings, oci_parameters, in->query, error);
}

static int refuse_azure(const parts *in, vcl_snapshot_place *place, vcluster_error **error)
{
    (void)in;
    (void)place;
    return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                    "an Azure blob needs a login that only upstream's CLI makes: vcluster snapshot "
                    "create NAME URL");
}

typedef struct scheme {
    const char *name; /* as upstream names the type */
    int (*take)(const parts *in, vcl_snapshot_place *place, vcluster_error **error);
} scheme;

static const scheme *scheme_of(const char *url)
{
    static const scheme schemes[] = { { "container", take_container },
                                      { "s3", take_s3 },
                                      { "oci", take_oci },
                                      { "https", refuse_azure } };

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t size = strlen(schemes[i].name);
        if (strncmp(url, schemes[i].name, size) == 0 && vcl_starts_with(url + size, "://"))
            return &schemes[i];
    }
    return NULL;
}

int vcl_snapshot_url_parse(const char *url, vcl_snapshot_place *out_place, vcluster_error **error)
{
    static const char *const members[] = { "s3", "container", "oci", "azure", "file" };
    const scheme *known = scheme_of(url);
    vcl_snapshot_place place = { .url = NULL };

    if (!known || strlen(url) > MAX_URL)
        return not_a_url(error);
    place.settings = cJSON_CreateObject();
    bool made = vcl_json_set_string(place.settings, "type", known->name);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        made = made && vcl_json_object(place.settings, members[i]);
    parts in = split(url + strlen(known->name) + 3);
    int status = made ? known->take(&in, &place, error) : vcl_no_memory(error);
    if (status < 0)
        vcl_snapshot_place_done(&place);
    else
        *out_place = place;
    return status;
}

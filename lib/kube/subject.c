/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is about, in words; see subject.h. */
#include "kube/subject.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/kinds.h"

enum { MAX_SEGMENTS = 12 };

/* A path cut at its slashes: /apis/GROUP/VERSION/namespaces/NS/PLURAL/NAME/PART. */
typedef struct segments {
    char *text;
    const char *at[MAX_SEGMENTS];
    size_t count;
} segments;

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Undo percent-encoding in place. */
static void unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (from[0] == '%' && hex_digit(from[1]) >= 0 && hex_digit(from[2]) >= 0) {
            *to++ = (char)(hex_digit(from[1]) * 16 + hex_digit(from[2]));
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

static void split(segments *out, const char *path)
{
    *out = (segments){ .text = vcl_strndup(path, strcspn(path, "?")) };
    for (char *c = out->text; c && *c == '/' && out->count < MAX_SEGMENTS;) {
        *c++ = '\0';
        out->at[out->count++] = c;
        c = strchr(c, '/');
    }
    for (size_t i = 0; i < out->count; i++)
        unescape(out->text + (out->at[i] - out->text));
}

static const char *segment(const segments *path, size_t index)
{
    return index < path->count ? path->at[index] : NULL;
}

/* The kind of a plural below /api/v1 or /apis/GROUP/VERSION. */
static const char *kind_of(const segments *path, bool core, const char *plural)
{
    vcl_auto_free char *api_version =
        core ? vcl_strdup(segment(path, 1))
             : vcl_format("%s/%s", vcl_str(segment(path, 1)), vcl_str(segment(path, 2)));
    const vcl_resource *resource = vcl_kinds_find_plural(api_version, plural);

    return resource ? resource->kind : plural;
}

/* Namespaces are objects too: /api/v1/namespaces/NS is one, /api/v1/namespaces/NS/pods is not. */
static void read_path(vcl_subject *subject, const segments *path)
{
    bool core = vcl_streq(segment(path, 0), "api");
    size_t at = core ? 2 : 3;

    if (!core && !vcl_streq(segment(path, 0), "apis"))
        return;
    if (vcl_streq(segment(path, at), "namespaces") && path->count > at + 2) {
        subject->namespace_name = vcl_strdup(segment(path, at + 1));
        at += 2;
    }
    if (path->count <= at)
        return;
    subject->kind = vcl_strdup(kind_of(path, core, segment(path, at)));
    subject->name = vcl_strdup(segment(path, at + 1));
    subject->part = vcl_strdup(segment(path, at + 2));
}

/* The name of an object that is created stands in its body only. Bodies can hold secrets. */
static char *name_in_body(const vcl_http_request *request)
{
    cJSON *body = NULL;

    if (!request->body || vcl_json_parse(request->body, request->body_size, &body, NULL) < 0)
        return NULL;
    char *name = vcl_strdup(vcl_json_find_string(body, "metadata", "name", NULL));
    vcl_json_free_secret(body);
    return name;
}

static const char *verb_of(const vcl_http_request *request, const vcl_subject *subject)
{
    static const char *const verbs[][2] = { { "POST", "create" },
                                            { "PUT", "replace" },
                                            { "DELETE", "delete" } };

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (vcl_streq(request->method, verbs[i][0]))
            return verbs[i][1];
    }
    if (vcl_streq(request->method, "PATCH"))
        return vcl_starts_with(request->content_type, "application/apply-patch") ? "apply"
                                                                                 : "patch";
    if (strstr(request->path, "watch=1"))
        return "watch";
    return subject->kind && !subject->name ? "list" : "get";
}

void vcl_subject_init(vcl_subject *subject, const vcl_http_request *request, const cJSON *details)
{
    segments path;

    *subject = (vcl_subject){ 0 };
    split(&path, request->path);
    read_path(subject, &path);
    free(path.text);
    if (!subject->name && vcl_streq(request->method, "POST")) {
        subject->name = name_in_body(request);
        if (!subject->name)
            subject->name = vcl_strdup(vcl_json_find_string(details, "name", NULL));
    }
    subject->verb = vcl_strdup(verb_of(request, subject));
}

void vcl_subject_done(vcl_subject *subject)
{
    free(subject->verb);
    free(subject->kind);
    free(subject->name);
    free(subject->namespace_name);
    free(subject->part);
    *subject = (vcl_subject){ 0 };
}

char *vcl_subject_text(const vcl_subject *subject)
{
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, VCL_MAX_MESSAGE);
    vcl_buf_addf(&text, "%s %s", vcl_str(subject->verb),
                 subject->kind ? subject->kind : "from the server");
    if (subject->name)
        vcl_buf_addf(&text, " '%s'", subject->name);
    if (subject->namespace_name)
        vcl_buf_addf(&text, " in namespace '%s'", subject->namespace_name);
    if (subject->part)
        vcl_buf_addf(&text, " (%s)", subject->part);
    return vcl_buf_steal(&text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* http and https URLs; see url.h. curl's own parser does the reading. */
#include "net/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "net/server.h"

enum { MAX_URL = 8 << 10 };

static void handle_done(CURLU **url)
{
    curl_url_cleanup(*url);
}
#define AUTO_HANDLE __attribute__((cleanup(handle_done))) CURLU

void vcl_http_url_done(vcl_http_url *url)
{
    free(url->origin);
    free(url->host);
    free(url->path);
    free(url->target);
    free(url->text);
    *url = (vcl_http_url){ 0 };
}

/* A copy of one part, "" where there is none; NULL when memory is short. */
static char *get(CURLU *handle, CURLUPart part, unsigned flags)
{
    char *value = NULL;

    if (curl_url_get(handle, part, &value, flags) != CURLUE_OK)
        return vcl_strdup("");
    char *copy = vcl_strdup(value);
    curl_free(value);
    return copy;
}

static void to_lower(char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
    }
}

static bool fill(CURLU *handle, vcl_http_url *url)
{
    vcl_auto_free char *scheme = get(handle, CURLUPART_SCHEME, 0);
    vcl_auto_free char *port = get(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    vcl_auto_free char *query = get(handle, CURLUPART_QUERY, 0);

    url->host = get(handle, CURLUPART_HOST, 0);
    url->path = get(handle, CURLUPART_PATH, 0);
    if (!scheme || !port || !query || !url->host || !url->path)
        return false;
    to_lower(url->host);
    url->tls = vcl_streq(scheme, "https");
    url->origin = vcl_format("%s://%s:%s", scheme, url->host, port);
    url->target = vcl_format("%s%s%s", *url->path ? url->path : "/", *query ? "?" : "", query);
    url->text = url->origin && url->target ? vcl_format("%s%s", url->origin, url->target) : NULL;
    return url->text != NULL;
}

static bool has_user(CURLU *handle)
{
    char *user = NULL;
    char *password = NULL;

    (void)curl_url_get(handle, CURLUPART_USER, &user, 0);
    (void)curl_url_get(handle, CURLUPART_PASSWORD, &password, 0);
    bool found = user || password;
    curl_free(user);
    curl_free(password);
    return found;
}

/* Messages show a URL without what may be secret in it. */
static int fail(vcluster_error **error, const char *text, const char *why)
{
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%.*s' %s", (int)strcspn(text, "?@"), text,
                    why);
}

int vcl_http_url_parse(const char *text, vcl_http_url *out_url, vcluster_error **error)
{
    vcl_http_url url = { 0 };

    if (strlen(text) > MAX_URL || !vcl_is_header_token(text) ||
        (strncasecmp(text, "https://", 8) != 0 && strncasecmp(text, "http://", 7) != 0))
        return fail(error, text, "is no URL that begins with https:// or http://");
    AUTO_HANDLE *handle = curl_url();
    if (!handle)
        return vcl_no_memory(error);
    CURLUcode result = curl_url_set(handle, CURLUPART_URL, text, 0);
    if (result == CURLUE_OUT_OF_MEMORY)
        return vcl_no_memory(error);
    if (result != CURLUE_OK)
        return fail(error, text, "is no URL that can be read");
    if (has_user(handle))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a URL holds a user name or password: pass them as options instead");
    if (!fill(handle, &url)) {
        vcl_http_url_done(&url);
        return vcl_no_memory(error);
    }
    *out_url = url;
    return VCLUSTER_OK;
}

int vcl_http_url_resolve(const char *base,
                         const char *reference,
                         char **out_url,
                         vcluster_error **error)
{
    AUTO_HANDLE *handle = curl_url();
    char *text = NULL;

    if (!handle)
        return vcl_no_memory(error);
    if (strlen(reference) > MAX_URL || !vcl_is_header_token(reference))
        return fail(error, reference, "is no URL that can be read");
    if (curl_url_set(handle, CURLUPART_URL, base, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
        curl_url_set(handle, CURLUPART_URL, reference, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
        curl_url_get(handle, CURLUPART_URL, &text, 0) != CURLUE_OK)
        return fail(error, reference, "is no URL that can be read");
    *out_url = vcl_strdup(text);
    curl_free(text);
    return *out_url ? VCLUSTER_OK : vcl_no_memory(error);
}

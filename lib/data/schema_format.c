/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formats that Helm's validator checks in drafts 4, 6 and 7, as strictly as it does. From
 * 2019-09 on "format" is a note and none of this is used for values. Dates, times and durations
 * are in schema_time.c.
 */
#include "data/schema_format.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/schema_node.h"
#include "data/schema_url.h"

static const char alphanumeric[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static bool all_of(const char *text, size_t size, const char *set, const char *more)
{
    for (size_t i = 0; i < size; i++) {
        if (!strchr(set, text[i]) && !strchr(more, text[i]))
            return false;
    }
    return true;
}

static bool is_json_pointer(const char *text)
{
    if (*text && *text != '/')
        return false;
    for (const char *tilde = strchr(text, '~'); tilde; tilde = strchr(tilde + 1, '~')) {
        if (tilde[1] != '0' && tilde[1] != '1')
            return false;
    }
    return true;
}

static bool is_relative_json_pointer(const char *text)
{
    size_t count = strspn(text, "0123456789");

    if (count == 0 || (count > 1 && *text == '0'))
        return false;
    return vcl_streq(text + count, "#") || is_json_pointer(text + count);
}

static bool is_uuid(const char *text)
{
    static const int groups[] = { 8, 4, 4, 4, 12 };

    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (strspn(text, "0123456789abcdefABCDEF") != (size_t)groups[i])
            return false;
        text += groups[i];
        if (*text != (i == 4 ? '\0' : '-'))
            return false;
        text++;
    }
    return true;
}

static bool is_ipv4(const char *text)
{
    for (int group = 0; group < 4; group++) {
        /* Go's Atoi takes a sign, the check for a leading zero does not see behind it. */
        bool sign = *text == '+' || *text == '-';
        size_t count = strspn(text + sign, "0123456789");
        int64_t value = 0;
        if (count == 0 || (!sign && count > 1 && *text == '0'))
            return false;
        for (size_t i = 0; i < count && value <= 255; i++)
            value = value * 10 + (text[(size_t)sign + i] - '0');
        if (value > 255 || (*text == '-' && value != 0))
            return false;
        text += (size_t)sign + count;
        if (*text != (group == 3 ? '\0' : '.'))
            return false;
        text++;
    }
    return true;
}

static bool is_ipv6(const char *text)
{
    struct in6_addr address;

    return strchr(text, ':') && inet_pton(AF_INET6, text, &address) == 1;
}

static bool is_hostname_of(const char *text, size_t size)
{
    size -= size > 0 && text[size - 1] == '.';
    if (size > 253)
        return false;
    for (const char *end = text + size;;) {
        const char *dot = memchr(text, '.', (size_t)(end - text));
        size_t label = (size_t)((dot ? dot : end) - text);
        if (label < 1 || label > 63 || *text == '-' || text[label - 1] == '-' ||
            !all_of(text, label, alphanumeric, "-"))
            return false;
        if (!dot)
            return true;
        text = dot + 1;
    }
}

static bool is_hostname(const char *text)
{
    return is_hostname_of(text, strlen(text));
}

static bool is_local_part(const char *text, size_t size)
{
    if (size > 64)
        return false;
    /* One that begins with a quote counts as quoted; its last character is not looked at. */
    if (size > 1 && *text == '"')
        return !memchr(text + 1, '\\', size - 2) && !memchr(text + 1, '"', size - 2);
    if (size && (*text == '.' || text[size - 1] == '.' || memmem(text, size, "..", 2)))
        return false;
    return all_of(text, size, alphanumeric, ".!#$%&'*+-/=?^_`{|}~");
}

static bool is_address_literal(const char *text, size_t size)
{
    char address[64];

    if (size >= sizeof(address))
        return false;
    memcpy(address, text, size);
    address[size] = '\0';
    return vcl_starts_with(address, "IPv6:") ? is_ipv6(address + 5) : is_ipv4(address);
}

static bool is_email(const char *text)
{
    const char *at = strrchr(text, '@');

    if (!at || strlen(text) > 254 || !is_local_part(text, (size_t)(at - text)))
        return false;
    const char *domain = at + 1;
    size_t size = strlen(domain);
    if (size >= 2 && *domain == '[' && domain[size - 1] == ']')
        return is_address_literal(domain + 1, size - 2);
    return is_hostname(domain);
}

static bool is_uri(const char *text)
{
    vcl_schema_url url;

    return vcl_schema_url_parse(text, &url) && url.scheme.at;
}

static bool is_uri_reference(const char *text)
{
    vcl_schema_url url;

    return !strchr(text, '\\') && vcl_schema_url_parse(text, &url);
}

static bool is_uri_template(const char *text)
{
    vcl_schema_url url;
    bool open = false;

    if (!vcl_schema_url_parse(text, &url))
        return false;
    /* Braces are paired within a segment of the path. */
    for (size_t i = 0; i < url.path.size; i++) {
        char c = url.path.at[i];
        if ((c == '{' && open) || (c == '}' && !open) || (c == '/' && open))
            return false;
        open = c == '{' || (open && c != '}');
    }
    return !open;
}

/* Identifiers with dots between them, none empty. */
static bool are_identifiers(const char *text, size_t size, bool numbers_plain)
{
    for (const char *end = text + size;;) {
        const char *dot = memchr(text, '.', (size_t)(end - text));
        size_t count = (size_t)((dot ? dot : end) - text);
        if (count == 0 || !all_of(text, count, alphanumeric, "-"))
            return false;
        if (numbers_plain && count > 1 && *text == '0' && all_of(text, count, "0123456789", ""))
            return false;
        if (!dot)
            return true;
        text = dot + 1;
    }
}

static bool is_semver(const char *text)
{
    size_t size = strcspn(text, "+");
    size_t core = strcspn(text, "+-");

    if (text[size] && !are_identifiers(text + size + 1, strlen(text + size + 1), false))
        return false;
    if (core < size && !are_identifiers(text + core + 1, size - core - 1, true))
        return false;
    for (int i = 0; i < 3; i++) {
        size_t count = strspn(text, "0123456789");
        if (count == 0 || count > core || (count > 1 && *text == '0'))
            return false;
        text += count;
        core -= count;
        if (i < 2 ? *text != '.' || core == 0 : core != 0)
            return false;
        text++;
        core--;
    }
    return true;
}

typedef struct format {
    const char *name;
    bool (*matches)(const char *text);
} format;

static const format formats[] = {
    { "date", vcl_schema_is_date },
    { "date-time", vcl_schema_is_date_time },
    { "duration", vcl_schema_is_duration },
    { "email", is_email },
    { "hostname", is_hostname },
    { "ipv4", is_ipv4 },
    { "ipv6", is_ipv6 },
    { "iri", is_uri },
    { "iri-reference", is_uri_reference },
    { "json-pointer", is_json_pointer },
    { "period", vcl_schema_is_period },
    { "relative-json-pointer", is_relative_json_pointer },
    { "semver", is_semver },
    { "time", vcl_schema_is_time },
    { "uri", is_uri },
    { "uri-reference", is_uri_reference },
    { "uri-template", is_uri_template },
    { "uuid", is_uuid },
};

static int compare_formats(const void *name, const void *entry)
{
    return strcmp(name, ((const format *)entry)->name);
}

static int is_regex(const char *text, vcluster_error **error)
{
    VCL_AUTO_ERROR *inner = NULL;
    vcl_regex *regex = NULL;
    int status = vcl_regex_compile(text, &regex, &inner);

    vcl_regex_free(regex);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_error_pass(error, &inner, status);
    return status == VCLUSTER_OK;
}

int vcl_schema_has_format(const char *name, const char *text, vcluster_error **error)
{
    const format *found = bsearch(name, formats, sizeof(formats) / sizeof(formats[0]),
                                  sizeof(formats[0]), compare_formats);

    if (found)
        return found->matches(text);
    return vcl_streq(name, "regex") ? is_regex(text, error) : 1;
}

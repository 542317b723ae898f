/* SPDX-License-Identifier: Apache-2.0 */
/* See name.h. */
#include "check/name.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool vcl_is_label_value(const char *text)
{
    size_t size = strlen(text);

    if (size == 0)
        return true;
    if (size > VCL_MAX_LABEL || !is_alphanumeric(text[0]) || !is_alphanumeric(text[size - 1]))
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_alphanumeric(text[i]) && !strchr("-_.", text[i]))
            return false;
    }
    return true;
}

bool vcl_is_label_key(const char *text)
{
    const char *slash = strchr(text, '/');

    if (!slash)
        return *text && vcl_is_label_value(text);
    vcl_auto_free char *prefix = vcl_strndup(text, (size_t)(slash - text));
    return prefix && vcl_is_dns_subdomain(prefix) && slash[1] && vcl_is_label_value(slash + 1);
}

size_t vcl_count_char(const char *text, char c)
{
    size_t count = 0;

    for (; *text; text++)
        count += *text == c;
    return count;
}

bool vcl_is_one_of(const char *text, const char *const *list)
{
    for (; *list; list++) {
        if (vcl_streq(text, *list))
            return true;
    }
    return false;
}

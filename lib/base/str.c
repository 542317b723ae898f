/* SPDX-License-Identifier: Apache-2.0 */
/* Strings without locale and without surprises; see str.h. */
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool vcl_streq(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return strcmp(a, b) == 0;
}

bool vcl_starts_with(const char *text, const char *prefix)
{
    return text && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool vcl_ends_with(const char *text, const char *suffix)
{
    size_t size = text ? strlen(text) : 0;
    size_t suffix_size = strlen(suffix);

    return size >= suffix_size && memcmp(text + size - suffix_size, suffix, suffix_size) == 0;
}

const char *vcl_str(const char *text)
{
    return text ? text : "";
}

bool vcl_str_empty(const char *text)
{
    return !text || !*text;
}

char *vcl_strdup(const char *text)
{
    return text ? strdup(text) : NULL;
}

char *vcl_strndup(const char *text, size_t size)
{
    return text ? strndup(text, size) : NULL;
}

char *vcl_vformat(const char *format, va_list arguments)
{
    char *text = NULL;

    return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

char *vcl_format(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = vcl_vformat(format, arguments);
    va_end(arguments);
    return text;
}

bool vcl_str_replace(char **slot, const char *text)
{
    char *copy = NULL;

    if (text) {
        copy = strdup(text);
        if (!copy)
            return false;
    }
    free(*slot);
    *slot = copy;
    return true;
}

bool vcl_parse_i64(const char *text, int64_t *out_value)
{
    const char *digits = text;

    if (!text)
        return false;
    if (*digits == '-' || *digits == '+')
        digits++;
    if (!*digits || strspn(digits, "0123456789") != strlen(digits))
        return false;

    errno = 0;
    long long value = strtoll(text, NULL, 10);
    if (errno)
        return false;
    *out_value = value;
    return true;
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_label(const char *text, size_t size)
{
    if (size == 0 || size > 63 || !is_alnum(text[0]) || !is_alnum(text[size - 1]))
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_alnum(text[i]) && text[i] != '-')
            return false;
    }
    return true;
}

bool vcl_is_dns_label(const char *text)
{
    return text && is_label(text, strlen(text));
}

bool vcl_is_dns1035_label(const char *text)
{
    return vcl_is_dns_label(text) && text[0] >= 'a' && text[0] <= 'z';
}

bool vcl_is_dns_subdomain(const char *text)
{
    if (!text || strlen(text) > 253)
        return false;
    for (;;) {
        size_t size = strcspn(text, ".");
        if (!is_label(text, size))
            return false;
        if (!text[size])
            return true;
        text += size + 1;
    }
}

/* Length of the UTF-8 sequence at bytes, or 0 when it is none. */
static size_t utf8_sequence(const unsigned char *bytes, size_t left)
{
    static const struct {
        unsigned char mask, lead;
        size_t size;
        unsigned long least;
    } forms[] = { { 0x80, 0x00, 1, 0 },
                  { 0xe0, 0xc0, 2, 0x80 },
                  { 0xf0, 0xe0, 3, 0x800 },
                  { 0xf8, 0xf0, 4, 0x10000 } };

    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        if ((bytes[0] & forms[f].mask) != forms[f].lead)
            continue;
        if (left < forms[f].size)
            return 0;

        unsigned long code = bytes[0] & (unsigned long)(unsigned char)~forms[f].mask;
        for (size_t i = 1; i < forms[f].size; i++) {
            if ((bytes[i] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (bytes[i] & 0x3fUL);
        }
        bool valid = code >= forms[f].least && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        return valid ? forms[f].size : 0;
    }
    return 0;
}

/* How many bytes in front are ASCII: nearly all of a text, hence eight at a time. */
static size_t ascii_run(const unsigned char *bytes, size_t size)
{
    size_t run = 0;

    for (uint64_t eight; size - run >= sizeof(eight); run += sizeof(eight)) {
        memcpy(&eight, bytes + run, sizeof(eight));
        if (eight & 0x8080808080808080ULL)
            break;
    }
    while (run < size && bytes[run] < 0x80)
        run++;
    return run;
}

bool vcl_utf8_valid(const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)text;

    for (size_t i = 0; i < size;) {
        i += ascii_run(bytes + i, size - i);
        if (i == size)
            break;
        size_t step = utf8_sequence(bytes + i, size - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

void vcl_wipe(void *data, size_t size)
{
    if (data)
        explicit_bzero(data, size);
}

void vcl_free_secret(char *text)
{
    if (!text)
        return;
    vcl_wipe(text, strlen(text));
    free(text);
}

void vcl_sanitize(char *text)
{
    for (unsigned char *c = (unsigned char *)text; c && *c; c++) {
        bool c1 = *c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;
        if (c1) {
            c[0] = c[1] = '?';
        } else if ((*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7f) {
            *c = '?';
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON, as little as vcl needs: walking text that the library made, which is always well-formed and
 * compact or not, and writing strings. Values are never unescaped: what is printed of them cannot
 * hold a control character.
 */
#include <string.h>

#include "vcl.h"

static const char *skip_space(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

static const char *string_end(const char *text)
{
    for (text++; *text && *text != '"'; text++) {
        if (*text == '\\' && text[1])
            text++;
    }
    return *text ? text + 1 : text;
}

const char *vcl_json_end(const char *value)
{
    size_t depth = 0;

    do {
        value = skip_space(value);
        if (*value == '"') {
            value = string_end(value);
        } else if (*value && strchr("[{", *value)) {
            depth++;
            value++;
        } else if (*value && strchr("]}", *value)) {
            depth--;
            value++;
        } else {
            value += strcspn(value, depth > 0 ? "\"[]{}" : ",]} \t\r\n");
        }
    } while (*value && depth > 0);
    return value;
}

size_t vcl_json_size(const char *value)
{
    return (size_t)(vcl_json_end(value) - value);
}

const char *vcl_json_member(const char *object, const char *name)
{
    size_t size = strlen(name);
    const char *key = skip_space(object + 1);

    while (*key == '"') {
        const char *end = string_end(key);
        const char *value = skip_space(skip_space(end) + 1); /* behind the ':' */
        if ((size_t)(end - key) == size + 2 && strncmp(key + 1, name, size) == 0)
            return value;
        key = skip_space(vcl_json_end(value));
        if (*key == ',')
            key = skip_space(key + 1);
    }
    return NULL;
}

const char *vcl_json_first(const char *list)
{
    const char *value = skip_space(list + 1);

    return *value == ']' || !*value ? NULL : value;
}

const char *vcl_json_next(const char *value)
{
    const char *end = skip_space(vcl_json_end(value));

    return *end == ',' ? skip_space(end + 1) : NULL;
}

void vcl_json_put(FILE *stream, const char *text)
{
    if (!text) {
        (void)fputs("null", stream);
        return;
    }
    (void)fputc('"', stream);
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            (void)fprintf(stream, "\\%c", byte);
        else if (byte == '\n')
            (void)fputs("\\n", stream);
        else if (byte < 0x20 || byte == 0x7f)
            (void)fprintf(stream, "\\u%04x", byte);
        else
            (void)fputc(byte, stream);
    }
    (void)fputc('"', stream);
}

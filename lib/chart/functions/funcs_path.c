/* SPDX-License-Identifier: Apache-2.0 */
/* Paths with '/', as Go's package path has them; the os* forms are the same on Linux. */
#include <string.h>

#include "base/limits.h"
#include "chart/functions/funcs.h"

/* Drop the last element of a cleaned path that is not ".." itself. */
static bool drop_last(vcl_buf *buf, size_t root)
{
    const char *text = vcl_buf_text(buf);
    size_t start = buf->size;

    while (start > root && text[start - 1] != '/')
        start--;
    if (buf->size == root || strcmp(text + start, "..") == 0)
        return false;
    vcl_buf_truncate(buf, start > root ? start - 1 : root);
    return true;
}

/* path.Clean. */
static void clean_into(vcl_buf *buf, vcl_tpl_text path)
{
    size_t root = path.size && path.data[0] == '/';

    vcl_buf_add(buf, root ? "/" : "");
    while (path.size) {
        const char *slash = memchr(path.data, '/', path.size);
        vcl_tpl_text part = { path.data, slash ? (size_t)(slash - path.data) : path.size };
        bool up = vcl_tpl_text_is(part, "..");
        path.data += part.size + (slash ? 1 : 0);
        path.size -= part.size + (slash ? 1 : 0);
        if (part.size == 0 || vcl_tpl_text_is(part, ".") || (up && drop_last(buf, root)) ||
            (up && root))
            continue;
        vcl_buf_add(buf, buf->size > root ? "/" : "");
        vcl_buf_append(buf, part.data, part.size);
    }
    if (buf->size == 0)
        vcl_buf_add_char(buf, '.');
}

/* Where the last element starts. */
static size_t last_start(vcl_tpl_text path)
{
    size_t start = path.size;

    while (start > 0 && path.data[start - 1] != '/')
        start--;
    return start;
}

static int clean(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };

    (void)count;
    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    clean_into(&buf, args[0].text);
    return vcl_tpl_return_buf(state, &buf, out);
}

static int dir(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };
    vcl_tpl_text path = args[0].text;

    (void)count;
    path.size = last_start(path);
    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    clean_into(&buf, path);
    return vcl_tpl_return_buf(state, &buf, out);
}

static int base(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text path = args[0].text;

    (void)state;
    (void)count;
    *out = vcl_tpl_cstring(path.size ? "/" : ".");
    while (path.size && path.data[path.size - 1] == '/')
        path.size--;
    if (path.size == 0)
        return 0;

    size_t start = last_start(path);
    *out = vcl_tpl_string((vcl_tpl_text){ path.data + start, path.size - start });
    return 0;
}

static int ext(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text path = args[0].text;

    (void)state;
    (void)count;
    *out = vcl_tpl_cstring("");
    for (size_t i = path.size; i > last_start(path); i--) {
        if (path.data[i - 1] == '.') {
            *out = vcl_tpl_string((vcl_tpl_text){ path.data + i - 1, path.size - i + 1 });
            return 0;
        }
    }
    return 0;
}

static int is_abs(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_bool(args[0].text.size && args[0].text.data[0] == '/');
    return 0;
}

const vcl_tpl_function vcl_tpl_funcs_path[] = {
    { "base", "s", 0, base },      { "dir", "s", 0, dir },       { "clean", "s", 0, clean },
    { "ext", "s", 0, ext },        { "isAbs", "s", 0, is_abs },  { "osBase", "s", 0, base },
    { "osDir", "s", 0, dir },      { "osClean", "s", 0, clean }, { "osExt", "s", 0, ext },
    { "osIsAbs", "s", 0, is_abs }, { NULL, NULL, 0, NULL },
};

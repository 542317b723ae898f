/* SPDX-License-Identifier: Apache-2.0 */
/* urlParse and urlJoin. */
#include <string.h>

#include "base/limits.h"
#include "chart/functions/url.h"

static void add_user(vcl_buf *buf, const vcl_url *url)
{
    vcl_url_add_escaped(buf, url->user, VCL_URL_IN_USER);
    if (url->has_password)
        vcl_buf_add_char(buf, ':');
    vcl_url_add_escaped(buf, url->password, VCL_URL_IN_USER);
}

static int
url_parse(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF user = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    vcl_tpl_value userinfo;
    vcl_url url = { .has_user = false };
    int result = vcl_url_parse(state, "url", args[0].text, &url);

    (void)count;
    if (result < 0)
        return result;
    add_user(&user, &url);
    result = vcl_tpl_return_buf(state, &user, &userinfo);
    if (result == 0)
        result = vcl_tpl_new_map(state, VCL_TPL_T_MAP, out);

    const struct {
        const char *name;
        vcl_tpl_text text;
    } parts[] = {
        { "scheme", url.scheme },
        { "host", url.host },
        { "hostname", vcl_url_hostname(url.host) },
        { "path", url.path },
        { "query", url.query },
        { "opaque", url.opaque },
        { "fragment", url.fragment },
        { "userinfo", result == 0 ? userinfo.text : url.user },
    };
    for (size_t i = 0; result == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
        result = vcl_tpl_put(state, out->map, vcl_tpl_literal(parts[i].name),
                             vcl_tpl_string(parts[i].text));
    return result;
}

/* A text of the dict, "" when it is not there. */
static int
take_part(vcl_tpl_state *state, const vcl_tpl_value *dict, const char *name, vcl_tpl_text *out)
{
    const vcl_tpl_value *value = vcl_tpl_map_get(dict->map, vcl_tpl_literal(name));

    *out = vcl_tpl_literal("");
    if (!value)
        return 0;
    if (value->kind == VCL_TPL_NIL)
        return vcl_tpl_raise(state,
                             "runtime error: invalid memory address or nil pointer dereference");
    if (value->type != VCL_TPL_T_STRING)
        return vcl_tpl_raise(state, "unable to parse %s key, must be of type string, but %s found",
                             name, vcl_tpl_type_of(value)->kind);
    *out = value->text;
    return 0;
}

static int take_parts(vcl_tpl_state *state, const vcl_tpl_value *dict, vcl_url *out)
{
    vcl_tpl_text userinfo = { NULL, 0 };
    const struct {
        const char *name;
        vcl_tpl_text *out;
    } parts[] = {
        { "scheme", &out->scheme }, { "host", &out->host },     { "path", &out->path },
        { "query", &out->query },   { "opaque", &out->opaque }, { "fragment", &out->fragment },
        { "userinfo", &userinfo },
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        int result = take_part(state, dict, parts[i].name, parts[i].out);
        if (result < 0)
            return result;
    }
    if (userinfo.size == 0)
        return 0;

    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    vcl_tpl_value text;
    vcl_url parsed = { .has_user = false };
    vcl_buf_add(&buf, "proto://");
    vcl_buf_append(&buf, userinfo.data, userinfo.size);
    vcl_buf_add(&buf, "@host");
    int result = vcl_tpl_return_buf(state, &buf, &text);
    if (result == 0)
        result = vcl_url_parse(state, "userinfo in dict", text.text, &parsed);
    out->has_user = parsed.has_user;
    out->has_password = parsed.has_password;
    out->user = parsed.user;
    out->password = parsed.password;
    return result;
}

static void add_authority(vcl_buf *buf, const vcl_url *url)
{
    if (!url->scheme.size && !url->host.size && !url->has_user)
        return;
    if (url->host.size || url->path.size || url->has_user)
        vcl_buf_add(buf, "//");
    if (url->has_user) {
        add_user(buf, url);
        vcl_buf_add_char(buf, '@');
    }
    vcl_url_add_escaped(buf, url->host, VCL_URL_IN_HOST);
}

static void add_path(vcl_buf *buf, const vcl_url *url)
{
    const char *slash = url->path.size ? memchr(url->path.data, '/', url->path.size) : NULL;
    size_t first = slash ? (size_t)(slash - url->path.data) : url->path.size;

    if (url->path.size && url->path.data[0] != '/' && url->host.size)
        vcl_buf_add_char(buf, '/');
    if (buf->size == 0 && first && memchr(url->path.data, ':', first))
        vcl_buf_add(buf, "./"); /* or it would look like a scheme */
    if (vcl_tpl_text_is(url->path, "*"))
        vcl_buf_add_char(buf, '*');
    else
        vcl_url_add_escaped(buf, url->path, VCL_URL_IN_PATH);
}

static int
url_join(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    vcl_url url = { .has_user = false };
    int result = take_parts(state, &args[0], &url);

    (void)count;
    if (result < 0)
        return result;
    vcl_buf_append(&buf, url.scheme.data, url.scheme.size);
    if (url.scheme.size)
        vcl_buf_add_char(&buf, ':');
    if (url.opaque.size) {
        vcl_buf_append(&buf, url.opaque.data, url.opaque.size);
    } else {
        add_authority(&buf, &url);
        add_path(&buf, &url);
    }
    if (url.query.size) {
        vcl_buf_add_char(&buf, '?');
        vcl_buf_append(&buf, url.query.data, url.query.size);
    }
    if (url.fragment.size)
        vcl_buf_add_char(&buf, '#');
    vcl_url_add_escaped(&buf, url.fragment, VCL_URL_IN_FRAGMENT);
    return vcl_tpl_return_buf(state, &buf, out);
}

const vcl_tpl_function vcl_tpl_funcs_url[] = {
    { "urlParse", "s", 0, url_parse },
    { "urlJoin", "m", 0, url_join },
    { NULL, NULL, 0, NULL },
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs by the rules of net/url of Go 1.25: lenient with characters in paths and queries, strict
 * with those of hosts, with escapes and with a colon in the first segment of a relative path.
 */
#include "data/schema_url.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "data/schema_node.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char digits[] = "0123456789";

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

static int hex_value(char c)
{
    static const char hex[] = "0123456789abcdef";
    const char *found = c ? strchr(hex, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;

    return found ? (int)(found - hex) : -1;
}

static bool escapes_valid(vcl_schema_span span)
{
    for (size_t i = 0; i < span.size; i++) {
        if (span.at[i] != '%')
            continue;
        if (i + 2 >= span.size || hex_value(span.at[i + 1]) < 0 || hex_value(span.at[i + 2]) < 0)
            return false;
        i += 2;
    }
    return true;
}

static const char *find_in(vcl_schema_span span, char c)
{
    return span.size ? memchr(span.at, c, span.size) : NULL;
}

/* Split at the first separator; what is behind it is NULL when there is none. */
static vcl_schema_span cut(vcl_schema_span *span, char separator)
{
    const char *at = find_in(*span, separator);
    vcl_schema_span behind = { 0 };

    if (at) {
        behind = (vcl_schema_span){ at + 1, span->size - (size_t)(at + 1 - span->at) };
        span->size = (size_t)(at - span->at);
    }
    return behind;
}

/* Take the scheme off the front of rest; false where there is only a colon. */
static bool read_scheme(vcl_schema_span *rest, vcl_schema_span *out_scheme)
{
    for (size_t i = 0; i < rest->size; i++) {
        char c = rest->at[i];
        if (is_one_of(c, letters) || (i > 0 && (is_one_of(c, digits) || is_one_of(c, "+-."))))
            continue;
        if (c == ':' && i == 0)
            return false;
        if (c == ':') {
            *out_scheme = (vcl_schema_span){ rest->at, i };
            *rest = (vcl_schema_span){ rest->at + i + 1, rest->size - i - 1 };
        }
        return true;
    }
    return true;
}

static bool port_valid(vcl_schema_span port)
{
    for (size_t i = 0; i < port.size; i++) {
        if (!is_one_of(port.at[i], digits))
            return false;
    }
    return true;
}

static bool host_characters_valid(vcl_schema_span host)
{
    static const char others[] = "-_.~!$&'()*+,;=:[]<>\"";

    for (size_t i = 0; i < host.size; i++) {
        char c = host.at[i];
        if (c == '%') {
            /* Only what is no ASCII may be escaped in a host. */
            if (i + 2 >= host.size || hex_value(host.at[i + 1]) < 8 ||
                hex_value(host.at[i + 2]) < 0)
                return false;
            i += 2;
        } else if ((unsigned char)c < 0x80 && !is_one_of(c, letters) && !is_one_of(c, digits) &&
                   !is_one_of(c, others)) {
            return false;
        }
    }
    return true;
}

/* An address of IPv6 in brackets, perhaps with a port. */
static bool bracketed_valid(vcl_schema_span host)
{
    char address[64] = "";
    const char *close = memrchr(host.at, ']', host.size);

    if (!close)
        return false;
    vcl_schema_span behind = { close + 1, host.size - (size_t)(close + 1 - host.at) };
    size_t size = (size_t)(close - host.at) - 1;
    if (behind.size &&
        (*behind.at != ':' || !port_valid((vcl_schema_span){ behind.at + 1, behind.size - 1 })))
        return false;
    if (size >= sizeof(address))
        return false;
    memcpy(address, host.at + 1, size);
    return vcl_schema_has_format("ipv6", address, NULL) > 0;
}

static bool user_valid(vcl_schema_span user)
{
    static const char others[] = "-._:~!$&'()*+,;=%@";

    for (size_t i = 0; i < user.size; i++) {
        char c = user.at[i];
        if (!is_one_of(c, letters) && !is_one_of(c, digits) && !is_one_of(c, others))
            return false;
    }
    return escapes_valid(user);
}

static bool authority_valid(vcl_schema_span host)
{
    const char *at = host.size ? memrchr(host.at, '@', host.size) : NULL;

    if (at) {
        if (!user_valid((vcl_schema_span){ host.at, (size_t)(at - host.at) }))
            return false;
        host = (vcl_schema_span){ at + 1, host.size - (size_t)(at + 1 - host.at) };
    }
    if (host.size && *host.at == '[')
        return bracketed_valid(host);
    vcl_schema_span name = host;
    vcl_schema_span port = cut(&name, ':');
    return port_valid(port) && host_characters_valid(name);
}

/* What is behind the scheme and before the query. */
static bool read_hierarchy(vcl_schema_span rest, vcl_schema_url *out)
{
    if (rest.size && *rest.at != '/' && out->scheme.at) {
        out->opaque = rest;
        return true;
    }
    if (rest.size >= 2 && memcmp(rest.at, "//", 2) == 0 &&
        (out->scheme.at || rest.size == 2 || rest.at[2] != '/')) {
        out->authority = (vcl_schema_span){ rest.at + 2, rest.size - 2 };
        const char *slash = find_in(out->authority, '/');
        if (slash)
            out->authority.size = (size_t)(slash - out->authority.at);
        rest = (vcl_schema_span){ out->authority.at + out->authority.size,
                                  rest.size - 2 - out->authority.size };
    } else if (!out->scheme.at && rest.size && *rest.at != '/') {
        vcl_schema_span first = rest;
        (void)cut(&first, '/');
        if (find_in(first, ':'))
            return false;
    }
    out->path = rest;
    return authority_valid(out->authority) && escapes_valid(rest);
}

bool vcl_schema_url_parse(const char *text, vcl_schema_url *out)
{
    vcl_schema_span rest = { text, strlen(text) };

    *out = (vcl_schema_url){ 0 };
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return false;
    }
    out->fragment = cut(&rest, '#');
    if (!escapes_valid(out->fragment) || !read_scheme(&rest, &out->scheme))
        return false;
    out->query = cut(&rest, '?');
    return read_hierarchy(rest, out);
}

bool vcl_schema_url_decode(char *text)
{
    char *to = text;

    if (!escapes_valid((vcl_schema_span){ text, strlen(text) }))
        return false;
    for (const char *at = text; *at; at++) {
        if (*at == '%') {
            int value = hex_value(at[1]) * 16 + hex_value(at[2]);
            /* No key of a tree has a NUL in it. */
            if (value == 0)
                return false;
            *to++ = (char)value;
            at += 2;
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
    return true;
}

static void add_span(vcl_buf *buf, vcl_schema_span span)
{
    if (span.size)
        (void)vcl_buf_append(buf, span.at, span.size);
}

/* Append a path without "." and ".." in it. */
static void add_clean_path(vcl_buf *buf, const char *path)
{
    size_t start = buf->size;
    const char *segment = path + (*path == '/');

    for (;;) {
        size_t size = strcspn(segment, "/");
        bool last = segment[size] == '\0';
        bool up = size == 2 && memcmp(segment, "..", 2) == 0;
        bool here = size == 1 && *segment == '.';
        if (up) {
            while (buf->size > start && buf->data[buf->size - 1] != '/')
                vcl_buf_truncate(buf, buf->size - 1);
            if (buf->size > start)
                vcl_buf_truncate(buf, buf->size - 1);
        }
        if (!up && !here) {
            (void)vcl_buf_add_char(buf, '/');
            (void)vcl_buf_append(buf, segment, size);
        } else if (last) {
            (void)vcl_buf_add_char(buf, '/');
        }
        if (last)
            return;
        segment += size + 1;
    }
}

/* The path of a reference that has neither scheme nor authority. */
static void add_joined_path(vcl_buf *buf, vcl_schema_span base, vcl_schema_span path)
{
    VCL_AUTO_BUF joined = { 0 };

    vcl_buf_init(&joined, 2 * VCL_MAX_MESSAGE);
    const char *slash = base.size ? memrchr(base.at, '/', base.size) : NULL;
    if (path.size == 0)
        add_span(&joined, base);
    else if (*path.at != '/' && slash)
        (void)vcl_buf_append(&joined, base.at, (size_t)(slash + 1 - base.at));
    add_span(&joined, path);
    if (vcl_buf_failed(&joined))
        buf->state = joined.state;
    else if (joined.size)
        add_clean_path(buf, vcl_buf_text(&joined));
}

static void add_scheme(vcl_buf *buf, vcl_schema_span scheme)
{
    for (size_t i = 0; i < scheme.size; i++) {
        char c = scheme.at[i];
        (void)vcl_buf_add_char(buf, (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c));
    }
    if (scheme.size)
        (void)vcl_buf_add_char(buf, ':');
}

static void add_query(vcl_buf *buf, vcl_schema_span query)
{
    if (query.size) {
        (void)vcl_buf_add_char(buf, '?');
        add_span(buf, query);
    }
}

static void join(vcl_buf *buf, const vcl_schema_url *base, const vcl_schema_url *url)
{
    bool own_place = url->scheme.at || url->authority.size;
    vcl_schema_span authority = own_place ? url->authority : base->authority;
    vcl_schema_span opaque = url->scheme.at ? url->opaque : base->opaque;
    bool same = !own_place && url->path.size == 0 && !url->query.at;

    add_scheme(buf, url->scheme.at ? url->scheme : base->scheme);
    if (opaque.at) {
        add_span(buf, opaque);
    } else {
        if (authority.at) {
            (void)vcl_buf_add(buf, "//");
            add_span(buf, authority);
        }
        add_joined_path(buf, own_place ? (vcl_schema_span){ 0 } : base->path, url->path);
    }
    add_query(buf, same ? base->query : url->query);
}

char *vcl_schema_url_join(const char *base, const char *reference, size_t size)
{
    vcl_auto_free char *text = vcl_strndup(reference, size);
    vcl_schema_url from;
    vcl_schema_url to;
    VCL_AUTO_BUF buf = { 0 };

    errno = ENOMEM;
    if (!text)
        return NULL;
    if (!vcl_schema_url_parse(base, &from) || !vcl_schema_url_parse(text, &to)) {
        errno = EINVAL;
        return NULL;
    }
    vcl_buf_init(&buf, 2 * VCL_MAX_MESSAGE);
    join(&buf, &from, &to);
    errno = ENOMEM;
    return vcl_buf_steal(&buf);
}

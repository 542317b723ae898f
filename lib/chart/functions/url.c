/* SPDX-License-Identifier: Apache-2.0 */
/* Taking URLs apart; see url.h. */
#include "chart/functions/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/limits.h"
#include "chart/template/utf8.h"

/* One URL that is taken apart. Mistakes go into reason. */
typedef struct url_reader {
    vcl_tpl_state *state;
    vcl_buf *reason;
    bool no_memory;
} url_reader;

static vcl_tpl_text part(vcl_tpl_text text, size_t begin, size_t end)
{
    return (vcl_tpl_text){ text.data + begin, end - begin };
}

/* Place of a character, SIZE_MAX when it is not there. */
static size_t find(vcl_tpl_text text, char c)
{
    const char *found = text.size ? memchr(text.data, c, text.size) : NULL;

    return found ? (size_t)(found - text.data) : SIZE_MAX;
}

static size_t find_last(vcl_tpl_text text, char c)
{
    const char *found = text.size ? memrchr(text.data, c, text.size) : NULL;

    return found ? (size_t)(found - text.data) : SIZE_MAX;
}

/* Cut at the first c: text is what is in front; returns what is behind. */
static vcl_tpl_text cut(vcl_tpl_text *text, char c)
{
    size_t at = find(*text, c);
    vcl_tpl_text behind = { "", 0 };

    if (at == SIZE_MAX)
        return behind;
    behind = part(*text, at + 1, text->size);
    text->size = at;
    return behind;
}

static bool starts_with(vcl_tpl_text text, const char *prefix)
{
    size_t size = strlen(prefix);

    return text.size >= size && memcmp(text.data, prefix, size) == 0;
}

static bool is_letter(char c)
{
    char lower = (char)(c | 0x20);

    return lower >= 'a' && lower <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    char lower = (char)(c | 0x20);

    if (is_digit(c))
        return c - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_unescaped(char c, const char *allowed)
{
    return is_letter(c) || is_digit(c) || (c && strchr(allowed, c));
}

static bool bad(url_reader *reader, const char *what, const vcl_tpl_text *quoted, const char *end)
{
    vcl_buf_add(reader->reason, what);
    if (quoted)
        vcl_tpl_quote(reader->reason, *quoted, false);
    vcl_buf_add(reader->reason, end);
    return false;
}

/* ------------------------------------------------------------ escapes */

/* Whether the escape at the start of the text may stand in a host or in the zone of one. */
static bool escape_fits(vcl_tpl_text text, bool in_a_host, bool in_a_zone)
{
    bool is_percent = starts_with(text, "%25");
    char c = (char)(hex_value(text.data[1]) << 4 | hex_value(text.data[2]));

    if (in_a_zone)
        return is_percent || c == ' ' || is_unescaped(c, VCL_URL_IN_HOST);
    return !in_a_host || is_percent || hex_value(text.data[1]) >= 8;
}

static bool check_escapes(url_reader *reader, vcl_tpl_text text, bool in_a_host, bool in_a_zone)
{
    for (size_t i = 0; i < text.size; i++) {
        vcl_tpl_text rest = part(text, i, text.size);
        if (*rest.data == '%') {
            rest.size = rest.size < 3 ? rest.size : 3;
            if (rest.size < 3 || hex_value(rest.data[1]) < 0 || hex_value(rest.data[2]) < 0 ||
                !escape_fits(rest, in_a_host, in_a_zone))
                return bad(reader, "invalid URL escape ", &rest, "");
            i += 2;
        } else if ((in_a_host || in_a_zone) && !(*rest.data & 0x80) &&
                   !is_unescaped(*rest.data, VCL_URL_IN_HOST)) {
            rest.size = 1;
            return bad(reader, "invalid character ", &rest, " in host name");
        }
    }
    return true;
}

/* Undo escapes. */
static bool unescape_in(
    url_reader *reader, vcl_tpl_text text, bool in_a_host, bool in_a_zone, vcl_tpl_text *out)
{
    if (!check_escapes(reader, text, in_a_host, in_a_zone))
        return false;

    char *data = vcl_arena_alloc(&reader->state->engine->arena, text.size + 1);
    size_t used = 0;
    if (!data) {
        reader->no_memory = true;
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '%') {
            c = (char)(hex_value(text.data[i + 1]) << 4 | hex_value(text.data[i + 2]));
            i += 2;
        }
        data[used++] = c;
    }
    *out = (vcl_tpl_text){ data, used };
    return true;
}

static bool unescape(url_reader *reader, vcl_tpl_text text, vcl_tpl_text *out)
{
    return unescape_in(reader, text, false, false, out);
}

void vcl_url_add_escaped(vcl_buf *buf, vcl_tpl_text text, const char *allowed)
{
    for (size_t i = 0; i < text.size && !vcl_buf_failed(buf); i++) {
        if (is_unescaped(text.data[i], allowed))
            vcl_buf_add_char(buf, text.data[i]);
        else
            vcl_buf_addf(buf, "%%%02X", (unsigned char)text.data[i]);
    }
}

/* ------------------------------------------------------------ taking apart */

static bool valid_port(vcl_tpl_text port)
{
    for (size_t i = 0; i < port.size; i++) {
        if (i == 0 ? port.data[0] != ':' : !is_digit(port.data[i]))
            return false;
    }
    return true;
}

/* What is between [ and ] must be an IPv6 address, perhaps with a zone. */
static bool valid_address(vcl_tpl_text host)
{
    char text[INET6_ADDRSTRLEN + 1] = "";
    struct in6_addr address;
    size_t zone = find(host, '%');
    size_t size = zone == SIZE_MAX ? host.size : zone;

    if (size > INET6_ADDRSTRLEN || zone == host.size - 1 || memchr(host.data, '\0', host.size))
        return false;
    memcpy(text, host.data, size);
    return inet_pton(AF_INET6, text, &address) == 1;
}

/* "[::1]:80" */
static bool take_literal_host(url_reader *reader, vcl_tpl_text host, vcl_tpl_text *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    size_t close = find_last(host, ']');
    vcl_tpl_value copy = { 0 };

    if (close == SIZE_MAX)
        return bad(reader, "missing ']' in host", NULL, "");

    vcl_tpl_text port = part(host, close + 1, host.size);
    vcl_tpl_text name = part(host, 1, close);
    if (!valid_port(port))
        return bad(reader, "invalid port ", &port, " after host");

    const char *zone = name.size ? memmem(name.data, name.size, "%25", 3) : NULL;
    size_t address_size = zone ? (size_t)(zone - name.data) : name.size;
    vcl_tpl_text address;
    vcl_tpl_text zone_name;
    if (!unescape_in(reader, part(name, 0, address_size), true, false, &address) ||
        !unescape_in(reader, part(name, address_size, name.size), false, true, &zone_name))
        return false;
    vcl_buf_add_char(&buf, '[');
    vcl_buf_append(&buf, address.data, address.size);
    vcl_buf_append(&buf, zone_name.data, zone_name.size);
    vcl_tpl_text whole = { vcl_buf_text(&buf) + 1, buf.size - 1 };
    if (vcl_buf_failed(&buf) || whole.size == 0 || !valid_address(whole))
        return bad(reader, "invalid host: ParseAddr(", &whole, "): unable to parse IP");
    vcl_buf_add_char(&buf, ']');
    vcl_buf_append(&buf, port.data, port.size);
    reader->no_memory = vcl_tpl_return_buf(reader->state, &buf, &copy) < 0;
    *out = copy.text;
    return !reader->no_memory;
}

static bool take_host(url_reader *reader, vcl_tpl_text scheme, vcl_tpl_text host, vcl_tpl_text *out)
{
    size_t bracket = find_last(host, '[');
    size_t colon = find(host, ':');
    bool strict = vcl_tpl_text_is(scheme, "http") || vcl_tpl_text_is(scheme, "https");

    if (bracket == 0)
        return take_literal_host(reader, host, out);
    if (bracket != SIZE_MAX)
        return bad(reader, "invalid IP-literal", NULL, "");
    if (colon != SIZE_MAX) {
        vcl_tpl_text port = part(host, strict ? colon : find_last(host, ':'), host.size);
        if (!valid_port(port))
            return bad(reader, "invalid port ", &port, " after host");
    }
    return unescape_in(reader, host, true, false, out);
}

static bool take_user(url_reader *reader, vcl_tpl_text text, vcl_url *out)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!is_unescaped(text.data[i], "-._:~!$&'()*+,;=%@"))
            return bad(reader, "net/url: invalid userinfo", NULL, "");
    }
    out->has_user = true;
    out->has_password = find(text, ':') != SIZE_MAX;
    vcl_tpl_text password = cut(&text, ':');
    return unescape(reader, text, &out->user) && unescape(reader, password, &out->password);
}

/* "user:password@host:port" */
static bool take_authority(url_reader *reader, vcl_tpl_text text, vcl_url *out)
{
    size_t at = find_last(text, '@');
    size_t host = at == SIZE_MAX ? 0 : at + 1;

    return take_host(reader, out->scheme, part(text, host, text.size), &out->host) &&
           (at == SIZE_MAX || take_user(reader, part(text, 0, at), out));
}

/* The scheme, which is made small in place. */
static bool take_scheme(url_reader *reader, vcl_tpl_text *text, vcl_tpl_text *out)
{
    size_t size = 0;

    while (size < text->size &&
           (is_letter(text->data[size]) ||
            (size && (is_digit(text->data[size]) || strchr("+-.", text->data[size])) &&
             text->data[size])))
        size++;
    if (size == text->size || text->data[size] != ':')
        return true;
    if (size == 0)
        return bad(reader, "missing protocol scheme", NULL, "");

    char *scheme = vcl_arena_copy(&reader->state->engine->arena, text->data, size);
    reader->no_memory = !scheme;
    for (size_t i = 0; scheme && i < size; i++)
        scheme[i] = (char)(is_letter(scheme[i]) ? scheme[i] | 0x20 : scheme[i]);
    *out = (vcl_tpl_text){ scheme, size };
    *text = part(*text, size + 1, text->size);
    return scheme != NULL;
}

static bool take_apart(url_reader *reader, vcl_tpl_text text, vcl_url *out)
{
    for (size_t i = 0; i < text.size; i++) {
        if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7F)
            return bad(reader, "net/url: invalid control character in URL", NULL, "");
    }
    if (vcl_tpl_text_is(text, "*")) {
        out->path = text;
        return true;
    }
    if (!take_scheme(reader, &text, &out->scheme))
        return false;
    out->query = cut(&text, '?');
    if (!starts_with(text, "/") && out->scheme.size) {
        out->opaque = text;
        return true;
    }
    if (!starts_with(text, "/")) {
        vcl_tpl_text segment = text;
        cut(&segment, '/');
        if (find(segment, ':') != SIZE_MAX)
            return bad(reader, "first path segment in URL cannot contain colon", NULL, "");
    }
    if (starts_with(text, "//") && (out->scheme.size || !starts_with(text, "///"))) {
        vcl_tpl_text authority = part(text, 2, text.size);
        size_t slash = find(authority, '/');
        size_t size = slash == SIZE_MAX ? authority.size : slash;
        text = part(authority, size, authority.size);
        authority.size = size;
        if (!take_authority(reader, authority, out))
            return false;
    }
    return unescape(reader, text, &out->path);
}

/* A failure: what of the URL was wrong, as a panic of sprig says it. */
static int
raise_reason(vcl_tpl_state *state, const url_reader *reader, const char *what, vcl_tpl_text text)
{
    VCL_AUTO_BUF quoted = { .max = VCL_MAX_MESSAGE };

    if (reader->no_memory)
        return vcl_tpl_raise_memory(state);
    vcl_tpl_quote(&quoted, text, false);
    return vcl_tpl_raise(state, "unable to parse %s: parse %s: %s", what, vcl_buf_text(&quoted),
                         vcl_buf_text(reader->reason));
}

int vcl_url_parse(vcl_tpl_state *state, const char *what, vcl_tpl_text text, vcl_url *out)
{
    VCL_AUTO_BUF reason = { .max = VCL_MAX_MESSAGE };
    url_reader reader = { .state = state, .reason = &reason };
    vcl_tpl_text whole = text;
    vcl_tpl_text fragment = cut(&text, '#');

    if (!take_apart(&reader, text, out))
        return raise_reason(state, &reader, what, text);
    if (!unescape(&reader, fragment, &out->fragment))
        return raise_reason(state, &reader, what, whole);
    return 0;
}

vcl_tpl_text vcl_url_hostname(vcl_tpl_text host)
{
    size_t colon = find_last(host, ':');

    if (colon != SIZE_MAX && valid_port(part(host, colon, host.size)))
        host.size = colon;
    if (host.size >= 2 && host.data[0] == '[' && host.data[host.size - 1] == ']')
        host = part(host, 1, host.size - 1);
    return host;
}

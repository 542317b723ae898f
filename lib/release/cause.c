/* SPDX-License-Identifier: Apache-2.0 */
/* Causes; see cause.h. */
#include "release/cause.h"

#include <string.h>

#include "base/str.h"

enum { MAX_CAUSES = 64 };

static void cause_done(vcluster_cause *cause)
{
    free(cause->object);
    free(cause->container);
    free(cause->reported);
    free(cause->message);
    free(cause->event);
    free(cause->evidence);
}

void vcl_causes_done(vcl_causes *causes)
{
    for (size_t i = 0; i < causes->count; i++)
        cause_done(&causes->items[i]);
    free(causes->items);
    *causes = (vcl_causes){ 0 };
}

static char *message_of(const vcl_clue *clue)
{
    const char *before = clue->log ? "; its last log line: " : clue->detail ? ": " : "";
    const char *detail = clue->log ? clue->log : vcl_str(clue->detail);
    const char *kind = vcl_streq(clue->kind, "Pod") ? "pod" : clue->kind;

    if (clue->sentence)
        return vcl_strdup(clue->sentence);
    if (clue->container)
        return vcl_format("container '%s' of pod '%s': %s%s%s", clue->container,
                          vcl_str(clue->name), vcl_str(clue->reported), before, detail);
    return vcl_format("%s '%s': %s%s%s", kind, vcl_str(clue->name), vcl_str(clue->reported), before,
                      detail);
}

static int64_t grace_of(const vcl_clue *clue, const vcl_reason *reason)
{
    if (reason->grace_ms == VCL_GRACE_EVER || clue->grace_ms == VCL_GRACE_EVER)
        return VCL_GRACE_EVER;
    return clue->grace_ms > reason->grace_ms ? clue->grace_ms : reason->grace_ms;
}

/* Take out what colours a terminal: ESC [ digits and ; m */
static void drop_colours(char *text)
{
    char *to = text;

    while (*text) {
        size_t size = text[0] == '\x1b' && text[1] == '[' ? 2 + strspn(text + 2, "0123456789;") : 0;
        if (size && text[size] == 'm')
            text += size + 1;
        else
            *to++ = *text++;
    }
    *to = '\0';
}

/* What logs and webhooks say is not ours: it may be no text at all, and nothing in it may move a
 * terminal's cursor. One line each. */
static void clean(char *text)
{
    bool is_text = vcl_utf8_valid(text, strlen(text));

    drop_colours(text);
    vcl_sanitize(text);
    for (; *text; text++) {
        if (*text == '\n' || *text == '\t')
            *text = ' ';
        else if (!is_text && (unsigned char)*text >= 0x80)
            *text = '?';
    }
}

static bool make(const vcl_clue *clue, const vcl_reason *reason, vcluster_cause *out)
{
    *out = (vcluster_cause){
        .reason = reason,
        .certainty = clue->certainty ? clue->certainty : VCLUSTER_CERTAINTY_CERTAIN,
        .object = vcl_format("%s/%s", vcl_str(clue->kind), vcl_str(clue->name)),
        .container = vcl_strdup(vcl_str(clue->container)),
        .reported = vcl_strdup(clue->reported),
        .message = message_of(clue),
        .event = vcl_strdup(vcl_str(clue->event)),
        .evidence = vcl_strdup(clue->log ? clue->log : vcl_str(clue->detail)),
        .grace_ms = grace_of(clue, reason),
        .lasted_ms = clue->lasted_ms,
        .crashed = clue->crashed,
    };
    if (!out->object || !out->container || !out->message || !out->event || !out->evidence ||
        (clue->reported && !out->reported)) {
        cause_done(out);
        return false;
    }
    clean(out->message);
    clean(out->event);
    clean(out->evidence);
    return true;
}

/* The same reason and object again: what the first clue did not know. Takes over from `other`. */
static void complete(vcluster_cause *cause, vcluster_cause *other)
{
    if (!*cause->event && *other->event) {
        free(cause->event);
        cause->event = vcl_steal(&other->event);
    }
    if (other->lasted_ms > cause->lasted_ms)
        cause->lasted_ms = other->lasted_ms;
    if (other->certainty > cause->certainty)
        cause->certainty = other->certainty;
}

void vcl_causes_add(vcl_causes *causes, const vcl_clue *clue)
{
    const vcl_reason *reason = vcl_reason_find(clue->reason);
    vcluster_cause made;

    if (!reason || causes->count >= MAX_CAUSES)
        return;
    if (!make(clue, reason, &made)) {
        causes->failed = true;
        return;
    }
    for (size_t i = 0; i < causes->count; i++) {
        if (causes->items[i].reason == reason && vcl_streq(causes->items[i].object, made.object)) {
            complete(&causes->items[i], &made);
            cause_done(&made);
            return;
        }
    }
    vcluster_cause *grown = realloc(causes->items, (causes->count + 1) * sizeof(*grown));
    if (!grown) {
        cause_done(&made);
        causes->failed = true;
        return;
    }
    causes->items = grown;
    grown[causes->count++] = made;
}

void vcl_causes_rank(vcl_causes *causes)
{
    for (size_t i = 1; i < causes->count; i++) {
        vcluster_cause moved = causes->items[i];
        size_t to = i;

        for (; to > 0 && causes->items[to - 1].certainty < moved.certainty; to--)
            causes->items[to] = causes->items[to - 1];
        causes->items[to] = moved;
    }
}

int vcl_cause_fail(const vcluster_cause *cause, vcluster_error **error)
{
    const vcl_reason *reason = cause->reason;

    int status = vcl_fail(error, reason->status, "%s (%s)", cause->message, reason->remedy);
    vcl_error_set_reason(error, cause->reported ? cause->reported : reason->code);
    vcl_error_add_finding(error, cause->object, 0, reason->code, VCLUSTER_SEVERITY_ERROR,
                          cause->message, reason->remedy);
    return status;
}

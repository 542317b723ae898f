/* SPDX-License-Identifier: Apache-2.0 */
/* What a request on resources is answered: statuses, get and list, and which verb it is. */
#include "fake/answer.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "data/yaml.h"

/* ---- Statuses ---- */

void vcl_fake_status(vcl_fake_answer *out, int status, const char *reason, const char *message)
{
    cJSON *tree = cJSON_CreateObject();
    bool made =
        tree && vcl_json_set_string(tree, "kind", "Status") &&
        vcl_json_set_string(tree, "apiVersion", "v1") && vcl_json_object(tree, "metadata") &&
        vcl_json_set_string(tree, "status", status < 300 ? "Success" : "Failure") &&
        vcl_json_set_string(tree, "message", message) &&
        vcl_json_set_string(tree, "reason", reason) && vcl_json_set_int(tree, "code", status);

    cJSON_Delete(out->tree);
    out->tree = NULL;
    out->status = status;
    if (made)
        out->tree = tree;
    else
        cJSON_Delete(tree);
}

const char *vcl_fake_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = { { 400, "BadRequest" },       { 401, "Unauthorized" },
                    { 403, "Forbidden" },        { 404, "NotFound" },
                    { 405, "MethodNotAllowed" }, { 409, "Conflict" },
                    { 410, "Expired" },          { 413, "RequestEntityTooLarge" },
                    { 422, "Invalid" },          { 429, "TooManyRequests" },
                    { 500, "InternalError" },    { 503, "ServiceUnavailable" },
                    { 504, "Timeout" } };

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "";
}

void vcl_fake_no_memory(vcl_fake_answer *out)
{
    vcl_fake_status(out, 500, "InternalError", "the fake host is out of memory");
}

void vcl_fake_refuse(const vcl_fake_asked *a, int status, const char *reason, const char *what)
{
    vcl_auto_free char *message =
        vcl_format("%s \"%s\" %s", a->target->plural, vcl_str(a->target->name), what);

    vcl_fake_status(a->out, status, reason, vcl_str(message));
}

void vcl_fake_not_found(vcl_fake_answer *out, const vcl_fake_target *target)
{
    vcl_auto_free char *message =
        target->name ? vcl_format("%s \"%s\" not found", target->plural, target->name) : NULL;
    vcl_fake_status(out, 404, "NotFound",
                    message ? message : "the server could not find the requested resource");
}

/* The object as the answer. */
void vcl_fake_show(const vcl_fake_asked *a, int status, const cJSON *tree)
{
    a->out->status = status;
    a->out->tree = vcl_json_copy(tree);
    if (!a->out->tree)
        vcl_fake_no_memory(a->out);
}

/* ---- Reading ---- */

cJSON *vcl_fake_form(const vcl_fake_request *request, const cJSON *tree)
{
    if (!strstr(vcl_str(request->accept), "as=PartialObjectMetadata"))
        return vcl_json_copy(tree);
    cJSON *partial = cJSON_CreateObject();
    if (partial && vcl_json_set_string(partial, "kind", "PartialObjectMetadata") &&
        vcl_json_set_string(partial, "apiVersion", "meta.k8s.io/v1") &&
        vcl_json_set(partial, "metadata", vcl_json_copy(vcl_json_get(tree, "metadata"))))
        return partial;
    cJSON_Delete(partial);
    return NULL;
}

static void get(const vcl_fake_asked *a)
{
    a->out->status = 200;
    a->out->tree = vcl_fake_form(a->request, a->stored->tree);
    if (!a->out->tree)
        vcl_fake_no_memory(a->out);
}

static bool set_number(cJSON *metadata, const char *key, int64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%lld", (long long)number);
    return vcl_json_set_string(metadata, key, text);
}

/* The items, `limit` of them behind those that the token counts. false: memory is short. */
static bool add_items(const vcl_fake_asked *a, cJSON *items, cJSON *metadata)
{
    int64_t skip = 0;
    int64_t seen = 0;

    (void)vcl_parse_i64(a->target->continue_token, &skip);
    for (const vcl_fake_object *o = a->world->objects; o; o = o->next) {
        if (!vcl_world_selects(a->target, o->path, o->tree) || seen++ < skip)
            continue;
        if (a->target->limit > 0 && seen > skip + a->target->limit)
            return set_number(metadata, "continue", skip + a->target->limit);
        if (!vcl_json_append(items, vcl_fake_form(a->request, o->tree)))
            return false;
    }
    return true;
}

void vcl_fake_list(const vcl_fake_asked *a)
{
    cJSON *tree = cJSON_CreateObject();
    vcl_auto_free char *kind = vcl_format("%sList", a->kind);
    cJSON *metadata = tree ? vcl_json_object(tree, "metadata") : NULL;
    cJSON *items = tree ? cJSON_AddArrayToObject(tree, "items") : NULL;

    a->out->status = 200;
    a->out->tree = tree;
    if (!kind || !metadata || !items || !vcl_json_set_string(tree, "kind", kind) ||
        !vcl_json_set_string(tree, "apiVersion", a->target->api_version) ||
        !set_number(metadata, "resourceVersion", a->world->version) ||
        !add_items(a, items, metadata))
        vcl_fake_no_memory(a->out);
}

/* ---- The verb ---- */

/* Clients of this library send JSON whatever they call it; others may send YAML. */
static bool read_sent(const vcl_buf *sent, cJSON **out_body)
{
    return sent->size == 0 || vcl_json_parse(vcl_buf_text(sent), sent->size, out_body, NULL) == 0 ||
           vcl_yaml_parse(vcl_buf_text(sent), sent->size, out_body, NULL) == 0;
}

static void write_or_delete(const vcl_fake_asked *a)
{
    VCL_AUTO_JSON *body = NULL;
    bool deletes = vcl_streq(a->request->method, "DELETE");

    if (!read_sent(&a->request->body, &body))
        vcl_fake_status(a->out, 400, "BadRequest", "the body of the request cannot be read");
    else if (deletes && !a->target->name)
        vcl_fake_delete_all(a);
    else if (deletes && !a->stored)
        vcl_fake_not_found(a->out, a->target);
    else if (deletes)
        vcl_fake_delete_one(a, body);
    else if (!cJSON_IsObject(body) && !cJSON_IsArray(body))
        vcl_fake_status(a->out, 400, "BadRequest", "the request has no body");
    else
        vcl_fake_write(a, body);
}

/* A status and a namespace's finalizers are parts of the object; a pod can be evicted. */
static bool is_served(const vcl_fake_asked *a)
{
    const char *sub = a->target->subresource;

    return !sub || vcl_streq(sub, "status") || vcl_streq(sub, "finalize") ||
           (vcl_streq(sub, "eviction") && vcl_streq(a->kind, "Pod"));
}

void vcl_fake_handle(vcl_fake *fake,
                     vcl_world *world,
                     const vcl_fake_request *request,
                     const vcl_fake_target *target,
                     vcl_fake_answer *out)
{
    vcl_fake_asked a = {
        .fake = fake, .world = world, .request = request, .target = target, .out = out
    };

    if (vcl_fake_handle_general(fake, world, request, target, out))
        return;
    a.kind = target->plural ? vcl_fake_kind(world, target->api_version, target->plural, NULL) : "";
    if (target->object)
        a.stored = vcl_world_find(world, target->object);
    if (!*a.kind)
        vcl_fake_status(out, 404, "NotFound", "the server could not find the requested resource");
    else if (!is_served(&a))
        vcl_fake_status(out, 501, "NotImplemented", "the fake host does not serve this");
    else if (!vcl_streq(request->method, "GET"))
        write_or_delete(&a);
    else if (!target->name)
        vcl_fake_list(&a);
    else if (a.stored)
        get(&a);
    else
        vcl_fake_not_found(out, target);
}

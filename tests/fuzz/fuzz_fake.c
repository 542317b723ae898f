/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to a fake host by strangers: heads and bodies, with a record separator (0x1e) between
 * the requests; a "*" in front: with controllers. Each gets an answer that can be told; what is
 * stored is found under the path that its own name and kind make.
 */
#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "fake/host.h"
#include "fuzz.h"

static const char objects[] =
    "{apiVersion: v1, kind: Namespace, metadata: {name: ns}}\n---\n"
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: ns, labels: {a: b}}, data: "
    "{x: '1', list: [1, {a: b}]}}\n---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns, finalizers: [f/f]}, spec: "
    "{containers: [{name: c, image: i}]}}\n---\n"
    "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s, namespace: ns}, spec: {replicas: "
    "1, template: {metadata: {labels: {a: b}}, spec: {containers: []}}}}\n";

static void check_objects(vcl_fake *fake)
{
    for (const vcl_fake_object *o = fake->worlds->objects; o; o = o->next) {
        vcl_auto_free char *path = vcl_fake_path_of(fake->worlds, o->tree);
        FUZZ_CHECK(!path || vcl_streq(path, o->path));
    }
}

static void ask(vcl_fake *fake, char *text)
{
    vcl_fake_request request = { 0 };
    vcl_fake_target target = { 0 };
    vcl_fake_answer answer = { 0 };
    char *body = strstr(text, "\n\n");
    size_t size = 0;

    if (body) {
        *body = '\0';
        body += 2;
    }
    VCL_AUTO_BUF head = { 0 };
    vcl_buf_init(&head, 1 << 20);
    for (const char *c = text; *c; c++)
        (void)(*c == '\n' ? vcl_buf_add(&head, "\r\n") : vcl_buf_add_char(&head, *c));
    vcl_buf_init(&request.body, 1 << 20);
    if (vcl_fake_request_parse(vcl_buf_text(&head), &request, &size) &&
        vcl_buf_add(&request.body, vcl_str(body)) && vcl_fake_target_read(request.path, &target)) {
        vcl_fake_handle(fake, fake->worlds, &request, &target, &answer);
        FUZZ_CHECK(answer.status >= 200 && answer.status < 600);
        FUZZ_CHECK(answer.tree || answer.text);
        vcl_auto_free char *told = answer.tree ? vcl_json_print(answer.tree) : NULL;
        FUZZ_CHECK(!answer.tree || told);
        check_objects(fake);
    }
    cJSON_Delete(answer.tree);
    vcl_fake_target_done(&target);
    vcl_fake_request_done(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = vcl_strndup((const char *)data, size);
    bool bare = text && *text != '*';
    const vcl_fake_options options = { .objects = objects, .bare = bare };
    vcl_endpoint endpoint = { 0 };
    vcl_fake *fake = NULL;
    char *rest = text && !bare ? text + 1 : text;

    FUZZ_CHECK(vcl_fake_new(&options, &endpoint, &fake, NULL) == 0);
    (void)pthread_mutex_lock(&fake->lock);
    while (rest)
        ask(fake, strsep(&rest, "\x1e"));
    (void)pthread_mutex_unlock(&fake->lock);
    vcl_endpoint_done(&endpoint);
    free(text);
    return 0;
}

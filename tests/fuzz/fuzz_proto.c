/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a list in Protocol Buffers: in pieces of any size it is the same as at once. The
 * first byte chooses the kind and the size of the pieces. */
#include <string.h>

#include "fuzz.h"
#include "kube/proto_answer.h"
#include "kube/proto_kinds.h"

static int keep(cJSON *item, void *data, vcluster_error **error)
{
    (void)error;
    FUZZ_CHECK(vcl_json_append(data, item));
    return VCLUSTER_OK;
}

/* The list with its items as one tree; NULL when it is refused. */
static cJSON *
read_list(const vcl_proto_message *message, const char *bytes, size_t size, size_t step)
{
    VCL_AUTO_JSON *array = cJSON_CreateArray();
    cJSON *rest = NULL;
    vcl_proto_items items;
    int status = 0;

    vcl_proto_items_init(&items, message, keep, array);
    for (size_t at = 0; status == 0 && at < size; at += step)
        status =
            vcl_proto_items_feed(&items, bytes + at, size - at < step ? size - at : step, NULL);
    if (status == 0)
        status = vcl_proto_items_end(&items, &rest, NULL);
    vcl_proto_items_done(&items);
    FUZZ_CHECK((status == 0) == (rest != NULL));
    if (rest)
        FUZZ_CHECK(vcl_json_set(rest, "items", vcl_json_copy(array)));
    return rest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const vcl_proto_message *const messages[] = { &vcl_proto_stateful_set, &vcl_proto_deployment,
                                                  &vcl_proto_pod, &vcl_proto_metadata };
    VCL_AUTO_JSON *status = NULL;

    if (size == 0)
        return 0;
    const vcl_proto_message *message = messages[data[0] % 4];
    const char *bytes = (const char *)data + 1;
    VCL_AUTO_JSON *whole = read_list(message, bytes, size - 1, size);
    VCL_AUTO_JSON *pieces = read_list(message, bytes, size - 1, (size_t)data[0] / 4 + 1);
    FUZZ_CHECK((whole != NULL) == (pieces != NULL));
    FUZZ_CHECK(!whole || vcl_json_equal(whole, pieces));
    (void)vcl_proto_read_status(bytes, size - 1, &status, NULL);
    return 0;
}

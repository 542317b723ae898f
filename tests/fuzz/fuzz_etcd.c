/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as etcd's answer to a snapshot request. */
#include "fuzz.h"
#include "runtime/etcd_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    VCL_AUTO_BUF buf = { 0 };
    int status = 1;

    vcl_buf_init(&buf, 16 << 20);
    FUZZ_CHECK(vcl_buf_append(&buf, data, size));
    while (status == 1) {
        VCL_AUTO_ERROR *error = NULL;
        rt_etcd_part part = { 0 };
        size_t whole = 0;
        status = rt_etcd_next(&buf, &part, &whole, &error);
        FUZZ_CHECK((status < 0) == (error != NULL));
        if (status != 1)
            break;
        FUZZ_CHECK(whole <= buf.size && part.remaining >= 0);
        FUZZ_CHECK(part.blob_size == 0 ||
                   (part.blob > buf.data && part.blob + part.blob_size <= buf.data + whole));
        vcl_buf_consume(&buf, whole);
    }
    return 0;
}

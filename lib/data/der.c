/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of DER; see der.h. */
#include "data/der.h"

#include <string.h>

enum { MAX_LENGTH_BYTES = 4, LONG_FORM = 0x80 };

/* Read the length behind a tag: one byte, or how many bytes follow that hold it. */
static bool take_length(vcl_der *der, size_t *out_length)
{
    if (der->size == 0)
        return false;
    size_t length = *der->data++;
    der->size--;
    if (length >= LONG_FORM) {
        size_t bytes = length - LONG_FORM;
        if (bytes == 0 || bytes > MAX_LENGTH_BYTES || bytes > der->size)
            return false;
        for (length = 0; bytes > 0; bytes--, der->size--)
            length = length << 8 | *der->data++;
    }
    *out_length = length;
    return length <= der->size;
}

bool vcl_der_take(vcl_der *der, int tag, vcl_der *out)
{
    vcl_der rest = *der;
    size_t length;

    if (rest.size == 0 || rest.data[0] != tag)
        return false;
    rest.data++;
    rest.size--;
    if (!take_length(&rest, &length))
        return false;
    *der = (vcl_der){ .data = rest.data + length, .size = rest.size - length };
    if (out)
        *out = (vcl_der){ .data = rest.data, .size = length };
    return true;
}

bool vcl_der_take_optional(vcl_der *der, int tag, vcl_der *out)
{
    if (out)
        *out = (vcl_der){ 0 };
    return der->size == 0 || der->data[0] != tag || vcl_der_take(der, tag, out);
}

bool vcl_der_equal(const vcl_der *a, const vcl_der *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

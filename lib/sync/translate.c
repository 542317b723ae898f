/* SPDX-License-Identifier: Apache-2.0 */
/* Names on the host: joined, and above 63 bytes cut and hashed. */
#include "sync/translate.h"

#include <string.h>

#include <openssl/sha.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "data/encoding.h"

enum {
    HASH_DIGITS = 10,
    CUT = VCL_HOST_NAME_MAX - HASH_DIGITS - 1,
    SHORT_DIGITS = 13,
    MAX_JOINED = 4096, /* three names of at most 253 bytes, and a label key */
};

#define LABEL_PREFIX "vcluster.loft.sh/label"
#define NAMESPACE_LABEL_PREFIX "vcluster.loft.sh/ns-label"

/* The first ten digits of the hash of a text. */
static bool short_hash(const char *text, char digits[HASH_DIGITS + 1])
{
    char hex[VCL_SHA256_HEX_SIZE];

    if (vcl_sha256_hex(text, strlen(text), hex, NULL) < 0)
        return false;
    memcpy(digits, hex, HASH_DIGITS);
    digits[HASH_DIGITS] = '\0';
    return true;
}

static char *join(const char *const *parts)
{
    VCL_AUTO_BUF joined = { 0 };

    vcl_buf_init(&joined, MAX_JOINED);
    for (size_t i = 0; parts[i]; i++) {
        if (i > 0)
            vcl_buf_add_char(&joined, '-');
        vcl_buf_add(&joined, parts[i]);
    }
    return vcl_buf_steal(&joined);
}

/* Every ".-" becomes "-". */
static void drop_dots_before_dashes(char *text)
{
    char *out = text;

    for (const char *in = text; *in; in++) {
        if (!(in[0] == '.' && in[1] == '-'))
            *out++ = *in;
    }
    *out = '\0';
}

char *vcl_safe_concat(const char *const *parts)
{
    vcl_auto_free char *joined = join(parts);
    char hash[HASH_DIGITS + 1];

    if (!joined || strlen(joined) <= VCL_HOST_NAME_MAX)
        return vcl_steal(&joined);
    if (!short_hash(joined, hash))
        return NULL;
    joined[CUT] = '-';
    memcpy(joined + CUT + 1, hash, sizeof(hash));
    drop_dots_before_dashes(joined);
    return vcl_steal(&joined);
}

vcl_name_rule vcl_name_rule_of(const char *kind)
{
    static const struct {
        const char *kind;
        vcl_name_rule rule;
    } others[] = {
        { "PersistentVolume", VCL_NAME_CLUSTER },
        { "PriorityClass", VCL_NAME_CLUSTER },
        { "StorageClass", VCL_NAME_CLUSTER },
        { "ResourceClaim", VCL_NAME_SHORT },
        { "ResourceClaimTemplate", VCL_NAME_SHORT },
        { "Node", VCL_NAME_SAME },
        { "IngressClass", VCL_NAME_SAME },
        { "RuntimeClass", VCL_NAME_SAME },
        { "CSIDriver", VCL_NAME_SAME },
        { "CSINode", VCL_NAME_SAME },
        { "GatewayClass", VCL_NAME_SAME },
        { "DeviceClass", VCL_NAME_SAME },
        { "Namespace", VCL_NAME_SAME },
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(others[i].kind, kind) == 0)
            return others[i].rule;
    }
    return VCL_NAME_NAMESPACED;
}

/* The hash as a number in base 36, its first digits: divided bit by bit, since it has 256 of them.
 */
static void base36(unsigned char number[SHA256_DIGEST_LENGTH], char digits[SHORT_DIGITS + 1])
{
    static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    enum { ALL = 50 }; /* 256 bits have at most 50 digits */
    char all[ALL];
    size_t at = ALL;
    bool zero = false;

    while (!zero && at > 0) {
        unsigned rest = 0;
        zero = true;
        for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++) {
            unsigned part = rest << 8 | number[i];
            number[i] = (unsigned char)(part / 36);
            rest = part % 36;
            zero = zero && number[i] == 0;
        }
        all[--at] = alphabet[rest];
    }
    size_t count = ALL - at < SHORT_DIGITS ? ALL - at : SHORT_DIGITS;
    memcpy(digits, all + at, count);
    digits[count] = '\0';
}

static char *short_name(const vcl_sync_owner *owner, const char *namespace_name, const char *name)
{
    const char *const parts[] = { name, "x", namespace_name, "x", owner->name, NULL };
    vcl_auto_free char *joined = join(parts);
    unsigned char hash[SHA256_DIGEST_LENGTH];
    char digits[SHORT_DIGITS + 1];

    if (!joined || !SHA256((const unsigned char *)joined, strlen(joined), hash))
        return NULL;
    base36(hash, digits);
    return vcl_format("v%s", digits);
}

static char *namespaced_name(const vcl_sync_owner *owner,
                             const char *kind,
                             const char *namespace_name,
                             const char *name)
{
    const char *const parts[] = { name, "x", namespace_name, "x", owner->name, NULL };

    if (strcmp(kind, "Service") == 0 && strcmp(name, "kubernetes") == 0 &&
        strcmp(namespace_name, "default") == 0)
        return vcl_strdup(owner->name);
    return vcl_safe_concat(parts);
}

char *vcl_translate_name(const vcl_sync_owner *owner,
                         const char *kind,
                         const char *namespace_name,
                         const char *name)
{
    const char *const parts[] = { "vcluster", name,        "x", owner->namespace_name,
                                  "x",        owner->name, NULL };

    switch (vcl_name_rule_of(kind)) {
    case VCL_NAME_CLUSTER:
        return vcl_safe_concat(parts);
    case VCL_NAME_SHORT:
        return short_name(owner, namespace_name, name);
    case VCL_NAME_SAME:
        return vcl_strdup(name);
    case VCL_NAME_NAMESPACED:
    default:
        return namespaced_name(owner, kind, namespace_name, name);
    }
}

static char *hashed_key(const vcl_sync_owner *owner, const char *prefix, const char *key)
{
    char hash[HASH_DIGITS + 1];

    if (!short_hash(key, hash))
        return NULL;
    const char *const parts[] = { prefix, owner->name, "x", hash, NULL };
    return vcl_safe_concat(parts);
}

char *vcl_translate_label_key(const vcl_sync_owner *owner, const char *key)
{
    static const char *const taken[] = { "release", "vcluster.loft.sh/namespace",
                                         "vcluster.loft.sh/managed-by",
                                         "vcluster.loft.sh/controlled-by" };

    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (strcmp(taken[i], key) == 0)
            return hashed_key(owner, LABEL_PREFIX, key);
    }
    return vcl_strdup(key);
}

char *vcl_translate_namespace_label_key(const vcl_sync_owner *owner, const char *key)
{
    return hashed_key(owner, NAMESPACE_LABEL_PREFIX, key);
}

char *vcl_sync_marker(const vcl_sync_owner *owner, bool cluster_scoped)
{
    const char *const parts[] = { owner->namespace_name, "x", owner->name, NULL };

    return cluster_scoped ? vcl_safe_concat(parts) : vcl_strdup(owner->name);
}

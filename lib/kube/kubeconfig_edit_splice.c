/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a kubeconfig's text that are replaced; see kubeconfig_edit.h. */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/kubeconfig_edit.h"

void vcl_splice_add(vcl_splices *splices, size_t start, size_t end, char *text)
{
    if (!text || splices->count == VCL_MAX_SPLICES) {
        splices->failed = true;
        vcl_free_secret(text);
        return;
    }
    splices->items[splices->count++] = (vcl_splice){ .start = start, .end = end, .text = text };
}

void vcl_splice_add_copy(vcl_splices *splices, size_t start, size_t end, const char *text)
{
    vcl_splice_add(splices, start, end, vcl_strdup(text));
}

void vcl_splices_done(vcl_splices *splices)
{
    for (size_t i = 0; i < splices->count; i++)
        vcl_free_secret(splices->items[i].text);
    *splices = (vcl_splices){ .count = 0 };
}

bool vcl_splices_sort(vcl_splices *splices)
{
    vcl_splice *items = splices->items;

    for (size_t i = 1; i < splices->count; i++) {
        for (size_t k = i; k > 0 && items[k - 1].start > items[k].start; k--) {
            vcl_splice earlier = items[k];
            items[k] = items[k - 1];
            items[k - 1] = earlier;
        }
    }
    for (size_t i = 1; i < splices->count; i++) {
        if (items[i - 1].end > items[i].start)
            return false;
    }
    return true;
}

int vcl_splices_apply(const vcl_splices *splices,
                      const vcl_config_text *config,
                      char **out_text,
                      size_t *out_size,
                      vcluster_error **error)
{
    VCL_AUTO_BUF result = { 0 };
    size_t at = 0;

    vcl_buf_init(&result, VCL_MAX_DOCUMENT);
    vcl_buf_append(&result, "", 0);
    for (size_t i = 0; i < splices->count; i++) {
        const vcl_splice *item = &splices->items[i];
        vcl_buf_append(&result, config->text + at, item->start - at);
        vcl_buf_add(&result, item->text);
        at = item->end;
    }
    vcl_buf_append(&result, config->text + at, config->size - at);
    if (vcl_buf_failed(&result) && result.state == VCL_BUF_TOO_LARGE)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the kubeconfig would be larger than %d bytes",
                        VCL_MAX_DOCUMENT);
    size_t size = result.size;
    char *text = vcl_buf_steal(&result);
    if (!text)
        return vcl_no_memory(error);
    *out_text = text;
    *out_size = size;
    return VCLUSTER_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits of a kubeconfig of many entries at the price of few: what an edit has nothing to do with
 * is left out of the text that is edited, and put back between its neighbours when that is written.
 * Not for other layers.
 */
#ifndef VCL_KUBE_KUBECONFIG_GAPS_H
#define VCL_KUBE_KUBECONFIG_GAPS_H

#include "kube/kubeconfig_edit.h"
#include "kube/kubeconfig_store.h"

/* So many entries in a row are left out, or more. */
enum { VCL_LEAST_GAP = 32 };

/* The text after several edits, with gaps of at least so many entries; the index is as before.
 * Errors as of vcl_config_text_edit(). */
int vcl_config_index_edit(const vcl_config_index *index,
                          size_t least_gap,
                          const vcl_config_edit *edits,
                          size_t count,
                          vcl_config_text *out_edited,
                          vcluster_error **error);

/* The pieces that make up the whole text, borrowed from both. */
enum { VCL_MAX_PIECES = 2 * VCL_MAX_GAPS + 1 };
size_t vcl_config_pieces(const vcl_config_text *edited,
                         const vcl_config_index *index,
                         vcl_write_piece pieces[VCL_MAX_PIECES]);

/* Both: write a locked file with edits in it. config is what it says now. */
int vcl_config_store_edit(vcl_config_store *store,
                          const vcl_config_index *config,
                          const vcl_config_edit *edits,
                          size_t count,
                          vcluster_error **error);

#endif

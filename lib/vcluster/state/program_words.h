/* SPDX-License-Identifier: Apache-2.0 */
/* What upstream's program says when it fails: lines of a log, with what matters in one of them. */
#ifndef VCL_VCLUSTER_STATE_PROGRAM_WORDS_H
#define VCL_VCLUSTER_STATE_PROGRAM_WORDS_H

/* The error that its last words name; where they name none, all of them, without colours. Fit for a
 * terminal. NULL: memory is short. */
char *vcl_program_words(const char *said);

#endif

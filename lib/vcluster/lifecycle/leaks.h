/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaks: what carries the marks of a virtual cluster and is not reached by its delete. The delete
 * takes them along where that is asked for, by the rules of audits (upkeep/audit.h): what may be
 * somebody else's stays, and where a list fails nothing goes.
 */
#ifndef VCL_VCLUSTER_LIFECYCLE_LEAKS_H
#define VCL_VCLUSTER_LIFECYCLE_LEAKS_H

#include "vcluster/lifecycle/deleter.h"

/* What becomes of a trace: an action, and why; 0: it is another one's, or no trace of a leak. */
int vcl_trace_fate(const deleter *self,
                   bool namespace_goes,
                   const vcl_trace *trace,
                   const char **out_reason);

/* What would be removed besides, as it is beforehand: into self->leaks. 1: there is something. */
int vcl_leaks_look(deleter *self, vcl_call *call, vcluster_error **error);

/* Why one that was found by that would stay; NULL: it would go. */
int vcl_leak_refusal(const deleter *self,
                     vcl_call *call,
                     const vcl_trace *trace,
                     const char **out_refusal,
                     vcluster_error **error);

/* Remove them; the control plane has ended. */
int vcl_leaks_remove(deleter *self, vcl_call *call, bool namespace_goes, vcluster_error **error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual clusters that a restore is at work on, or that one has left half done: what others do
 * about it. */
#ifndef VCL_VCLUSTER_LIFECYCLE_RESTORING_H
#define VCL_VCLUSTER_LIFECYCLE_RESTORING_H

#include "release/record.h"
#include "vcluster/instance.h"

/* existing and record (the newest) may be NULL: there is none. */
bool vcl_restore_is_at_work(const vcluster_instance *existing, const vcl_record *record);

/* Not through, which is that it was cut where none is at work. Of one without a record (made by
 * GitOps), on which a restore has no lock, nobody can tell. */
bool vcl_restore_is_unfinished(const vcluster_instance *existing, const vcl_record *record);

/* PRECONDITION, and what to do about it. */
int vcl_restore_refuse_unfinished(const char *name, vcluster_error **error);

#endif

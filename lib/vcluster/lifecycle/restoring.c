/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a restore leaves when it is killed (state/restore.c): a mark on the workload, which is
 * scaled down or not, and a release record that is pending, though its revision was deployed. The
 * mark may outlive a restore that was killed at its very end, so that it says nothing alone. One of
 * upstream's (state/restore_remote.c) leaves a record at rest, and a mark that goes with the
 * scaling.
 */
#include "vcluster/lifecycle/restoring.h"

#include "base/str.h"

bool vcl_restore_is_at_work(const vcluster_instance *existing, const vcl_record *record)
{
    return existing && !existing->paused && (existing->restoring || existing->replicas == 0) &&
           record && vcl_record_is_claimed(record->secret);
}

bool vcl_restore_is_unfinished(const vcluster_instance *existing, const vcl_record *record)
{
    if (existing && existing->restoring_upstream && !existing->paused && existing->replicas == 0)
        return true;
    if (!existing || !existing->restoring)
        return false;
    if (!record)
        return !existing->paused && existing->replicas == 0;
    return vcl_streq(record->status, "pending-upgrade");
}

int vcl_restore_refuse_unfinished(const char *name, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                    "a restore of virtual cluster '%s' is not finished: repeat it with the same "
                    "snapshot, which completes it, or delete the virtual cluster",
                    name);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Version of the library. */
#include <libvcluster/version.h>

const char *vcluster_version(void)
{
    return VCLUSTER_VERSION;
}

int vcluster_version_number(void)
{
    return VCLUSTER_VERSION_NUM;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in chart. */
#include "chart/embedded.h"

#include "chart/chart.h"

int vcluster_chart_embedded(vcluster_chart **out_chart, vcluster_error **error)
{
    VCL_AUTO_CHART_FILES files = { 0 };

    if (!out_chart)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "a place for the chart is needed");
    for (const vcl_embedded_file *file = vcl_embedded_chart; file->name; file++) {
        int status =
            vcl_chart_files_add(&files, file->name, (const char *)file->data, file->size, error);
        if (status < 0)
            return status;
    }
    return vcl_chart_files_finish(&files, out_chart, error);
}

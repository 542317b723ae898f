/* SPDX-License-Identifier: Apache-2.0 */
/* A chart with three objects; see small_chart.h. */
#include "small_chart.h"

#include <stdlib.h>

#include "cm.h"

#define LABELS "  labels: {app: vcluster, release: {{ .Release.Name }}}\n"

static const char secret[] = "apiVersion: v1\nkind: Secret\nmetadata:\n"
                             "  name: vc-config-{{ .Release.Name }}\n" LABELS
                             "stringData: {k: {{ .Values.sync.fromHost | quote }}}\n"
                             "data: {config.yaml: {{ .Values | toYaml | b64enc | quote }}}\n";

static const char service[] = "apiVersion: v1\nkind: Service\nmetadata:\n"
                              "  name: {{ .Release.Name }}\n" LABELS;

static const char stateful_set[] =
    "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n"
    "  name: {{ .Release.Name }}\n" LABELS
    "  annotations: {libvcluster.dev/distribution: {{ .Values.distribution }}}\n"
    "spec: {replicas: 1, template: {spec: {containers: [{name: syncer, image: 'a:1.0'}]}}}\n";

static const char values[] = "distribution: embedded\nsync: {fromHost: none}\n"
                             "controlPlane: {distro: {k8s: {version: ''}}}\n";

static const char keys[] = "# What has an effect.\ndistribution\nsync.fromHost\n"
                           "controlPlane.distro.k8s.version\ncontrolPlane.statefulSet.resources\n"
                           "exportKubeConfig.server\npolicies.podSecurityStandard\n";

vcluster_chart *small_chart_new(const char *name)
{
    char *metadata = vcl_format("apiVersion: v2\nname: %s\nversion: 1.2.3\n", name);
    const char *const parts[][2] = {
        { "Chart.yaml", metadata },
        { "values.yaml", values },
        { "templates/secret.yaml", secret },
        { "templates/service.yaml", service },
        { "templates/statefulset.yaml", stateful_set },
        { "files/effective-keys.txt", keys },
    };
    enum { COUNT = sizeof(parts) / sizeof(parts[0]) };
    vcl_chart_file *files = calloc(COUNT, sizeof(*files));
    vcluster_chart *chart = NULL;
    vcluster_error *error = NULL;

    assert_non_null(files);
    for (size_t i = 0; i < COUNT; i++)
        files[i] = (vcl_chart_file){ .name = vcl_strdup(parts[i][0]),
                                     .data = vcl_strdup(parts[i][1]),
                                     .size = strlen(parts[i][1]) };
    assert_works(vcl_chart_from_files(files, COUNT, &chart, &error), &error);
    free(metadata);
    return chart;
}

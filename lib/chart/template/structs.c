/* SPDX-License-Identifier: Apache-2.0 */
/* Structs of Helm 3.21 that templates see; see structs.h. */
#include "chart/template/structs.h"

#include <string.h>

enum { METADATA_FIELDS = 17 };

static const vcl_tpl_field chart_fields[] = {
    { "Name", "name", true },
    { "Home", "home", true },
    { "Sources", "sources", true },
    { "Version", "version", true },
    { "Description", "description", true },
    { "Keywords", "keywords", true },
    { "Maintainers", "maintainers", true },
    { "Icon", "icon", true },
    { "APIVersion", "apiVersion", true },
    { "Condition", "condition", true },
    { "Tags", "tags", true },
    { "AppVersion", "appVersion", true },
    { "Deprecated", "deprecated", true },
    { "Annotations", "annotations", true },
    { "KubeVersion", "kubeVersion", true },
    { "Dependencies", "dependencies", true },
    { "Type", "type", true },
    { "IsRoot", "IsRoot", false },
    { NULL, NULL, false },
};

static const vcl_tpl_field dependency_fields[] = {
    { "Name", "name", false },
    { "Version", "version", true },
    { "Repository", "repository", false },
    { "Condition", "condition", true },
    { "Tags", "tags", true },
    { "Enabled", "enabled", true },
    { "ImportValues", "import-values", true },
    { "Alias", "alias", true },
    { NULL, NULL, false },
};

static const vcl_tpl_field maintainer_fields[] = {
    { "Name", "name", true },
    { "Email", "email", true },
    { "URL", "url", true },
    { NULL, NULL, false },
};

static const vcl_tpl_field capabilities_fields[] = {
    { "KubeVersion", "KubeVersion", false },
    { "APIVersions", "APIVersions", false },
    { "HelmVersion", "HelmVersion", false },
    { NULL, NULL, false },
};

static const vcl_tpl_field kube_version_fields[] = {
    { "Version", "Version", false },
    { "Major", "Major", false },
    { "Minor", "Minor", false },
    { NULL, NULL, false },
};

static const vcl_tpl_field helm_version_fields[] = {
    { "Version", "version", true },
    { "GitCommit", "git_commit", true },
    { "GitTreeState", "git_tree_state", true },
    { "GoVersion", "go_version", true },
    { NULL, NULL, false },
};

const vcl_tpl_field *vcl_tpl_struct_fields(vcl_tpl_type type)
{
    switch (type) {
    case VCL_TPL_T_CHART:
        return chart_fields;
    case VCL_TPL_T_DEPENDENCY:
        return dependency_fields;
    case VCL_TPL_T_MAINTAINER:
        return maintainer_fields;
    case VCL_TPL_T_CAPABILITIES:
        return capabilities_fields;
    case VCL_TPL_T_KUBE_VERSION:
        return kube_version_fields;
    case VCL_TPL_T_HELM_VERSION:
        return helm_version_fields;
    default:
        return NULL;
    }
}

size_t vcl_tpl_struct_embedded(vcl_tpl_type type)
{
    return type == VCL_TPL_T_CHART ? METADATA_FIELDS : 0;
}

bool vcl_tpl_is_pointer(const vcl_tpl_value *value)
{
    return value->kind == VCL_TPL_MAP && strcmp(vcl_tpl_type_of(value)->kind, "ptr") == 0;
}

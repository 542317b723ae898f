/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a repository by strangers: "PATH\nTEXT", one behind the other with a
 * record separator (0x1e) between them. What is imported from them can be
 * rendered, or is refused with a reason; and what is rendered can be imported
 * again and says the same. The whole is taken for a spec, too, which may be a TeamCluster.
 */
#include <libvcluster/gitops.h>

#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "fuzz.h"

static bool add_file(vcluster_files *files, char *text)
{
    char *end = strchr(text, '\n');

    if (!end)
        return true;
    *end = '\0';
    return vcluster_files_add(files, text, end + 1, NULL) == VCLUSTER_OK;
}

static bool add_files(vcluster_files *files, char *text)
{
    char *rest = text;

    for (char *part = strsep(&rest, "\x1e"); part; part = strsep(&rest, "\x1e")) {
        if (!add_file(files, part))
            return false;
    }
    return true;
}

static int render(const char *spec, vcluster_files **out_files)
{
    VCL_AUTO_ERROR *error = NULL;
    int status = vcluster_gitops_render(spec, NULL, NULL, out_files, &error);

    FUZZ_CHECK((status < 0) == (error != NULL));
    FUZZ_CHECK((status < 0) == (*out_files == NULL));
    return status;
}

static int import(const vcluster_files *files, char **out_spec)
{
    VCL_AUTO_ERROR *error = NULL;
    int status = vcluster_gitops_import(files, NULL, out_spec, &error);

    FUZZ_CHECK((status < 0) == (error != NULL));
    FUZZ_CHECK((status < 0) == (*out_spec == NULL));
    return status;
}

static bool are_same(const vcluster_files *left, const vcluster_files *right)
{
    if (vcluster_files_size(left) != vcluster_files_size(right))
        return false;
    for (size_t i = 0; i < vcluster_files_size(left); i++) {
        if (!vcl_streq(vcluster_files_path(left, i), vcluster_files_path(right, i)) ||
            !vcl_streq(vcluster_files_text(left, i), vcluster_files_text(right, i)))
            return false;
    }
    return true;
}

/* What was rendered comes out of its own import byte for byte. */
static void go_round(const vcluster_files *rendered)
{
    vcluster_files *again = NULL;
    char *spec = NULL;

    FUZZ_CHECK(import(rendered, &spec) == VCLUSTER_OK);
    FUZZ_CHECK(render(spec, &again) == VCLUSTER_OK);
    FUZZ_CHECK(are_same(rendered, again));
    vcluster_files_free(again);
    vcluster_free(spec);
}

/* Whether they are a cluster Secret of Argo CD, of which there is no way back. */
static bool holds_secret(const vcluster_files *files)
{
    return vcluster_files_size(files) == 1 &&
           strstr(vcluster_files_path(files, 0), "cluster-secret.yaml") != NULL;
}

static void import_theirs(const vcluster_files *files)
{
    vcluster_files *rendered = NULL;
    char *spec = NULL;

    if (import(files, &spec) == VCLUSTER_OK && render(spec, &rendered) == VCLUSTER_OK)
        go_round(rendered);
    vcluster_files_free(rendered);
    vcluster_free(spec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = vcl_strndup((const char *)data, size);
    vcluster_files *files = NULL;
    vcluster_files *rendered = NULL;

    if (!text)
        return 0;
    if (render(text, &rendered) == VCLUSTER_OK && !holds_secret(rendered))
        go_round(rendered);
    vcluster_files_free(rendered);
    if (vcluster_files_new(&files, NULL) == VCLUSTER_OK && add_files(files, text))
        import_theirs(files);
    vcluster_files_free(files);
    free(text);
    return 0;
}

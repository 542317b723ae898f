/* SPDX-License-Identifier: Apache-2.0 */
/* What can be seen in the rendered objects alone: names and images; see preflight.h. */
#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "vcluster/preflight/preflight.h"

enum { LABEL_SIZE = 63, NAME_SIZE = 253, TAG_SIZE = 128, IMAGE_SIZE = 255, DIGEST_SIZE = 64 };

const cJSON *vcl_preflight_pod_spec(const cJSON *object)
{
    return vcl_streq(vcl_json_find_string(object, "kind", NULL), "Pod")
               ? vcl_json_get(object, "spec")
               : vcl_json_find(object, "spec", "template", "spec", NULL);
}

char *vcl_preflight_path(const cJSON *object)
{
    return vcl_format("%s/%s", vcl_str(vcl_json_find_string(object, "kind", NULL)),
                      vcl_str(vcl_json_find_string(object, "metadata", "name", NULL)));
}

/* How long a name of a kind may be: a Service is a DNS name; the pods of a StatefulSet carry its
 * name and a hash of 11 in a label. */
static size_t longest(const char *kind)
{
    static const struct {
        const char *kind;
        size_t size;
    } limits[] = { { "Service", LABEL_SIZE },
                   { "StatefulSet", VCL_MAX_NAME },
                   { "CronJob", VCL_MAX_NAME },
                   { "Namespace", LABEL_SIZE } };

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (vcl_streq(kind, limits[i].kind))
            return limits[i].size;
    }
    return NAME_SIZE;
}

static void check_labels(const cJSON *labels, const char *path, vcluster_report *report)
{
    const cJSON *label;

    cJSON_ArrayForEach (label, labels) {
        if (cJSON_IsString(label) && strlen(label->valuestring) > LABEL_SIZE)
            vcl_report_addf(report,
                            &(vcl_finding_facts){ .path = path,
                                                  .rule = "name-length",
                                                  .severity = VCLUSTER_SEVERITY_ERROR,
                                                  .remedy = "choose a shorter name" },
                            "the value of label '%s' has %zu bytes; at most %d may be",
                            label->string, strlen(label->valuestring), LABEL_SIZE);
    }
}

void vcl_preflight_names(const cJSON *objects, vcluster_report *report)
{
    const cJSON *object;

    cJSON_ArrayForEach (object, objects) {
        vcl_auto_free char *path = vcl_preflight_path(object);
        const char *kind = vcl_json_find_string(object, "kind", NULL);
        const char *name = vcl_str(vcl_json_find_string(object, "metadata", "name", NULL));
        if (strlen(name) > longest(kind))
            vcl_report_addf(report,
                            &(vcl_finding_facts){ .path = path,
                                                  .rule = "name-length",
                                                  .severity = VCLUSTER_SEVERITY_ERROR,
                                                  .remedy = "choose a shorter name" },
                            "its name has %zu bytes; at most %zu may be", strlen(name),
                            longest(kind));
        check_labels(vcl_json_find(object, "metadata", "labels", NULL), path, report);
        check_labels(vcl_json_find(object, "spec", "template", "metadata", "labels", NULL), path,
                     report);
    }
}

/* "[HOST[:PORT]/]PATH": lower case, digits, and single separators between them. */
static bool is_repository(const char *text, size_t size)
{
    const char *slash = memchr(text, '/', size);
    size_t first = slash ? (size_t)(slash - text) : 0;
    bool host = slash && (memchr(text, '.', first) || memchr(text, ':', first) ||
                          (first == strlen("localhost") && !strncmp(text, "localhost", first)));
    bool letter = false;

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool in_host = host && i < first;
        bool plain = islower(c) || isdigit(c) || (in_host && isupper(c));
        if (!plain && (!strchr(in_host ? ".-:[]" : "._-/", c) || (!letter && !in_host)))
            return false;
        letter = plain || c == '_' || c == '-';
    }
    return letter && size <= IMAGE_SIZE;
}

static bool is_tag(const char *text, size_t size)
{
    if (size == 0 || size > TAG_SIZE || *text == '.' || *text == '-')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
            return false;
    }
    return true;
}

/* Where ":TAG" begins: behind the last slash. */
static const char *find_tag(const char *image, size_t size)
{
    const char *colon = memrchr(image, ':', size);
    const char *slash = memrchr(image, '/', size);

    return colon && (!slash || colon > slash) ? colon : NULL;
}

const char *vcl_preflight_image_fault(const char *image)
{
    size_t size = strcspn(image, "@");
    const char *digest = image[size] ? image + size + 1 : NULL;
    const char *tag = find_tag(image, size);

    if (size == 0)
        return "it has no name";
    if (!is_repository(image, tag ? (size_t)(tag - image) : size))
        return "its name may have lower-case letters, digits and '.', '_', '-', '/' between them";
    if (tag && !is_tag(tag + 1, size - (size_t)(tag + 1 - image)))
        return "its tag may have letters, digits, '.', '_' and '-', at most 128, and begins with "
               "neither '.' nor '-'";
    if (digest &&
        (!vcl_starts_with(digest, "sha256:") ||
         strspn(digest + 7, "0123456789abcdef") != DIGEST_SIZE || digest[7 + DIGEST_SIZE]))
        return "its digest is not sha256: and 64 hexadecimal digits";
    return NULL;
}

/* The tags of Kubernetes' own images are versions with a "v" in front; "1.35" is none. */
static bool is_kubernetes(const char *image, size_t size)
{
    static const char *const names[] = { "/kube-apiserver", "/kube-controller-manager",
                                         "/loft-sh/kubernetes" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t end = strlen(names[i]);
        if (size >= end && !strncmp(image + size - end, names[i], end))
            return true;
    }
    return false;
}

static bool is_kubernetes_version(const char *tag)
{
    int dots = 0;

    if (*tag++ != 'v' || !isdigit((unsigned char)*tag))
        return false;
    for (; isdigit((unsigned char)*tag) || *tag == '.'; tag++)
        dots += *tag == '.';
    return dots == 2 && (!*tag || *tag == '-');
}

static void check_image(const cJSON *container, const char *path, vcluster_report *report)
{
    const char *image = vcl_str(vcl_json_find_string(container, "image", NULL));
    const char *fault = vcl_preflight_image_fault(image);
    size_t size = strcspn(image, "@");
    const char *tag = find_tag(image, size);
    vcl_finding_facts facts = { .path = path,
                                .rule = "image",
                                .severity = VCLUSTER_SEVERITY_ERROR,
                                .remedy = "correct the image's name in the values" };

    if (fault) {
        vcl_report_addf(report, &facts, "image '%s' cannot be pulled: %s", image, fault);
    } else if (tag && !image[size] && is_kubernetes(image, (size_t)(tag - image)) &&
               !is_kubernetes_version(tag + 1)) {
        facts.remedy = "use the whole version as the tag, such as v1.35.4";
        vcl_report_addf(report, &facts,
                        "there is no image '%s': tags of Kubernetes are versions like v1.35.4",
                        image);
    } else if (!image[size] && (!tag || vcl_streq(tag, ":latest"))) {
        facts.severity = VCLUSTER_SEVERITY_WARNING;
        facts.remedy = "name the version that is meant";
        vcl_report_addf(report, &facts, "image '%s' has no version: what runs changes by itself",
                        image);
    }
}

void vcl_preflight_images(const cJSON *objects, vcluster_report *report)
{
    static const char *const lists[] = { "initContainers", "containers" };
    const cJSON *object;
    const cJSON *container;

    cJSON_ArrayForEach (object, objects) {
        vcl_auto_free char *path = vcl_preflight_path(object);
        const cJSON *spec = vcl_preflight_pod_spec(object);
        for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
            cJSON_ArrayForEach (container, vcl_json_get(spec, lists[i]))
                check_image(container, path, report);
        }
    }
}

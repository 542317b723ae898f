/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about secrets: written where everybody reads them, or sent to whoever answers. A finding
 * never has the value. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "check/rule.h"
#include "lint/lint.h"

static void find_insecure(vcl_lint_run *run,
                          const vcl_lint_subject *subject,
                          const char *path,
                          const cJSON *node)
{
    static const char *const keys[] = { "insecure", "insecureSkipTLSVerify", "skipTLSVerify",
                                        "insecure-skip-tls-verify" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (node->string && strcasecmp(node->string, keys[i]) == 0 && vcl_check_node_on(node))
            vcl_lint_find(run, subject, path,
                          "take it out, and add the server's name to controlPlane.proxy.extraSANs",
                          "certificates are not verified: whoever answers gets the credentials");
    }
}

void vcl_lint_insecure_kubeconfig(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    vcl_lint_walk(run, subject, find_insecure);
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t size = strlen(text);
    size_t wanted = strlen(suffix);

    return size >= wanted && strcasecmp(text + size - wanted, suffix) == 0;
}

/* Whether a key names a secret: "adminPassword", "API_TOKEN", but neither "tokenTTL" nor
 * "passwordSecretName". */
static bool names_secret(const char *key)
{
    static const char *const words[] = { "password",   "passwd",      "token",     "secretkey",
                                         "apikey",     "api_key",     "accesskey", "privatekey",
                                         "secret_key", "private_key", "access_key" };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (ends_with(key, words[i]))
            return true;
    }
    return false;
}

/* "postgres://user:password@host" */
static bool has_login(const char *text)
{
    const char *host = strstr(text, "://");
    const char *at = host ? strchr(host, '@') : strchr(text, '@');
    const char *from = host ? host + 3 : text;
    const char *colon = strchr(from, ':');

    if (!at || !colon || colon > at || colon + 1 == at || strpbrk(text, " \n"))
        return false;
    return host ? memchr(from, '/', (size_t)(at - from)) == NULL
                : strstr(at, "@tcp(") != NULL || strstr(at, "@unix(") != NULL;
}

static bool is_reference(const char *text)
{
    return vcl_starts_with(text, "$") || strstr(text, "{{") || vcl_starts_with(text, "secret/");
}

static bool looks_secret(const char *text)
{
    return (strstr(text, "-----BEGIN ") && strstr(text, "PRIVATE KEY-----")) || has_login(text) ||
           (vcl_starts_with(text, "AKIA") && strlen(text) == 20) || vcl_starts_with(text, "ghp_") ||
           vcl_starts_with(text, "glpat-") || vcl_starts_with(text, "github_pat_");
}

bool vcl_lint_is_secret(const char *key, const char *text)
{
    return *text != '\0' && !is_reference(text) &&
           (looks_secret(text) || (key && names_secret(key)));
}

static const char *const remedy =
    "put it into a Secret on the host, and name that (through env or a mounted volume)";

static void
find_secret(vcl_lint_run *run, const vcl_lint_subject *subject, const char *path, const cJSON *node)
{
    if (cJSON_IsString(node) && vcl_lint_is_secret(node->string, node->valuestring))
        vcl_lint_find(run, subject, path, remedy,
                      "what looks like a secret stands in the values, which end up in Git, in the "
                      "release's record and in error messages");
}

/* The key that a parameter sets: the last part of "plugins.x.password". */
static const char *last_key(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot ? dot + 1 : path;
}

/* What Argo CD gives Helm as `--set`, beside the values. */
static void find_in_parameters(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const cJSON *parameter = NULL;
    int index = 0;

    cJSON_ArrayForEach (parameter, vcl_json_find(subject->source, "helm", "parameters", NULL)) {
        const char *name = vcl_str(vcl_json_find_string(parameter, "name", NULL));
        const char *value = vcl_str(vcl_json_find_string(parameter, "value", NULL));
        vcl_auto_free char *path =
            vcl_format("%s.helm.parameters[%d].value", subject->source_path, index++);
        if (!path)
            return vcl_lint_fail(run);
        if (vcl_lint_is_secret(last_key(name), value))
            vcl_lint_find_in(run, subject, path, remedy,
                             "what looks like a secret stands in a parameter, which is in Git, in "
                             "Argo CD's Application and in the release's record");
    }
}

void vcl_lint_secret_in_values(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    vcl_lint_walk(run, subject, find_secret);
    if (subject->source_path)
        find_in_parameters(run, subject);
}

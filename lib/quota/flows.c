/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluator of NetworkPolicies; see flows.h. */
#include "quota/flows.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

enum { MAX_CIDR = 64 };

static bool is_in(const cJSON *values, const char *text)
{
    for (const cJSON *value = values ? values->child : NULL; value; value = value->next) {
        if (cJSON_IsString(value) && vcl_streq(value->valuestring, text))
            return true;
    }
    return false;
}

static bool expression_matches(const cJSON *expression, const cJSON *labels)
{
    const char *key = vcl_str(vcl_json_find_string(expression, "key", NULL));
    const char *verb = vcl_str(vcl_json_find_string(expression, "operator", NULL));
    const cJSON *values = vcl_json_get(expression, "values");
    const char *label = vcl_json_find_string(labels, key, NULL);

    if (strcmp(verb, "In") == 0)
        return label && is_in(values, label);
    if (strcmp(verb, "NotIn") == 0)
        return !label || !is_in(values, label);
    if (strcmp(verb, "Exists") == 0)
        return label != NULL;
    return strcmp(verb, "DoesNotExist") == 0 && !label;
}

bool vcl_selector_matches(const cJSON *selector, const cJSON *labels)
{
    const cJSON *wanted = vcl_json_get(selector, "matchLabels");
    const cJSON *expressions = vcl_json_get(selector, "matchExpressions");

    for (const cJSON *one = wanted ? wanted->child : NULL; one; one = one->next) {
        if (!cJSON_IsString(one) ||
            !vcl_streq(vcl_json_find_string(labels, one->string, NULL), one->valuestring))
            return false;
    }
    for (const cJSON *one = expressions ? expressions->child : NULL; one; one = one->next) {
        if (!expression_matches(one, labels))
            return false;
    }
    return true;
}

typedef struct address {
    unsigned char bytes[16];
    int size; /* 4 or 16; 0: it is none */
} address;

static address parse_address(const char *text)
{
    address parsed = { 0 };

    if (text && inet_pton(AF_INET, text, parsed.bytes) == 1)
        parsed.size = 4;
    else if (text && inet_pton(AF_INET6, text, parsed.bytes) == 1)
        parsed.size = 16;
    return parsed;
}

static bool has_prefix(const address *one, const address *network, int64_t bits)
{
    for (int64_t bit = 0; bit < bits; bit++) {
        unsigned mask = 0x80U >> (bit % 8);
        if ((one->bytes[bit / 8] & mask) != (network->bytes[bit / 8] & mask))
            return false;
    }
    return true;
}

/* A block that cannot be read contains nothing. */
bool vcl_cidr_contains(const char *cidr, const char *text)
{
    const char *slash = cidr ? strchr(cidr, '/') : NULL;
    char base[MAX_CIDR] = "";
    int64_t bits = 0;

    if (!slash || slash - cidr >= MAX_CIDR || !vcl_parse_i64(slash + 1, &bits))
        return false;
    memcpy(base, cidr, (size_t)(slash - cidr));
    const address network = parse_address(base);
    const address one = parse_address(text);
    return one.size > 0 && one.size == network.size && bits >= 0 && bits <= 8 * one.size &&
           has_prefix(&one, &network, bits);
}

static bool ip_block_matches(const cJSON *block, const vcl_flow_end *end)
{
    const cJSON *except = vcl_json_get(block, "except");

    if (!end->address ||
        !vcl_cidr_contains(vcl_json_find_string(block, "cidr", NULL), end->address))
        return false;
    for (const cJSON *one = except ? except->child : NULL; one; one = one->next) {
        if (cJSON_IsString(one) && vcl_cidr_contains(one->valuestring, end->address))
            return false;
    }
    return true;
}

/* A peer without a namespace selector means the namespace of its policy. */
static bool peer_matches(const cJSON *peer, const char *own, const vcl_flow_end *end)
{
    const cJSON *block = vcl_json_get(peer, "ipBlock");
    const cJSON *namespaces = vcl_json_get(peer, "namespaceSelector");

    if (block)
        return ip_block_matches(block, end);
    if (!end->namespace_name)
        return false;
    if (namespaces ? !vcl_selector_matches(namespaces, end->namespace_labels)
                   : !vcl_streq(own, end->namespace_name))
        return false;
    return vcl_selector_matches(vcl_json_get(peer, "podSelector"), end->labels);
}

static bool port_matches(const cJSON *entry, const vcl_flow *flow)
{
    const char *protocol = vcl_json_find_string(entry, "protocol", NULL);
    const cJSON *port = vcl_json_get(entry, "port");
    int64_t first = 0;

    if (strcmp(protocol ? protocol : "TCP", flow->protocol ? flow->protocol : "TCP") != 0)
        return false;
    if (!port)
        return true;
    if (cJSON_IsString(port))
        return vcl_streq(port->valuestring, flow->port_name);
    if (!vcl_json_to_int(port, &first))
        return false;
    return flow->port >= first && flow->port <= vcl_json_find_int(entry, first, "endPort", NULL);
}

/* An empty list of ports, as of peers, means all. */
static bool
rule_matches(const cJSON *rule, const char *peers, const char *own, const vcl_flow *flow)
{
    const vcl_flow_end *other = strcmp(peers, "to") == 0 ? &flow->to : &flow->from;
    const cJSON *port = vcl_json_get(rule, "ports");
    const cJSON *peer = vcl_json_get(rule, peers);
    bool port_ok = !port || !port->child;
    bool peer_ok = !peer || !peer->child;

    for (port = port ? port->child : NULL; !port_ok && port; port = port->next)
        port_ok = port_matches(port, flow);
    for (peer = peer ? peer->child : NULL; !peer_ok && peer; peer = peer->next)
        peer_ok = peer_matches(peer, own, other);
    return port_ok && peer_ok;
}

/* Without policyTypes a policy is one of ingress, and of egress where it has such rules. */
static bool has_type(const cJSON *spec, const char *type, const char *rules)
{
    const cJSON *types = vcl_json_get(spec, "policyTypes");

    if (types && types->child)
        return is_in(types, type);
    return strcmp(type, "Ingress") == 0 || vcl_json_get(spec, rules);
}

/* Whether the policies of one end allow the flow in one direction. */
static bool is_let_through(const cJSON *policies, const vcl_flow *flow, bool out)
{
    const vcl_flow_end *end = out ? &flow->from : &flow->to;
    const char *rules = out ? "egress" : "ingress";
    bool restricted = false;

    if (!end->namespace_name)
        return true;
    for (const cJSON *policy = policies ? policies->child : NULL; policy; policy = policy->next) {
        const char *own = vcl_json_find_string(policy, "metadata", "namespace", NULL);
        const cJSON *spec = vcl_json_get(policy, "spec");
        const cJSON *rule = vcl_json_get(spec, rules);

        if (!vcl_streq(own, end->namespace_name) ||
            !has_type(spec, out ? "Egress" : "Ingress", rules) ||
            !vcl_selector_matches(vcl_json_get(spec, "podSelector"), end->labels))
            continue;
        restricted = true;
        for (rule = rule ? rule->child : NULL; rule; rule = rule->next) {
            if (rule_matches(rule, out ? "to" : "from", own, flow))
                return true;
        }
    }
    return !restricted;
}

bool vcl_flow_is_allowed(const cJSON *policies, const vcl_flow *flow)
{
    return is_let_through(policies, flow, true) && is_let_through(policies, flow, false);
}

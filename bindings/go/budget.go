// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"unsafe"
)

// BudgetOptions are those of [Client.Budget] and [Client.Admit].
type BudgetOptions struct {
	// Budget is what all virtual clusters together may be promised, such as {"cpu": "64", "memory": "256Gi"}. Nil: what
	// the nodes of the host have for pods.
	Budget map[string]string
	// OvercommitPercent is how much of what the nodes have may be promised; 0: 100. Not with a budget.
	OvercommitPercent int64
	// Name of the virtual cluster that is to be made. One of that name that is there is not counted: it is changed. Of
	// Client.Admit only.
	Name      string
	Namespace string // its host namespace; "": wherever it is
	Progress  ProgressFunc
}

// BudgetResource is one resource. Amounts are Kubernetes quantities such as "1500m".
type BudgetResource struct {
	Resource  string // such as "requests.cpu" or "pods"
	Total     string // what there is: the budget's, or what may be promised of the nodes
	Elsewhere string // what pods outside of virtual clusters request; "0" with a budget
	Promised  string // what the virtual clusters are promised
	Used      string // what they use of it now
	Left      string // what is left to be promised
	Asked     string // what the new one asks for
}

// BudgetCluster is what the virtual clusters of one namespace are promised.
type BudgetCluster struct {
	Namespace string            `json:"namespace"`
	Names     []string          `json:"names"`
	Promised  map[string]string `json:"promised"`
	Used      map[string]string `json:"used"`
	Unbounded []string          `json:"unbounded"` // resources that no quota bounds
}

// Budget is what there is of each resource, and who is promised how much of it.
type Budget struct {
	Resources []BudgetResource
	Clusters  []BudgetCluster // those that hold the most of what is scarcest in front
	Fits      bool            // whether what was asked for fits; true where nothing was
	Findings  []Finding       // why it does not, and what makes the answer uncertain

	json string
}

// MarshalJSON gives {"fits", "resources": [...], "clusters": [...], "findings": [...]}.
func (b *Budget) MarshalJSON() ([]byte, error) {
	if b.json == "" {
		return nil, invalid("only a budget that the library made has a JSON form")
	}
	return []byte(b.json), nil
}

// Budget tells what all virtual clusters of the host are promised together, against what there is. One is promised what the
// ResourceQuotas in its namespace allow; of what no quota bounds, it counts with what its pods request now.
func (c *Client) Budget(ctx context.Context, options BudgetOptions) (*Budget, error) {
	return c.budget(ctx, options, func(client *C.vcluster_client, cOptions *C.vcluster_budget_options,
		budget **C.vcluster_budget, cError **C.vcluster_error) C.int {
		return C.vcluster_budget_read(client, cOptions, budget, cError)
	})
}

// Admit tells whether a virtual cluster with these values (nil: none but the chart's) and this chart (nil: upstream's, as far
// as the library knows it) would still fit, before it is made. It asks for what its ResourceQuota would allow; of a resource
// that this does not bound, for what its control plane requests. Nothing is reserved: of two that ask at once, both may be
// told yes.
func (c *Client) Admit(ctx context.Context, config *Config, chart *Chart, options BudgetOptions) (budget *Budget, err error) {
	err = withChartAndConfig(chart, config, func(cChart *C.vcluster_chart, cConfig *C.vcluster_config) error {
		budget, err = c.budget(ctx, options, func(client *C.vcluster_client, cOptions *C.vcluster_budget_options,
			budget **C.vcluster_budget, cError **C.vcluster_error) C.int {
			return C.vcluster_budget_admit(client, cConfig, cChart, cOptions, budget, cError)
		})
		return err
	})
	return budget, err
}

func (c *Client) budget(ctx context.Context, options BudgetOptions, ask func(*C.vcluster_client,
	*C.vcluster_budget_options, **C.vcluster_budget, **C.vcluster_error) C.int) (*Budget, error) {
	text := ""
	if options.Budget != nil {
		tree, err := json.Marshal(options.Budget)
		if err != nil {
			return nil, err
		}
		text = string(tree)
	}
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cOptions := C.vcluster_budget_options{
		budget:             call.optional(text),
		overcommit_percent: C.int64_t(options.OvercommitPercent),
		name:               call.optional(options.Name),
		namespace_name:     call.optional(options.Namespace),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_budget_options)
	var budget *C.vcluster_budget
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return ask(client, &cOptions, &budget, cError)
	})
	if err != nil {
		return nil, err
	}
	defer C.vcluster_budget_free(budget)
	return copyBudget(budget)
}

func copyBudget(budget *C.vcluster_budget) (*Budget, error) {
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_budget_to_json(budget, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	b := &Budget{json: string(take(text)), Fits: bool(C.vcluster_budget_fits(budget))}
	var tree struct{ Clusters []BudgetCluster }
	if err := json.Unmarshal([]byte(b.json), &tree); err != nil {
		return nil, err
	}
	b.Clusters = tree.Clusters
	for i := range C.vcluster_budget_finding_count(budget) {
		b.Findings = append(b.Findings, copyFinding(C.vcluster_budget_finding_at(budget, i)))
	}
	for i := range C.vcluster_budget_size(budget) {
		entry := C.vcluster_budget_at(budget, i)
		b.Resources = append(b.Resources, BudgetResource{
			Resource:  C.GoString(C.vcluster_budget_entry_resource(entry)),
			Total:     C.GoString(C.vcluster_budget_entry_total(entry)),
			Elsewhere: C.GoString(C.vcluster_budget_entry_elsewhere(entry)),
			Promised:  C.GoString(C.vcluster_budget_entry_promised(entry)),
			Used:      C.GoString(C.vcluster_budget_entry_used(entry)),
			Left:      C.GoString(C.vcluster_budget_entry_left(entry)),
			Asked:     C.GoString(C.vcluster_budget_entry_asked(entry)),
		})
	}
	return b, nil
}

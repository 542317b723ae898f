// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

// RightsOptions are those of [Rights].
type RightsOptions struct {
	Namespace               string  // the only host namespace to work in; "": any, which takes a ClusterRole
	RoleName                string  // "": "vcluster-operator"
	Config                  *Config // values of the virtual clusters that are made; nil: the defaults
	Chart                   *Chart  // whose objects are made; nil: the embedded distribution's
	ServiceAccount          string  // that the roles are bound to; "": no bindings are printed
	ServiceAccountNamespace string  // "": Namespace, else "default"
}

// Rights gives the smallest Role and ClusterRole with which operations can be carried out on the host, as YAML for kubectl
// apply: names such as "create delete" between spaces or commas; an ErrInvalidArgument lists them. Nothing is asked of any
// host.
func Rights(operations string, options RightsOptions) (yaml string, err error) {
	var memory scope
	defer memory.done()

	cOperations := memory.text(operations)
	cOptions := C.vcluster_rights_options{
		struct_size:               C.sizeof_vcluster_rights_options,
		namespace_name:            memory.optional(options.Namespace),
		role_name:                 memory.optional(options.RoleName),
		service_account:           memory.optional(options.ServiceAccount),
		service_account_namespace: memory.optional(options.ServiceAccountNamespace),
	}
	if memory.err != nil {
		return "", memory.err
	}
	err = withChartAndConfig(options.Chart, options.Config, func(cChart *C.vcluster_chart, cConfig *C.vcluster_config) error {
		var cError *C.vcluster_error
		var text *C.char
		cOptions.chart = cChart
		status := C.vcluster_rights(cOperations, cConfig, &cOptions, &text, &cError)
		if status < 0 {
			return failure(status, cError)
		}
		yaml = string(take(text))
		return nil
	})
	return yaml, err
}

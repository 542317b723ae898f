// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import "context"

// Reason is why a virtual cluster is not ready. There may be new ones; docs/diagnosis.md has all.
type Reason int

// The reasons.
const (
	ReasonNone                  Reason = C.VCLUSTER_REASON_NONE                    // the virtual cluster is ready
	ReasonNotFound              Reason = C.VCLUSTER_REASON_NOT_FOUND               // no such virtual cluster: wrong context?
	ReasonNamespaceMissing      Reason = C.VCLUSTER_REASON_NAMESPACE_MISSING       // the host namespace is gone: wrong context?
	ReasonNamespaceGoing        Reason = C.VCLUSTER_REASON_NAMESPACE_GOING         // the host namespace is being deleted
	ReasonDeleting              Reason = C.VCLUSTER_REASON_DELETING                // the virtual cluster is being deleted
	ReasonPaused                Reason = C.VCLUSTER_REASON_PAUSED                  // paused
	ReasonSleeping              Reason = C.VCLUSTER_REASON_SLEEPING                // put to sleep by upstream's platform
	ReasonScaledDown            Reason = C.VCLUSTER_REASON_SCALED_DOWN             // no replicas are wanted, but it is not paused
	ReasonUnfinished            Reason = C.VCLUSTER_REASON_UNFINISHED              // an install or upgrade is at work or was killed
	ReasonStarting              Reason = C.VCLUSTER_REASON_STARTING                // nothing is wrong: it takes its time
	ReasonUnschedulable         Reason = C.VCLUSTER_REASON_UNSCHEDULABLE           // no node, for a reason that has no code
	ReasonNoCPU                 Reason = C.VCLUSTER_REASON_NO_CPU                  // no node has so much CPU left
	ReasonNoMemory              Reason = C.VCLUSTER_REASON_NO_MEMORY               // no node has so much memory left
	ReasonNoResource            Reason = C.VCLUSTER_REASON_NO_RESOURCE             // another resource is short: disk, a device
	ReasonTaint                 Reason = C.VCLUSTER_REASON_TAINT                   // nodes have taints that are not tolerated
	ReasonNodeSelector          Reason = C.VCLUSTER_REASON_NODE_SELECTOR           // no node matches selector or node affinity
	ReasonPodAffinity           Reason = C.VCLUSTER_REASON_POD_AFFINITY            // affinity to, or spread between, other pods
	ReasonHostPort              Reason = C.VCLUSTER_REASON_HOST_PORT               // the port is taken on every node
	ReasonTooManyPods           Reason = C.VCLUSTER_REASON_TOO_MANY_PODS           // nodes have their maximum of pods
	ReasonVolumeNode            Reason = C.VCLUSTER_REASON_VOLUME_NODE             // its volume is on a node it cannot go to
	ReasonCordoned              Reason = C.VCLUSTER_REASON_CORDONED                // nodes are cordoned
	ReasonSchedulingGated       Reason = C.VCLUSTER_REASON_SCHEDULING_GATED        // somebody holds the pod back by a gate
	ReasonNoScheduler           Reason = C.VCLUSTER_REASON_NO_SCHEDULER            // nothing schedules the pod
	ReasonNodeNotReady          Reason = C.VCLUSTER_REASON_NODE_NOT_READY          // its node, or every node, is not ready
	ReasonNodePressure          Reason = C.VCLUSTER_REASON_NODE_PRESSURE           // nodes are short of memory, disk or processes
	ReasonEvicted               Reason = C.VCLUSTER_REASON_EVICTED                 // the node evicted the pod
	ReasonPodFailed             Reason = C.VCLUSTER_REASON_POD_FAILED              // the pod failed as a whole
	ReasonQuotaExceeded         Reason = C.VCLUSTER_REASON_QUOTA_EXCEEDED          // a ResourceQuota is used up
	ReasonQuotaUnspecified      Reason = C.VCLUSTER_REASON_QUOTA_UNSPECIFIED       // a ResourceQuota wants limits or requests
	ReasonLimitRange            Reason = C.VCLUSTER_REASON_LIMIT_RANGE             // a LimitRange refuses the pod
	ReasonAdmissionDenied       Reason = C.VCLUSTER_REASON_ADMISSION_DENIED        // a webhook or policy refuses the pod
	ReasonWebhookUnreachable    Reason = C.VCLUSTER_REASON_WEBHOOK_UNREACHABLE     // a webhook does not answer
	ReasonPodSecurity           Reason = C.VCLUSTER_REASON_POD_SECURITY            // the namespace's pod security level
	ReasonServiceAccountMissing Reason = C.VCLUSTER_REASON_SERVICE_ACCOUNT_MISSING // the pod's ServiceAccount is missing
	ReasonPriorityClassMissing  Reason = C.VCLUSTER_REASON_PRIORITY_CLASS_MISSING  // the pod's PriorityClass is missing
	ReasonPodRefused            Reason = C.VCLUSTER_REASON_POD_REFUSED             // the host refuses the pod otherwise
	ReasonPodNotMade            Reason = C.VCLUSTER_REASON_POD_NOT_MADE            // no pod, and nobody says why
	ReasonImageNotFound         Reason = C.VCLUSTER_REASON_IMAGE_NOT_FOUND         // the registry has no such image
	ReasonImageAuth             Reason = C.VCLUSTER_REASON_IMAGE_AUTH              // the registry wants credentials
	ReasonImageRegistry         Reason = C.VCLUSTER_REASON_IMAGE_REGISTRY          // the node cannot reach the registry
	ReasonImageRateLimit        Reason = C.VCLUSTER_REASON_IMAGE_RATE_LIMIT        // the registry refuses so many pulls
	ReasonImageName             Reason = C.VCLUSTER_REASON_IMAGE_NAME              // the image name cannot be read
	ReasonImageNeverPull        Reason = C.VCLUSTER_REASON_IMAGE_NEVER_PULL        // not on the node, and pulling is forbidden
	ReasonImagePlatform         Reason = C.VCLUSTER_REASON_IMAGE_PLATFORM          // the image is for other machines
	ReasonImagePull             Reason = C.VCLUSTER_REASON_IMAGE_PULL              // the pull fails otherwise
	ReasonVolumeNoClass         Reason = C.VCLUSTER_REASON_VOLUME_NO_CLASS         // no StorageClass, and no default one
	ReasonVolumeClassMissing    Reason = C.VCLUSTER_REASON_VOLUME_CLASS_MISSING    // the StorageClass does not exist
	ReasonVolumeProvisioner     Reason = C.VCLUSTER_REASON_VOLUME_PROVISIONER      // the provisioner fails or is missing
	ReasonVolumeUnbound         Reason = C.VCLUSTER_REASON_VOLUME_UNBOUND          // the claim waits for a volume
	ReasonVolumeLost            Reason = C.VCLUSTER_REASON_VOLUME_LOST             // the claim's volume is gone
	ReasonVolumeMount           Reason = C.VCLUSTER_REASON_VOLUME_MOUNT            // the volume cannot be attached or mounted
	ReasonClaimMissing          Reason = C.VCLUSTER_REASON_CLAIM_MISSING           // the claim is missing
	ReasonConfigMissing         Reason = C.VCLUSTER_REASON_CONFIG_MISSING          // a Secret, ConfigMap or key is missing
	ReasonContainerCreate       Reason = C.VCLUSTER_REASON_CONTAINER_CREATE        // the container cannot be made or started
	ReasonSandbox               Reason = C.VCLUSTER_REASON_SANDBOX                 // the node cannot set up the pod's network
	ReasonCrash                 Reason = C.VCLUSTER_REASON_CRASH                   // a container ends again and again
	ReasonOutOfMemory           Reason = C.VCLUSTER_REASON_OUT_OF_MEMORY           // a container was killed for its memory
	ReasonInitFailed            Reason = C.VCLUSTER_REASON_INIT_FAILED             // an init container ends again and again
	ReasonProbeFailing          Reason = C.VCLUSTER_REASON_PROBE_FAILING           // a container runs and fails its probes
	ReasonLicence               Reason = C.VCLUSTER_REASON_LICENCE                 // the configuration needs upstream's licence
	ReasonRBAC                  Reason = C.VCLUSTER_REASON_RBAC                    // the control plane lacks a right on the host
	ReasonDNS                   Reason = C.VCLUSTER_REASON_DNS                     // a name cannot be resolved
	ReasonConfigInvalid         Reason = C.VCLUSTER_REASON_CONFIG_INVALID          // it refuses its configuration at start
	ReasonCertificateExpired    Reason = C.VCLUSTER_REASON_CERTIFICATE_EXPIRED     // a certificate has expired
	ReasonCertificateInvalid    Reason = C.VCLUSTER_REASON_CERTIFICATE_INVALID     // a certificate is not trusted or for others
	ReasonPortInUse             Reason = C.VCLUSTER_REASON_PORT_IN_USE             // its port is taken inside the pod or host
	ReasonStoreUnreachable      Reason = C.VCLUSTER_REASON_STORE_UNREACHABLE       // etcd or the database does not answer
	ReasonDiskFull              Reason = C.VCLUSTER_REASON_DISK_FULL               // no space is left on its volume
)

// String is the stable code of the reason, such as "image-not-found".
func (r Reason) String() string { return C.GoString(C.vcluster_reason_code(C.int(r))) }

// Certainty is how sure a cause is.
type Certainty int

// The certainties.
const (
	CertaintyPossible Certainty = C.VCLUSTER_CERTAINTY_POSSIBLE // it would explain what is seen
	CertaintyLikely   Certainty = C.VCLUSTER_CERTAINTY_LIKELY   // the objects point to it
	CertaintyCertain  Certainty = C.VCLUSTER_CERTAINTY_CERTAIN  // the objects say so
)

// String is "possible", "likely" or "certain".
func (c Certainty) String() string { return C.GoString(C.vcluster_certainty_name(C.int(c))) }

// Cause is one possible cause, with what shows it and what to do.
type Cause struct {
	Reason       Reason
	Certainty    Certainty
	Code         Code   // of the error that ends a wait because of this
	Message      string // what is wrong, as one sentence
	Object       string // what it is about, such as "Pod/dev-0"
	Container    string // the container of the pod, or ""
	Event        string // the event that says so, or ""
	Evidence     string // what else shows it: a line of a log, the message of a condition
	Remedy       string // what to do
	WaitingHelps bool   // whether it may pass without anyone changing anything
}

// Diagnosis is what was found out about one virtual cluster.
type Diagnosis struct {
	Ready     bool // then there are no causes
	Namespace string
	Note      string  // what could not be looked at, or ""
	Causes    []Cause // the best one first

	json string
}

// MarshalJSON gives the form that all languages of libvcluster share.
func (d *Diagnosis) MarshalJSON() ([]byte, error) { return []byte(d.json), nil }

func copyCause(cause *C.vcluster_cause) Cause {
	return Cause{
		Reason:       Reason(C.vcluster_cause_reason(cause)),
		Certainty:    Certainty(C.vcluster_cause_certainty(cause)),
		Code:         Code(C.vcluster_cause_status(cause)),
		Message:      C.GoString(C.vcluster_cause_message(cause)),
		Object:       C.GoString(C.vcluster_cause_object(cause)),
		Container:    C.GoString(C.vcluster_cause_container(cause)),
		Event:        C.GoString(C.vcluster_cause_event(cause)),
		Evidence:     C.GoString(C.vcluster_cause_evidence(cause)),
		Remedy:       C.GoString(C.vcluster_cause_remedy(cause)),
		WaitingHelps: bool(C.vcluster_cause_waiting_helps(cause)),
	}
}

// Why finds out why a virtual cluster is not ready. One that does not exist has a cause too:
// ReasonNotFound. One that began less than 30 s ago is asked itself, where the rights allow it.
func (c *Client) Why(ctx context.Context, name string, options InstanceOptions) (*Diagnosis, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.instanceOptions(options)
	var found *C.vcluster_diagnosis
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_why(client, cName, cOptions, &found, cError)
	})
	if err != nil {
		return nil, err
	}
	defer C.vcluster_diagnosis_free(found)
	return copyDiagnosis(found)
}

func copyDiagnosis(found *C.vcluster_diagnosis) (*Diagnosis, error) {
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_diagnosis_to_json(found, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	d := &Diagnosis{
		Ready:     bool(C.vcluster_diagnosis_ready(found)),
		Namespace: C.GoString(C.vcluster_diagnosis_namespace(found)),
		Note:      C.GoString(C.vcluster_diagnosis_note(found)),
		json:      string(take(text)),
	}
	for i := range C.vcluster_diagnosis_size(found) {
		d.Causes = append(d.Causes, copyCause(C.vcluster_diagnosis_at(found, i)))
	}
	return d, nil
}

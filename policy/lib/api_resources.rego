# METADATA
# title: Kubernetes' resources
# description: |
#   The resources that Kubernetes' own API groups have, each with its subresources, in all versions that clusters still
#   serve; and what only rules of roles name: users, groups, signers and the like.
package kpolicy.lib.api_resources

# By group and resource, the subresources.
subresources := {
	"": {
		"bindings": [],
		"componentstatuses": [],
		"configmaps": [],
		"endpoints": [],
		"events": [],
		"groups": [],
		"limitranges": [],
		"namespaces": ["finalize", "status"],
		"nodes": ["checkpoint", "configz", "healthz", "log", "metrics", "pods", "proxy", "spec", "stats", "status"],
		"persistentvolumeclaims": ["status"],
		"persistentvolumes": ["status"],
		"pods": ["attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize", "status"],
		"podtemplates": [],
		"replicationcontrollers": ["scale", "status"],
		"resourcequotas": ["status"],
		"secrets": [],
		"serviceaccounts": ["token"],
		"services": ["proxy", "status"],
		"users": [],
	},
	"admissionregistration.k8s.io": {
		"mutatingadmissionpolicies": [],
		"mutatingadmissionpolicybindings": [],
		"mutatingwebhookconfigurations": [],
		"validatingadmissionpolicies": ["status"],
		"validatingadmissionpolicybindings": [],
		"validatingwebhookconfigurations": [],
	},
	"apiextensions.k8s.io": {
		"customresourcedefinitions": ["status"],
	},
	"apiregistration.k8s.io": {
		"apiservices": ["status"],
	},
	"apps": {
		"controllerrevisions": [],
		"daemonsets": ["status"],
		"deployments": ["rollback", "scale", "status"],
		"replicasets": ["scale", "status"],
		"statefulsets": ["scale", "status"],
	},
	"authentication.k8s.io": {
		"selfsubjectreviews": [],
		"tokenreviews": [],
		"uids": [],
		"userextras": [],
	},
	"authorization.k8s.io": {
		"localsubjectaccessreviews": [],
		"selfsubjectaccessreviews": [],
		"selfsubjectrulesreviews": [],
		"subjectaccessreviews": [],
	},
	"autoscaling": {
		"horizontalpodautoscalers": ["status"],
	},
	"batch": {
		"cronjobs": ["status"],
		"jobs": ["status"],
	},
	"certificates.k8s.io": {
		"certificatesigningrequests": ["approval", "status"],
		"clustertrustbundles": [],
		"podcertificaterequests": ["status"],
		"signers": [],
	},
	"coordination.k8s.io": {
		"leasecandidates": [],
		"leases": [],
	},
	"discovery.k8s.io": {
		"endpointslices": [],
	},
	"events.k8s.io": {
		"events": [],
	},
	"extensions": {
		"daemonsets": ["status"],
		"deployments": ["rollback", "scale", "status"],
		"ingresses": ["status"],
		"networkpolicies": ["status"],
		"podsecuritypolicies": [],
		"replicasets": ["scale", "status"],
		"replicationcontrollers": ["scale"],
	},
	"flowcontrol.apiserver.k8s.io": {
		"flowschemas": ["status"],
		"prioritylevelconfigurations": ["status"],
	},
	"internal.apiserver.k8s.io": {
		"storageversions": ["status"],
	},
	"networking.k8s.io": {
		"ingressclasses": [],
		"ingresses": ["status"],
		"ipaddresses": [],
		"networkpolicies": ["status"],
		"servicecidrs": ["status"],
	},
	"node.k8s.io": {
		"runtimeclasses": [],
	},
	"policy": {
		"poddisruptionbudgets": ["status"],
		"podsecuritypolicies": [],
	},
	"rbac.authorization.k8s.io": {
		"clusterrolebindings": [],
		"clusterroles": [],
		"rolebindings": [],
		"roles": [],
	},
	"resource.k8s.io": {
		"deviceclasses": [],
		"devicetaintrules": ["status"],
		"podschedulingcontexts": ["status"],
		"resourceclaims": ["binding", "driver", "status"],
		"resourceclaimtemplates": [],
		"resourcepoolstatusrequests": ["status"],
		"resourceslices": [],
	},
	"scheduling.k8s.io": {
		"compositepodgroups": ["status"],
		"podgroups": ["status"],
		"priorityclasses": [],
		"workloads": ["status"],
	},
	"storage.k8s.io": {
		"csidrivers": [],
		"csinodes": [],
		"csistoragecapacities": [],
		"storageclasses": [],
		"volumeattachments": ["status"],
		"volumeattributesclasses": [],
	},
	"storagemigration.k8s.io": {
		"storageversionmigrations": ["status"],
	},
}

# Whether Kubernetes has a resource, with its subresource where it has one, in a group of its own.
has(group, resource) if subresources[group][resource]

has(group, resource) if {
	[name, subresource] := split(resource, "/")
	subresource in subresources[group][name]
}

# Any key of the extra fields of a user can be impersonated.
has("authentication.k8s.io", resource) if startswith(resource, "userextras/")

# The groups of Kubernetes that have a resource of this name.
groups_of(resource) := {group |
	some group, _ in subresources
	has(group, resource)
}

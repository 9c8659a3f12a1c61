# METADATA
# title: An API version is removed
# description: |
#   From the release that removed it, the API server does not know such an object: it cannot be applied, and what is stored
#   is read by its new version only. The table is that of the deprecation guide, up to its last removal in 1.32.
# related_resources:
#   - https://kubernetes.io/docs/reference/using-api/deprecation-guide/
# custom:
#   severity: high
#   remediation: Move the object to the version that the message names; kubectl convert helps.
#   kinds: ["*"]
#   formats: [yaml, json]
#   profiles: [default, strict]
#   parameters:
#     target:
#       type: string
#       default: "1.34"
#       description: The release of Kubernetes that is deployed to, such as 1.31.
package kpolicy.kubernetes.api.removed_version

import data.kpolicy.lib.api_versions
import data.kpolicy.lib.kubernetes

target := kubernetes.parameter("api", "removed_version", "target", "1.34")

deny contains {"msg": msg, "path": array.concat(entry.path, ["apiVersion"])} if {
	some entry in kubernetes.objects
	[release, successor] := api_versions.removed[entry.object.apiVersion][entry.object.kind]
	is_reached(release)
	names := [kubernetes.name_of(entry.object), entry.object.apiVersion, release, advice(successor)]
	msg := sprintf("%s has version %s, which Kubernetes %s removed%s", names)
}

# A target that is no release is taken as later than all.
is_reached(release) if number_of(release) <= number_of(target)

is_reached(_) if not number_of(target)

number_of(version) := (to_number(parts[0][1]) * 1000) + to_number(parts[0][2]) if {
	parts := regex.find_all_string_submatch_n(`^v?([0-9]{1,3})\.([0-9]{1,3})(?:\..*)?$`, version, 1)
}

advice(successor) := sprintf(": use %s", [successor]) if successor != ""

advice("") := "; nothing takes its place"

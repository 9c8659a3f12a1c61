# METADATA
# title: A container has a seccomp profile that is not allowed
# description: |
#   The parameter says which profiles count, merged from container and pod: RuntimeDefault, Unconfined, or
#   Localhost/ and the profile's file, where * stands for any characters. A container without a profile is
#   Unconfined.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   severity: medium
#   remediation: Set seccompProfile to a profile that is allowed.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: []
#   parameters:
#     profiles:
#       type: array of strings
#       required: true
#       description: The profiles that are allowed.
package kpolicy.kubernetes.pods.allowed_seccomp_profiles

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

profiles := kubernetes.parameter("pods", "allowed_seccomp_profiles", "profiles", null)

deny contains {"msg": msg, "path": pods.setting_path(entry, "seccompProfile")} if {
	is_array(profiles)
	some entry in pods.containers
	profile := name_of(pods.setting(entry, "seccompProfile"))
	not shape.matches_any(profiles, profile)
	msg := sprintf("%s has the seccomp profile %s, which is not allowed", [entry.who, profile])
}

name_of(profile) := "Unconfined" if not is_object(profile)

name_of(profile) := sprintf("%v", [shape.at(profile, ["type"])]) if {
	is_object(profile)
	shape.at(profile, ["type"]) != "Localhost"
}

name_of(profile) := sprintf("Localhost/%v", [object.get(profile, "localhostProfile", "")]) if {
	profile.type == "Localhost"
}

package main

import rego.v1

deny contains msg if {
	some name, service in input.services
	service.privileged == true
	msg := sprintf("service %s is privileged", [name])
}

deny contains msg if {
	some name, service in input.services
	some volume in service.volumes
	source(volume) == "/var/run/docker.sock"
	msg := sprintf("service %s mounts the socket of Docker", [name])
}

# A volume is written as `source:target:mode` or as an object.
source(volume) := split(volume, ":")[0] if is_string(volume)

source(volume) := volume.source if is_object(volume)

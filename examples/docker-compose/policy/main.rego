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
	startswith(volume, "/var/run/docker.sock:")
	msg := sprintf("service %s mounts the socket of Docker", [name])
}

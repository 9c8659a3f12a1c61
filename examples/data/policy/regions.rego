package main

deny contains {"msg": msg, "path": ["region"]} if {
	not input.region in data.regions
	msg := sprintf("region %s is none of %s", [input.region, concat(", ", data.regions)])
}

package main

deny contains {"msg": msg, "path": ["region"]} if {
	region := object.get(input, "region", "(none)")
	not region in data.regions
	msg := sprintf("region %s is none of %s", [region, concat(", ", data.regions)])
}

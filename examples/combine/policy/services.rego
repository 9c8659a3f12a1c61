package main

deployments[name] := file.contents if {
	some file in input
	file.contents.kind == "Deployment"
	name := file.contents.metadata.name
}

deny contains {"msg": msg, "path": [index, "contents", "spec", "selector", "app"]} if {
	some index, file in input
	file.contents.kind == "Service"
	app := file.contents.spec.selector.app
	not deployments[app]
	msg := sprintf("Service %s selects %s, and no Deployment is called so", [file.contents.metadata.name, app])
}

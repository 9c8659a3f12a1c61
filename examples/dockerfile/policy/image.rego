package main

deny contains {"msg": msg, "path": [index, "Value", 0]} if {
	some index, instruction in input
	instruction.Cmd == "from"
	image := instruction.Value[0]
	endswith(image, ":latest")
	msg := sprintf("the base image %s moves", [image])
}

deny contains {"msg": "the image runs as root", "path": [index, "Value", 0]} if {
	some index, instruction in input
	instruction.Cmd == "user"
	instruction.Value[0] in {"root", "0"}
}

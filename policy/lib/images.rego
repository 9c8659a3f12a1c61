# METADATA
# title: Image references
# description: |
#   An image reference taken apart as Docker and containerd do it: `nginx` is `docker.io/library/nginx:latest`, and
#   `localhost:5000/x` has a registry with a port. What Kubernetes would refuse has `is_valid` false.
package kpolicy.lib.images

import data.kpolicy.lib.kubernetes

# Each image of each pod, as in `kubernetes.images`, with its reference taken apart.
all contains object.union(entry, {"reference": reference(entry.image)}) if some entry in kubernetes.images

# An image reference: {"registry", "repository", "name", "tag", "digest", "is_valid"}. The name is registry and
# repository; the tag is empty where none is written.
reference(text) := {
	"registry": registry,
	"repository": repository,
	"name": sprintf("%s/%s", [registry, repository]),
	"tag": tag,
	"digest": digest,
	"is_valid": is_valid(written, digest),
} if {
	[written, tag, digest] := pieces(text)
	registry := registry_of(written)
	repository := repository_of(written, registry)
}

# The whole reference as a runtime resolves it, such as docker.io/library/nginx:latest.
resolved(found) := sprintf("%s%s%s", [found.name, tag_part(found), digest_part(found)])

# Whether a prefix such as registry.example.com or registry.example.com/shop holds a name, at a border of its path.
holds(prefix, name) if clean(prefix) == name

holds(prefix, name) if startswith(name, sprintf("%s/", [clean(prefix)]))

# The prefix without what people end it with, its registry written as in names.
clean(prefix) := trim_suffix(concat("/", array.concat([registry], rest)), "/") if {
	parts := split(trim_right(prefix, "/*"), "/")
	registry := canonical(parts[0])
	rest := array.slice(parts, 1, count(parts))
}

# The name as it is written, the tag and the digest; a text that has no such parts is a name that is not valid.
pieces(text) := [found[0][1], found[0][2], found[0][3]] if {
	found := regex.find_all_string_submatch_n(pattern, text, 1)
}

pieces(text) := [text, "", ""] if not regex.match(pattern, text)

pattern := `(?s)^([^@]*?)(?::([0-9A-Za-z_][0-9A-Za-z_.-]{0,127}))?(?:@(.+))?$`

# The first part is a registry when it looks like a host: with a dot, a colon or an upper-case letter, or localhost.
registry_of(written) := canonical(first) if first := host_in(written)

registry_of(written) := "docker.io" if not host_in(written)

host_in(written) := first if {
	contains(written, "/")
	first := split(written, "/")[0]
	regex.match(`[.:A-Z]|^localhost$`, first)
}

# Names of hosts know no case, and Docker Hub has an old one.
canonical(host) := "docker.io" if lower(host) == "index.docker.io"

canonical(host) := lower(host) if lower(host) != "index.docker.io"

repository_of(written, registry) := path if {
	path := path_of(written)
	not is_short(path, registry)
}

repository_of(written, registry) := sprintf("library/%s", [path]) if {
	path := path_of(written)
	is_short(path, registry)
}

path_of(written) := substring(written, count(first) + 1, -1) if first := host_in(written)

path_of(written) := written if not host_in(written)

is_short(path, "docker.io") if not contains(path, "/")

default is_valid(_, _) := false

is_valid(written, digest) if {
	regex.match(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`, path_of(written))
	has_valid_host(written)
	regex.match(`^$|^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$|^sha384:[0-9a-f]{96}$`, digest)
	not regex.match(`^[0-9a-f]{64}$`, written)
}

has_valid_host(written) if not host_in(written)

has_valid_host(written) if {
	regex.match(`^([0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)*|\[[0-9a-fA-F:]+\])(:[0-9]+)?$`, host_in(written))
}

tag_part(found) := sprintf(":%s", [found.tag]) if found.tag != ""

tag_part(found) := "" if {
	found.tag == ""
	found.digest != ""
}

tag_part(found) := ":latest" if {
	found.tag == ""
	found.digest == ""
}

digest_part(found) := sprintf("@%s", [found.digest]) if found.digest != ""

digest_part(found) := "" if found.digest == ""

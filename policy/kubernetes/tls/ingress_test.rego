package kpolicy.kubernetes.tls.ingress_test

import data.kpolicy.kubernetes.tls.ingress as rule_

ingress(spec) := {"kind": "Ingress", "metadata": {"name": "web"}, "spec": spec}

rules(host) := [{"host": host, "http": {"paths": []}}]

test_denies_an_ingress_without_tls if {
	found := rule_.deny with input as ingress({"rules": rules("shop.example.com")})
	found == {{"msg": "Ingress web has no TLS", "path": ["spec", "tls"]}}
}

test_denies_a_host_that_no_entry_is_for if {
	every covered in ["other.example.com", "*.example.org", "*.com"] {
		found := rule_.deny with input as ingress({"rules": rules("shop.example.com"), "tls": [{"hosts": [covered]}]})
		msg := "Ingress web serves shop.example.com without TLS: no entry of spec.tls is for it"
		found == {{"msg": msg, "path": ["spec", "rules", 0, "host"]}}
	}
}

test_denies_all_hosts_where_some_are_covered if {
	found := rule_.deny with input as ingress({"rules": [{"http": {"paths": []}}], "tls": [{"hosts": ["a.example.com"]}]})
	found == {{"msg": "Ingress web serves every host, and spec.tls is for some of them", "path": ["spec", "rules", 0]}}
}

test_denies_a_host_where_hosts_is_no_list if {
	found := rule_.deny with input as ingress({"rules": rules("a.example.com"), "tls": [{"hosts": "a"}]})
	count(found) == 1
}

test_allows_covered_hosts if {
	every tls in [{"hosts": ["shop.example.com"]}, {"hosts": ["*.example.com"]}, {"secretName": "all"}] {
		found := rule_.deny with input as ingress({"rules": rules("shop.example.com"), "tls": [tls]})
		found == set()
	}
}

test_allows_the_certificate_of_a_provider if {
	annotated := {"metadata": {"annotations": {"alb.ingress.kubernetes.io/certificate-arn": "arn:aws:acm:x"}}}
	found := rule_.deny with input as object.union(ingress({"rules": rules("a.example.com")}), annotated)
	found == set()
}

test_odd_shapes_are_quiet_or_denied_but_no_error if {
	every spec in [null, {}, {"tls": "x", "rules": [null]}] {
		found := rule_.deny with input as ingress(spec)
		count(found) == 1
	}
}

test_says_once_that_there_is_no_tls if {
	found := rule_.deny with input as ingress({"rules": [{"http": {"paths": []}}]})
	found == {{"msg": "Ingress web has no TLS", "path": ["spec", "tls"]}}
}

test_a_rule_that_is_null_is_for_all_hosts if {
	found := rule_.deny with input as ingress({"rules": [null], "tls": [{"hosts": ["a.example.com"]}]})
	found == {{"msg": "Ingress web serves every host, and spec.tls is for some of them", "path": ["spec", "rules", 0]}}
}

test_allows_all_hosts_where_an_entry_is_for_all if {
	found := rule_.deny with input as ingress({"rules": [{"http": {"paths": []}}], "tls": [{"secretName": "all"}]})
	found == set()
}

test_denies_a_host_where_another_is_no_text if {
	found := rule_.deny with input as ingress({"rules": rules("a.example.com"), "tls": [{"hosts": [3]}]})
	{denied.path | some denied in found} == {["spec", "rules", 0, "host"]}
}

test_allows_what_traefik_serves_with_tls if {
	annotated := {"metadata": {"annotations": {"traefik.ingress.kubernetes.io/router.tls": "true"}}}
	found := rule_.deny with input as object.union(ingress({"rules": rules("a.example.com")}), annotated)
	found == set()
}

test_leaves_other_kinds_alone if {
	found := rule_.deny with input as object.union(ingress({"rules": rules("a.example.com")}), {"kind": "HTTPRoute"})
	found == set()
}

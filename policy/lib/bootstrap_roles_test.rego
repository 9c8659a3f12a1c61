package kpolicy.lib.bootstrap_roles_test

import data.kpolicy.lib.bootstrap_roles

test_only_the_names_of_the_table if {
	bootstrap_roles.is_one("ClusterRole", "", "system:node")
	bootstrap_roles.is_one("ClusterRole", "", "system:controller:job-controller")
	bootstrap_roles.is_one("Role", "kube-system", "system:controller:token-cleaner")
	not bootstrap_roles.is_one("ClusterRole", "", "system:mine")
	not bootstrap_roles.is_one("ClusterRole", "", "job-controller")
	not bootstrap_roles.is_one("Role", "shop", "system:controller:token-cleaner")
}

test_the_names_are_of_a_kind_and_a_namespace if {
	not bootstrap_roles.is_one("Role", "shop", "admin")
	not bootstrap_roles.is_one("Role", "shop", "system:controller:job-controller")
	not bootstrap_roles.is_one("ClusterRole", "kube-system", "system:controller:token-cleaner")
}

test_a_name_is_not_one_of_the_table_by_its_start if {
	not bootstrap_roles.is_one("ClusterRole", "", "system:controller:mine")
	not bootstrap_roles.is_one("Role", "kube-system", "mine")
}

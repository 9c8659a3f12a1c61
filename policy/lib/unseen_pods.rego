# METADATA
# title: Pods that operators make
# description: |
#   Kinds of custom resources whose operator makes pods that the files do not show. Where a namespace has one, a selector
#   that selects none of the pods in the files may select those.
package kpolicy.lib.unseen_pods

import data.kpolicy.lib.inventory
import data.kpolicy.lib.shape

# Each custom resource of a namespace that has pods made: its kind and name.
in_namespace[namespace] contains maker if {
	some kind in kinds
	some namespace, names in shape.table_at(inventory.by_kind, [kind])
	some entries in names
	some entry in entries
	is_maker(entry.object)
	maker := {"kind": kind, "name": inventory.name_of(entry.object)}
}

is_maker(object_) if {
	object_.kind != "Cluster"
	contains(shape.text_at(object_, ["apiVersion"]), ".")
}

# Many projects have a kind named Cluster.
is_maker(object_) if inventory.in_group(object_, "postgresql.cnpg.io")

# The first of a namespace, where findings say that pods are not in the files.
first[namespace] := min(makers) if some namespace, makers in in_namespace

# Those of Prometheus, of databases, queues, search, meshes, CI and builds.
kinds := {
	"Alertmanager",
	"ArangoDeployment",
	"ArgoCD",
	"CassandraDatacenter",
	"ClickHouseInstallation",
	"Cluster",
	"Elasticsearch",
	"EtcdCluster",
	"FlinkDeployment",
	"Grafana",
	"HelmRelease",
	"InfinispanCluster",
	"InnoDBCluster",
	"Istio",
	"IstioOperator",
	"Jaeger",
	"Kafka",
	"KafkaBridge",
	"KafkaConnect",
	"KafkaMirrorMaker2",
	"Keycloak",
	"Kibana",
	"Logging",
	"LokiStack",
	"MariaDB",
	"Memcached",
	"MinIO",
	"MongoDB",
	"MongoDBCommunity",
	"NatsCluster",
	"OpenTelemetryCollector",
	"PerconaServerMongoDB",
	"PerconaXtraDBCluster",
	"PostgresCluster",
	"Prometheus",
	"PrometheusAgent",
	"PulsarCluster",
	"RabbitmqCluster",
	"Redis",
	"RedisCluster",
	"RedisFailover",
	"ScyllaCluster",
	"SolrCloud",
	"SparkApplication",
	"Tenant",
	"ThanosRuler",
	"TidbCluster",
	"VMAgent",
	"VMCluster",
	"VMSingle",
	"Vault",
	"Zookeeper",
	"ZookeeperCluster",
	"postgresql",
}

# METADATA
# title: The files do not show the pods of a namespace
# description: |
#   An operator makes pods of this resource, and their labels and ports are not in the files. So Services and network
#   policies of the namespace that select none of its pods are not reported. Said once for each namespace.
# related_resources:
#   - https://kubernetes.io/docs/concepts/extend-kubernetes/operator/
# custom:
#   severity: info
#   remediation: Check in the cluster that the selectors of Services and network policies select these pods.
#   kinds: [Alertmanager, ArangoDeployment, ArgoCD, CassandraDatacenter, ClickHouseInstallation, Cluster,
#     Elasticsearch, EtcdCluster, FlinkDeployment, Grafana, HelmRelease, InfinispanCluster, InnoDBCluster, Istio,
#     IstioOperator, Jaeger, Kafka, KafkaBridge, KafkaConnect, KafkaMirrorMaker2, Keycloak, Kibana, Logging,
#     LokiStack, MariaDB, Memcached, MinIO, MongoDB, MongoDBCommunity, NatsCluster, OpenTelemetryCollector,
#     PerconaServerMongoDB, PerconaXtraDBCluster, PostgresCluster, Prometheus, PrometheusAgent, PulsarCluster,
#     RabbitmqCluster, Redis, RedisCluster, RedisFailover, ScyllaCluster, SolrCloud, SparkApplication, Tenant,
#     ThanosRuler, TidbCluster, VMAgent, VMCluster, VMSingle, Vault, Zookeeper, ZookeeperCluster, postgresql]
#   formats: [yaml, json]
#   profiles: []
#   warns_in: [strict]
package kpolicy.kubernetes.reliability.unseen_pods

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.unseen_pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "name"])} if {
	some entry in kubernetes.objects
	namespace := inventory.namespace_of(entry.object)
	unseen_pods.first[namespace] == {"kind": entry.object.kind, "name": inventory.name_of(entry.object)}
	text := "the pods of %s are not in the files: Services and policies of namespace %s that select nothing are not reported"
	msg := sprintf(text, [kubernetes.name_of(entry.object), namespace])
}

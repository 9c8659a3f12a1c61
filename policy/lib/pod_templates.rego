# METADATA
# title: Where each kind keeps its pods
# description: |
#   The one table of the kinds that create pods, read by the library, and by kpolicy for METADATA's `kinds: [workloads]`.
#   A key is a kind, or a kind and its API group as kubectl writes it. A path leads to a pod template, or to what holds
#   the fields of a pod's spec itself; `*` stands for every item of a list and every value of an object.
package kpolicy.lib.pod_templates

import data.kpolicy.lib.shape

# The paths of each kind.
paths := {
	"AdvancedCronJob.apps.kruise.io": [
		"spec.template.jobTemplate.spec.template",
		"spec.template.broadcastJobTemplate.spec.template",
	],
	"AnalysisRun.argoproj.io": ["spec.metrics.*.provider.job.spec.template"],
	"AnalysisTemplate.argoproj.io": ["spec.metrics.*.provider.job.spec.template"],
	"AutoscalingRunnerSet.actions.github.com": ["spec.template"],
	"BroadcastJob.apps.kruise.io": ["spec.template"],
	"CloneSet.apps.kruise.io": ["spec.template"],
	"ClusterAnalysisTemplate.argoproj.io": ["spec.metrics.*.provider.job.spec.template"],
	"ClusterServingRuntime.serving.kserve.io": ["spec"],
	"ClusterTask.tekton.dev": ["spec"],
	"ClusterWorkflowTemplate.argoproj.io": ["spec.templates.*"],
	"Configuration.serving.knative.dev": ["spec.template"],
	"ContainerSource.sources.knative.dev": ["spec.template"],
	"CronJob": ["spec.jobTemplate.spec.template"],
	"CronWorkflow.argoproj.io": ["spec.workflowSpec.templates.*"],
	"DaemonSet": ["spec.template"],
	"Deployment": ["spec.template"],
	"DeploymentConfig": ["spec.template"],
	"Experiment.argoproj.io": ["spec.templates.*.template"],
	"InferenceService.serving.kserve.io": [
		"spec.predictor",
		"spec.predictor.workerSpec",
		"spec.transformer",
		"spec.explainer",
	],
	"Job": ["spec.template"],
	"Job.batch.volcano.sh": ["spec.tasks.*.template"],
	"JobSet.jobset.x-k8s.io": ["spec.replicatedJobs.*.template.spec.template"],
	"LLMInferenceService.serving.kserve.io": [
		"spec.template",
		"spec.worker",
		"spec.prefill.template",
		"spec.prefill.worker",
	],
	"LLMInferenceServiceConfig.serving.kserve.io": [
		"spec.template",
		"spec.worker",
		"spec.prefill.template",
		"spec.prefill.worker",
	],
	"LeaderWorkerSet.leaderworkerset.x-k8s.io": [
		"spec.leaderWorkerTemplate.leaderTemplate",
		"spec.leaderWorkerTemplate.workerTemplate",
	],
	"MPIJob.kubeflow.org": ["spec.mpiReplicaSpecs.*.template"],
	"Pipeline.tekton.dev": ["spec.tasks.*.taskSpec", "spec.finally.*.taskSpec"],
	"PipelineRun.tekton.dev": [
		"spec.pipelineSpec.tasks.*.taskSpec",
		"spec.pipelineSpec.finally.*.taskSpec",
	],
	"PodTemplate": ["template"],
	"PyTorchJob.kubeflow.org": ["spec.pytorchReplicaSpecs.*.template"],
	"RayCluster.ray.io": ["spec.headGroupSpec.template", "spec.workerGroupSpecs.*.template"],
	"RayJob.ray.io": [
		"spec.rayClusterSpec.headGroupSpec.template",
		"spec.rayClusterSpec.workerGroupSpecs.*.template",
		"spec.submitterPodTemplate",
	],
	"RayService.ray.io": [
		"spec.rayClusterConfig.headGroupSpec.template",
		"spec.rayClusterConfig.workerGroupSpecs.*.template",
	],
	"ReplicaSet": ["spec.template"],
	"ReplicationController": ["spec.template"],
	"Revision.serving.knative.dev": ["spec"],
	"Rollout.argoproj.io": ["spec.template"],
	"ScaledJob.keda.sh": ["spec.jobTargetRef.template"],
	"Service.serving.knative.dev": ["spec.template"],
	"ServingRuntime.serving.kserve.io": ["spec"],
	"SidecarSet.apps.kruise.io": ["spec"],
	"StatefulSet": ["spec.template"],
	"TFJob.kubeflow.org": ["spec.tfReplicaSpecs.*.template"],
	"Task.tekton.dev": ["spec"],
	"TaskRun.tekton.dev": ["spec.taskSpec"],
	"UnitedDeployment.apps.kruise.io": [
		"spec.template.statefulSetTemplate.spec.template",
		"spec.template.advancedStatefulSetTemplate.spec.template",
		"spec.template.cloneSetTemplate.spec.template",
		"spec.template.deploymentTemplate.spec.template",
	],
	"Workflow.argoproj.io": ["spec.templates.*"],
	"WorkflowTemplate.argoproj.io": ["spec.templates.*"],
}

# Where a kind says what holds for each of its pods that does not say it itself.
shared := {
	"ClusterWorkflowTemplate.argoproj.io": ["spec"],
	"CronWorkflow.argoproj.io": ["spec", "workflowSpec"],
	"PipelineRun.tekton.dev": ["spec", "taskRunTemplate", "podTemplate"],
	"TaskRun.tekton.dev": ["spec", "podTemplate"],
	"Workflow.argoproj.io": ["spec"],
	"WorkflowTemplate.argoproj.io": ["spec"],
}

# The fields of a pod's spec that are shared so.
shared_fields := {
	"automountServiceAccountToken",
	"hostAliases",
	"hostIPC",
	"hostNetwork",
	"hostPID",
	"hostUsers",
	"imagePullSecrets",
	"securityContext",
	"serviceAccountName",
	"topologySpreadConstraints",
	"volumes",
}

# Where containers stand in what holds the fields of a pod's spec: as lists and alone.
container_lists := [["containers"], ["containerSet", "containers"], ["steps"], ["sidecars"]]

single_containers := [["container"], ["script"], ["model"]]

# The key of an object in a table by kinds: its kind with its API group, where the table has that, or else its kind.
key_of(object_, table) := key if {
	key := qualified(object_)
	table[key]
}

key_of(object_, table) := object_.kind if not table[qualified(object_)]

qualified(object_) := sprintf("%v.%s", [object_.kind, group_of(object_)])

# What stands for the group where apiVersion has none is a version, which is in no key.
group_of(object_) := split(shape.text_at(object_, ["apiVersion"]), "/")[0]

# The paths, each a list of steps, that lead to the pods of an object by a table, with what stands there.
places(object_, table) := direct(object_, steps) | starred(object_, steps) if {
	key := key_of(object_, table)
	steps := [split(path, ".") | some path in array.flatten([table[key]])]
}

direct(object_, all) := {{"path": steps, "value": value} |
	some steps in all
	not "*" in steps
	value := object.get(object_, steps, null)
	is_object(value)
}

starred(object_, all) := {{"path": path, "value": value} |
	some steps in all
	"*" in steps
	first := [at | some at, step in steps; step == "*"][0]
	walk(object.get(object_, array.slice(steps, 0, first), null), [below, value])
	is_object(value)
	path := array.concat(array.slice(steps, 0, first), below)
	count(path) == count(steps)
	every at, step in steps {
		step in {"*", path[at]}
	}
}

# The containers in what holds the fields of a pod's spec: a list of {"container": …, "path": …}.
containers_in(holder) := array.concat(
	[{"container": with_defaults(holder, container), "path": array.concat(steps, [index])} |
		some steps in container_lists
		list := object.get(holder, steps, null)
		is_array(list)
		some index, container in list
		is_object(container)
	],
	[{"container": with_defaults(holder, container), "path": steps} |
		some steps in single_containers
		container := object.get(holder, steps, null)
		is_object(container)
	],
)

# A step of Tekton takes what it does not say itself from the template of its task's steps.
with_defaults(holder, container) := object.union(shape.table_at(holder, ["stepTemplate"]), container)

# What an object says for all of its pods that one does not say itself: {"path": …, "fields": …}.
default shared_with(_, _) := {"path": [], "fields": {}}

shared_with(object_, own) := {"path": path, "fields": fields} if {
	path := shared[key_of(object_, shared)]
	fields := object.filter(shape.table_at(object_, path), shared_fields - object.keys(own))
}

//! Which of the well-known kinds are in no namespace.

/// Whether objects of a kind are in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// They are in one.
    Namespaced,
    /// They are the whole cluster's.
    Cluster,
}

/// The kinds in no namespace by their API group: Kubernetes' own of 1.34, then those of projects that many use.
const CLUSTER: &[(&str, &[&str])] = &[
    ("", &["ComponentStatus", "Namespace", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    (
        "certificates.k8s.io",
        &["CertificateSigningRequest", "ClusterTrustBundle"],
    ),
    ("extensions", &["PodSecurityPolicy"]),
    (
        "flowcontrol.apiserver.k8s.io",
        &["FlowSchema", "PriorityLevelConfiguration"],
    ),
    ("internal.apiserver.k8s.io", &["StorageVersion"]),
    ("networking.k8s.io", &["IPAddress", "IngressClass", "ServiceCIDR"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("policy", &["PodSecurityPolicy"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "DeviceTaintRule", "ResourceSlice"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    (
        "storage.k8s.io",
        &[
            "CSIDriver",
            "CSINode",
            "StorageClass",
            "VolumeAttachment",
            "VolumeAttributesClass",
        ],
    ),
    ("storagemigration.k8s.io", &["StorageVersionMigration"]),
    ("cert-manager.io", &["ClusterIssuer"]),
    ("cilium.io", &["CiliumClusterwideNetworkPolicy"]),
    ("crd.projectcalico.org", &["GlobalNetworkPolicy", "GlobalNetworkSet"]),
    ("external-secrets.io", &["ClusterExternalSecret", "ClusterSecretStore"]),
    ("gateway.networking.k8s.io", &["GatewayClass"]),
    ("karpenter.sh", &["NodeClaim", "NodePool"]),
    ("kyverno.io", &["ClusterPolicy"]),
    (
        "policy.networking.k8s.io",
        &[
            "AdminNetworkPolicy",
            "BaselineAdminNetworkPolicy",
            "ClusterNetworkPolicy",
        ],
    ),
    ("projectcalico.org", &["GlobalNetworkPolicy", "GlobalNetworkSet"]),
    (
        "snapshot.storage.k8s.io",
        &["VolumeSnapshotClass", "VolumeSnapshotContent"],
    ),
    ("templates.gatekeeper.sh", &["ConstraintTemplate"]),
];

/// The scope of a kind of an API group. Constraints of Gatekeeper are of kinds that their users name.
pub(super) fn of(group: &str, kind: &str) -> Scope {
    let listed = CLUSTER
        .iter()
        .any(|(known, kinds)| *known == group && kinds.contains(&kind));
    if listed || group == "constraints.gatekeeper.sh" {
        Scope::Cluster
    } else {
        Scope::Namespaced
    }
}

/// The scope of a kind whose group is not known.
pub(super) fn of_kind(kind: &str) -> Scope {
    match CLUSTER.iter().any(|(_, kinds)| kinds.contains(&kind)) {
        true => Scope::Cluster,
        false => Scope::Namespaced,
    }
}

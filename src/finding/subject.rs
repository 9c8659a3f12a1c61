//! What a finding is about: a Kubernetes object, a part of a Terraform configuration, an instruction of a Dockerfile.

use std::collections::BTreeMap;
use std::fmt;

/// A Kubernetes object, by what the cluster tells it from others.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// Its kind.
    pub kind: String,
    /// Its namespace; empty where it says none.
    pub namespace: String,
    /// Its name, or the start of the name that the cluster will complete; empty where it says neither.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// `Deployment shop/web`; what the object does not say is omitted.
impl fmt::Display for Resource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.kind)?;
        match (self.namespace.as_str(), self.name.as_str()) {
            ("", "") => Ok(()),
            ("", name) => write!(out, " {name}"),
            (namespace, name) => write!(out, " {namespace}/{name}"),
        }
    }
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A Kubernetes object, and the container in it, by its name.
    Object {
        /// The object.
        resource: Resource,
        /// The container.
        container: Option<String>,
    },
    /// A part of a Terraform configuration or plan.
    Terraform {
        /// Its address: `aws_s3_bucket.logs`, `module.network`.
        address: String,
        /// What a plan does with it: `create`, `replace`.
        action: Option<String>,
    },
    /// An instruction of a Dockerfile.
    Instruction {
        /// The stage, by its name, or else by its number from 0.
        stage: String,
        /// The instruction: `RUN`.
        instruction: String,
        /// Which one of this instruction it is in the stage, from 1.
        number: usize,
    },
}

impl Subject {
    /// What the subject is known by from run to run.
    pub fn identity(&self) -> String {
        match self {
            // The container is a part of the path.
            Self::Object { resource, .. } => resource.to_string(),
            Self::Terraform { address, .. } => address.clone(),
            Self::Instruction {
                stage,
                instruction,
                number,
            } => format!("{stage} {instruction} {number}"),
        }
    }
}

/// `Deployment shop/web, container app`, `aws_s3_bucket.logs (create)`, `stage build, RUN`.
impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object {
                resource,
                container: Some(container),
            } => write!(out, "{resource}, container {container}"),
            Self::Object { resource, .. } => resource.fmt(out),
            Self::Terraform { address, action: None } => out.write_str(address),
            Self::Terraform {
                address,
                action: Some(action),
            } => write!(out, "{address} ({action})"),
            Self::Instruction { stage, instruction, .. } => write!(out, "stage {stage}, {instruction}"),
        }
    }
}

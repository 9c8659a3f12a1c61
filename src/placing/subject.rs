//! What a path in a document is about.

use crate::finding::{Resource, Subject};
use crate::kubernetes;
use kpolicy_parse::Format;
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

/// The fields of a pod that hold containers.
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// What the value at a path of a document is about. The format is unknown where several documents are one input.
pub(crate) fn subject(document: &Document, format: Option<Format>, path: &[Value]) -> Option<Subject> {
    let value = &document.value;
    if let Some(resource) = resource(value, path) {
        return Some(Subject::Object {
            resource,
            container: container(value, path),
        });
    }
    instruction(value, path)
        .or_else(|| planned(value, path))
        .or_else(|| configured(path).filter(|_| format == Some(Format::Hcl2) || is_terraform(&document.file.path)))
}

fn is_terraform(file: &str) -> bool {
    let mut endings = [".tf", ".tf.json", ".tofu", ".tofu.json"].iter();
    endings.any(|ending| file.ends_with(ending))
}

/// What findings in a document can be about, by what they are known by: objects that have a name, parts of Terraform.
pub fn subjects(document: &Document, format: Format) -> Vec<String> {
    let objects = kubernetes::objects(&document.value).into_iter();
    let named = objects.filter_map(|found| object(found.value).filter(|resource| !resource.name.is_empty()));
    let mut known: Vec<String> = named.map(|resource| resource.to_string()).collect();
    if format == Format::Hcl2 || is_terraform(&document.file.path) {
        known.extend(blocks(&document.value));
    }
    known
}

/// The addresses of the blocks of a Terraform configuration.
fn blocks(document: &Value) -> Vec<String> {
    let keys = |value: &Value| -> Vec<(Value, Value)> {
        let tables: &[Value] = value.as_array().unwrap_or(std::slice::from_ref(value));
        let objects = tables.iter().filter_map(Value::as_object);
        objects
            .flat_map(|object| object.iter().cloned().collect::<Vec<_>>())
            .collect()
    };
    let mut addresses = Vec::new();
    for (block, first) in keys(document) {
        for (name, second) in keys(&first) {
            let path = [block.clone(), name.clone()];
            addresses.extend(configured(&path).map(|subject| subject.identity()));
            let further = keys(&second).into_iter();
            addresses.extend(further.filter_map(|(last, _)| {
                let subject = configured(&[path[0].clone(), path[1].clone(), last])?;
                Some(subject.identity())
            }));
        }
    }
    addresses.sort();
    addresses.dedup();
    addresses
}

/// The Kubernetes object that a path leads into: the innermost with a kind and metadata, so that of a list it is the
/// item and of a review the object. An object without a location is the document's own, or the one under review.
fn resource(document: &Value, path: &[Value]) -> Option<Resource> {
    let mut found = object(document);
    for field in ["request", "review"] {
        let review = document.field(field);
        let reviewed = ["object", "oldObject"]
            .into_iter()
            .find_map(|name| object(review?.field(name)?));
        found = reviewed.or(found);
    }
    along(document, path)
        .filter_map(|(_, value)| object(value))
        .last()
        .or(found)
}

/// The steps of a path, each with the value that it leads to, as far as the document has them.
fn along<'a>(document: &'a Value, path: &'a [Value]) -> impl Iterator<Item = (&'a Value, &'a Value)> {
    let mut at = Some(document);
    path.iter().map_while(move |step| {
        at = at.and_then(|value| value.get(step));
        Some((step, at?))
    })
}

fn object(value: &Value) -> Option<Resource> {
    let kind = value.field("kind").and_then(Value::as_str)?;
    let metadata = value.field("metadata")?;
    let text = |name: &str| {
        metadata
            .field(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let labels = metadata.field("labels").and_then(Value::as_object);
    let labels = labels.iter().flat_map(|labels| labels.iter());
    let label = |(key, value): &(Value, Value)| Some((key.key_text(), value.as_str()?.to_owned()));
    Some(Resource {
        labels: labels.filter_map(label).collect(),
        kind: kind.to_owned(),
        namespace: text("namespace").unwrap_or_default().to_owned(),
        name: text("name")
            .or_else(|| text("generateName"))
            .unwrap_or_default()
            .to_owned(),
    })
}

/// The name of the container that a path leads into.
fn container(document: &Value, path: &[Value]) -> Option<String> {
    let steps: Vec<_> = along(document, path).collect();
    let is_container = |pair: &&[(&Value, &Value)]| {
        let field = pair[0].0.as_str();
        field.is_some_and(|field| CONTAINERS.contains(&field)) && matches!(pair[1].0, Value::Number(_))
    };
    let item = steps.windows(2).rfind(is_container)?[1].1;
    Some(item.field("name")?.as_str()?.to_owned())
}

/// The instruction of a Dockerfile that a path leads into.
fn instruction(document: &Value, path: &[Value]) -> Option<Subject> {
    let Value::Number(index) = path.first()? else {
        return None;
    };
    let index = index.as_i64().and_then(|index| usize::try_from(index).ok())?;
    let all = document.as_array()?;
    let text = |value: &Value, field: &str| Some(value.field(field)?.as_str()?.to_uppercase());
    let at = all.get(index)?;
    let (instruction, stage) = (text(at, "Cmd")?, at.field("Stage")?);
    let of_stage = || all.iter().filter(|other| other.field("Stage") == Some(stage));
    let before = &all[..=index];
    let same = |other: &&Value| other.field("Stage") == Some(stage) && other.field("Cmd") == at.field("Cmd");
    let name = of_stage()
        .find(|other| text(other, "Cmd").as_deref() == Some("FROM"))
        .and_then(|from| {
            let words = from.field("Value")?.as_array()?;
            let [_, word, name] = words else { return None };
            let is_named = word.as_str().is_some_and(|word| word.eq_ignore_ascii_case("as"));
            is_named.then(|| name.as_str().map(str::to_owned))?
        });
    Some(Subject::Instruction {
        stage: name.unwrap_or_else(|| stage.key_text()),
        instruction,
        number: before.iter().filter(same).count(),
    })
}

/// The resource of a Terraform plan that a path leads into: the innermost that says its address.
fn planned(document: &Value, path: &[Value]) -> Option<Subject> {
    let is_plan = ["resource_changes", "planned_values"]
        .iter()
        .any(|field| document.field(field).is_some());
    let addresses = along(document, path).filter_map(|(_, value)| value.field("address")?.as_str());
    let address = addresses.last().filter(|_| is_plan)?.to_owned();
    Some(Subject::Terraform { address, action: None })
}

/// The block of a Terraform configuration that a path leads into.
fn configured(path: &[Value]) -> Option<Subject> {
    let mut names = path.iter().filter_map(Value::as_str);
    let block = names.next()?;
    let mut name = || names.next();
    let address = match block {
        "resource" => format!("{}.{}", name()?, name()?),
        "data" | "ephemeral" => format!("{block}.{}.{}", name()?, name()?),
        "module" | "output" | "provider" => format!("{block}.{}", name()?),
        "variable" => format!("var.{}", name()?),
        "locals" => format!("local.{}", name()?),
        _ => return None,
    };
    Some(Subject::Terraform { address, action: None })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value as Json, json};

    use super::subject;
    use kpolicy_parse::document::{Document, File, Spans};
    use kpolicy_value::Value;

    /// The subject of a path in a file, as reports write it.
    fn of(file: &str, value: &Json, path: &Json) -> Option<String> {
        let document = Document {
            file: Arc::new(File::new(file, "")),
            index: 0,
            value: Value::from_json(value),
            spans: Spans::default(),
        };
        let path = Value::from_json(path);
        subject(&document, None, path.as_array()?).map(|found| found.to_string())
    }

    #[test]
    fn a_finding_is_about_the_innermost_object() {
        let containers = json!([{"name": "app"}, {}]);
        let pod = json!({"kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"containers": containers}});
        let list = json!({"kind": "List", "metadata": {}, "items": [pod]});
        let named = |path: Json| of("a.yaml", &list, &path);
        assert_eq!(named(json!(["items", 0, "spec", "x"])).as_deref(), Some("Pod shop/web"));
        assert_eq!(
            named(json!(["items", 0, "spec", "containers", 0, "image"])).as_deref(),
            Some("Pod shop/web, container app")
        );
        assert_eq!(
            named(json!(["items", 0, "spec", "containers", 1, "image"])).as_deref(),
            Some("Pod shop/web")
        );
        assert_eq!(named(json!([])).as_deref(), Some("List"));
        let review = json!({"kind": "AdmissionReview", "request": {"object": pod}});
        assert_eq!(of("a.yaml", &review, &json!([])).as_deref(), Some("Pod shop/web"));
        assert_eq!(of("a.yaml", &json!({"kind": "x"}), &json!([])), None);
    }

    #[test]
    fn parts_of_terraform_have_their_address() {
        let blocks = json!({
            "resource": {"aws_s3_bucket": {"logs": [{"acl": "x"}]}}, "locals": [{"a": 1}], "terraform": [{}],
        });
        let named = |path: Json| of("main.tf", &blocks, &path);
        let logs = named(json!(["resource", "aws_s3_bucket", "logs", 0, "acl"]));
        assert_eq!(logs.as_deref(), Some("aws_s3_bucket.logs"));
        assert_eq!(named(json!(["locals", 0, "a"])).as_deref(), Some("local.a"));
        assert_eq!(
            named(json!(["data", "aws_ami", "x"])).as_deref(),
            Some("data.aws_ami.x")
        );
        assert_eq!(named(json!(["variable", "v", 0])).as_deref(), Some("var.v"));
        assert_eq!(named(json!(["terraform", 0])), None);
        assert_eq!(named(json!(["resource"])), None);
        assert_eq!(of("x.yaml", &blocks, &json!(["locals", 0, "a"])), None);
        let changes = json!([{"address": "module.m.aws_vpc.main[0]", "change": {"after": {}}}]);
        let plan = json!({"resource_changes": changes});
        let path = json!(["resource_changes", 0, "change", "after", "cidr"]);
        assert_eq!(
            of("plan.json", &plan, &path).as_deref(),
            Some("module.m.aws_vpc.main[0]")
        );
    }

    #[test]
    fn instructions_have_their_stage() {
        let line = |stage: i32, command: &str, value: Json| json!({"Cmd": command, "Stage": stage, "Value": value});
        let file = json!([
            line(0, "from", json!(["golang", "AS", "build"])),
            line(0, "run", json!(["make"])),
            line(1, "from", json!(["alpine"])),
            line(1, "run", json!(["x"])),
        ]);
        let named = |path: Json| of("Dockerfile", &file, &path);
        assert_eq!(named(json!([1, "Value", 0])).as_deref(), Some("stage build, RUN"));
        assert_eq!(named(json!([2])).as_deref(), Some("stage 1, FROM"));
        assert_eq!(named(json!([9])), None);
    }
}

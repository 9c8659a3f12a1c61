//! CycloneDX bills of materials: JSON as it is written, and XML with the names of CycloneDX's JSON.

use roxmltree::Node as Element;

use super::xml::{Place, attributes, name_span, read, text_of};
use super::{Meter, ParseError, Parsed, Row, json};
use crate::comments::{Comments, XML};
use crate::document::{Entry, Node, Span};
use kpolicy_value::{Number, Value};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "cyclonedx",
    aliases: &["cdx"],
    files: &["*.cyclonedx"],
    further: &["*.cdx.json", "*.cdx.xml", "bom.json", "bom.xml"],
    about: "JSON as it is written. XML has the names and shapes of CycloneDX's JSON, and the version of its namespace as \
            `specVersion`.",
    comments: Comments::Code(&XML),
    imports: |_| Vec::new(),
    example: (
        "bom.xml",
        "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" version=\"1\">\n  <components>\n    \
         <component type=\"library\"><name>a</name></component>\n  </components>\n</bom>\n",
    ),
    parse: |text, _, meter| parse(text, meter),
};

/// The versions of the specification.
const VERSIONS: [&str; 8] = ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];
/// The start of its namespaces in XML.
const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";
/// How deep components may nest.
const MAX_DEPTH: usize = 250;

/// Elements whose children are the items of an array, with the name of these.
const LISTS: &[(&str, &str)] = &[
    ("advisories", "advisory"),
    ("affects", "target"),
    ("altIds", "altId"),
    ("ancestors", "component"),
    ("annotations", "annotation"),
    ("assemblies", "assembly"),
    ("authors", "author"),
    ("commits", "commit"),
    ("components", "component"),
    ("compositions", "composition"),
    ("cwes", "cwe"),
    ("data", "dataflow"),
    ("dependencies", "dependency"),
    ("descendants", "component"),
    ("endpoints", "endpoint"),
    ("externalReferences", "reference"),
    ("formulation", "formula"),
    ("hashes", "hash"),
    ("individuals", "individual"),
    ("licenseTypes", "licenseType"),
    ("lifecycles", "lifecycle"),
    ("methods", "method"),
    ("occurrences", "occurrence"),
    ("organizations", "organization"),
    ("patches", "patch"),
    ("properties", "property"),
    ("ratings", "rating"),
    ("references", "reference"),
    ("references", "url"),
    ("resolves", "issue"),
    ("responses", "response"),
    ("services", "service"),
    ("standards", "standard"),
    ("subjects", "subject"),
    ("tags", "tag"),
    ("tools", "tool"),
    ("variants", "component"),
    ("versions", "version"),
    ("vulnerabilities", "vulnerability"),
    ("workflows", "workflow"),
];
/// Elements that may be repeated, and so are arrays.
const REPEATED: &[(&str, &str)] = &[
    ("contact", ""),
    ("url", "organization"),
    ("omniborId", ""),
    ("swhid", ""),
];
/// The elements of an organization, whose addresses are an array.
const ORGANIZATIONS: &[&str] = &[
    "supplier",
    "manufacturer",
    "manufacture",
    "provider",
    "organization",
    "licensor",
    "licensee",
    "purchaser",
];
/// Elements that are booleans.
const BOOLEANS: &[&str] = &[
    "modified",
    "authenticated",
    "x-trust-boundary",
    "thirdParty",
    "isExternal",
];
/// Elements and attributes that are numbers.
const NUMBERS: &[&str] = &["score", "cwe", "line", "column", "offset", "confidence"];

fn parse(text: &str, mut meter: Meter) -> Result<Parsed, ParseError> {
    if text.trim_start().starts_with('<') {
        let node = read(text, meter, |document, place| {
            bom(document.root_element(), place, &mut meter)
        })?;
        return Ok(Parsed::of(node));
    }
    let parsed = json::read(text, json::Comments::Refused, meter)?;
    check(&parsed.documents[0])?;
    Ok(parsed)
}

/// What CycloneDX requires of a document, and the types of its parts.
fn check(node: &Node) -> Result<(), ParseError> {
    let wrong = |key: Option<&str>, message: &str| {
        let index = key.and_then(|key| node.value.as_object()?.position(&Value::string(key)));
        let children = node.spans.children.as_deref().unwrap_or_default();
        let span = index
            .and_then(|index| children.get(index))
            .map_or(node.spans.value, |spans| spans.value);
        Err(ParseError::new(message, span))
    };
    if node.value.as_object().is_none() {
        return wrong(None, "a bill of materials is an object");
    }
    if node.value.field("bomFormat").and_then(Value::as_str) != Some("CycloneDX") {
        return wrong(
            Some("bomFormat"),
            "the document is not CycloneDX: its bomFormat is not \"CycloneDX\"",
        );
    }
    let version = node.value.field("specVersion");
    if version.is_some_and(|version| version.as_str().is_none_or(|version| !VERSIONS.contains(&version))) {
        return wrong(Some("specVersion"), "this is no version of CycloneDX");
    }
    let is_integer = |value: &Value| matches!(value, Value::Number(number) if number.as_i64().is_some());
    let is_text = |value: &Value| value.as_str().is_some();
    let objects = |value: &Value| {
        value
            .as_array()
            .is_some_and(|all| all.iter().all(|item| item.as_object().is_some()))
    };
    let is_object = |value: &Value| value.as_object().is_some();
    for key in node
        .value
        .as_object()
        .into_iter()
        .flat_map(|object| object.iter())
        .map(|(key, _)| key.key_text())
    {
        let Some(value) = node.value.field(&key).filter(|value| **value != Value::Null) else {
            continue;
        };
        let is_sound = match key.as_str() {
            "version" => is_integer(value),
            "serialNumber" | "$schema" => is_text(value),
            "metadata" | "declarations" | "definitions" | "signature" => is_object(value),
            "components" => objects(value) && value.as_array().is_some_and(|all| all.iter().all(is_component)),
            "services" | "externalReferences" | "dependencies" | "compositions" | "vulnerabilities" | "annotations"
            | "formulation" | "properties" => objects(value),
            _ => true,
        };
        if !is_sound {
            return wrong(Some(&key), &format!("`{key}` has another type in CycloneDX"));
        }
    }
    Ok(())
}

fn is_component(component: &Value) -> bool {
    let texts = [
        "type",
        "name",
        "version",
        "group",
        "purl",
        "bom-ref",
        "scope",
        "description",
    ];
    texts.iter().all(|key| {
        component
            .field(key)
            .is_none_or(|value| matches!(value, Value::String(_) | Value::Null))
    })
}

fn bom(root: Element<'_, '_>, place: &Place<'_>, meter: &mut Meter) -> Result<Node, ParseError> {
    let (name, key) = (root.tag_name(), name_span(root, place));
    if name.name() != "bom" {
        return Err(ParseError::new(
            format!("the root element is <{}> instead of <bom>", name.name()),
            key,
        ));
    }
    let namespace = name.namespace().unwrap_or_default();
    let version = namespace
        .strip_prefix(NAMESPACE)
        .filter(|version| VERSIONS.contains(version));
    let Some(version) = version else {
        return Err(
            ParseError::new(format!("`{namespace}` is no namespace of CycloneDX"), key)
                .with_help(format!("write xmlns=\"{NAMESPACE}1.6\"")),
        );
    };
    let mut entries = fields(root, place, 0, meter)?;
    entries.push(Entry::implied("bomFormat", Node::text("CycloneDX", key)));
    entries.push(Entry::implied("specVersion", Node::text(version, key)));
    for entry in &mut entries {
        if &*entry.key == "version" {
            entry.node = number(entry.node.clone())?;
        }
    }
    if !entries.iter().any(|entry| &*entry.key == "version") {
        entries.push(Entry::implied("version", Node::scalar(Value::from(0i64), key)));
    }
    Ok(Node::object(entries, place.span(root.range())))
}

/// The attributes and the elements of an element, as fields.
fn fields(
    element: Element<'_, '_>,
    place: &Place<'_>,
    depth: usize,
    meter: &mut Meter,
) -> Result<Vec<Entry>, ParseError> {
    let whole = place.span(element.range());
    if depth > MAX_DEPTH {
        return Err(ParseError::limit(
            format!("elements nest more than {MAX_DEPTH} levels"),
            whole,
        ));
    }
    let mut entries = Vec::new();
    for attribute in attributes(element, place) {
        if attribute.is_declaration {
            continue;
        }
        meter.count(1, attribute.value_span)?;
        let name = if attribute.name == "content-type" {
            "contentType"
        } else {
            attribute.name.as_str()
        };
        let node = typed(name, Node::text(&attribute.value, attribute.value_span))?;
        entries.push(Entry::new(name, attribute.name_span, node));
    }
    let mut arrays: Vec<(&str, Span, Vec<Node>)> = Vec::new();
    for child in element.children().filter(Element::is_element) {
        let name = child.tag_name().name();
        let key = name_span(child, place);
        let Some(node) = value(child, place, depth + 1, meter)? else {
            continue;
        };
        let parent = element.tag_name().name();
        let is_repeated = REPEATED
            .iter()
            .any(|row| row.0 == name && (row.1.is_empty() || ORGANIZATIONS.contains(&parent)));
        if !is_repeated {
            let name = if name == "responses" { "response" } else { name };
            entries.push(Entry::new(name, key, node));
        } else if let Some(array) = arrays.iter_mut().find(|array| array.0 == name) {
            array.2.push(node);
        } else {
            arrays.push((name, key, vec![node]));
        }
    }
    for (name, key, nodes) in arrays {
        entries.push(Entry::new(name, key, Node::array(nodes, whole)));
    }
    Ok(entries)
}

/// The value of an element; none where it is empty.
fn value(
    element: Element<'_, '_>,
    place: &Place<'_>,
    depth: usize,
    meter: &mut Meter,
) -> Result<Option<Node>, ParseError> {
    let whole = place.span(element.range());
    meter.count(1, whole)?;
    let name = element.tag_name().name();
    let parent = element.parent_element().map_or("", |parent| parent.tag_name().name());
    let children = || element.children().filter(Element::is_element);
    let is_list = |child: Element<'_, '_>| LISTS.contains(&(name, child.tag_name().name()));
    if name == "licenses" || (parent == "evidence" && name == "copyright") {
        return Ok(Some(Node::array(choices(element, place, depth, meter)?, whole)));
    }
    if children().next().is_some_and(is_list) {
        let mut items = Vec::new();
        for child in children() {
            items.extend(value(child, place, depth + 1, meter)?);
        }
        return Ok(Some(Node::array(items, whole)));
    }
    if name == "dependency" {
        return dependency(element, place, parent, meter).map(Some);
    }
    let mut entries = fields(element, place, depth, meter)?;
    let (text, span) = text_of(element, place);
    let text = text.trim();
    // A component that is affected, an assembly and the like are references alone.
    if matches!(
        (parent, name),
        ("assemblies", "assembly") | ("subjects", "subject") | ("vulnerabilities", "vulnerability")
    ) && let [entry] = entries.as_mut_slice()
        && &*entry.key == "ref"
    {
        return Ok(Some(entry.node.clone()));
    }
    let content = match (parent, name) {
        (_, "hash") | ("license" | "patch" | "diff" | "issue", "text") | (_, "attachment" | "notes" | "diff") => {
            "content"
        }
        (_, "property") => "value",
        (_, "classification" | "dataflow") => "classification",
        _ => "",
    };
    let is_content = !content.is_empty() && children().next().is_none() && (name != "notes" || !entries.is_empty());
    if is_content {
        entries.push(Entry::implied(content, Node::text(text, span)));
    } else if entries.is_empty() {
        return if text.is_empty() {
            Ok(None)
        } else {
            typed(name, Node::text(text, span)).map(Some)
        };
    }
    Ok(Some(Node::object(entries, whole)))
}

/// The items of `licenses` and of `copyright`, each an object with what it is as key.
fn choices(
    element: Element<'_, '_>,
    place: &Place<'_>,
    depth: usize,
    meter: &mut Meter,
) -> Result<Vec<Node>, ParseError> {
    let mut items = Vec::new();
    for child in element.children().filter(Element::is_element) {
        let Some(node) = value(child, place, depth + 1, meter)? else {
            continue;
        };
        let whole = place.span(child.range());
        let name = child.tag_name().name();
        items.push(Node::object(
            vec![Entry::new(name, name_span(child, place), node)],
            whole,
        ));
    }
    Ok(items)
}

/// What depends on what: `{ref, dependsOn}`. In a composition, a dependency is its reference alone.
fn dependency(
    element: Element<'_, '_>,
    place: &Place<'_>,
    parent: &str,
    meter: &mut Meter,
) -> Result<Node, ParseError> {
    let whole = place.span(element.range());
    let reference = |element: Element<'_, '_>| {
        let all = attributes(element, place);
        let found = all.into_iter().find(|attribute| attribute.name == "ref");
        found.map(|attribute| (attribute.name_span, Node::text(&attribute.value, attribute.value_span)))
    };
    let (key, node) = reference(element).unwrap_or((whole, Node::text("", whole)));
    let in_composition = element
        .ancestors()
        .any(|ancestor| ancestor.tag_name().name() == "composition");
    if parent == "dependencies" && in_composition {
        return Ok(node);
    }
    let mut entries = vec![Entry::new("ref", key, node)];
    for (child_name, field) in [("dependency", "dependsOn"), ("provides", "provides")] {
        let children = element.children().filter(|child| child.tag_name().name() == child_name);
        let nodes: Vec<Node> = children.filter_map(reference).map(|(_, node)| node).collect();
        meter.count(nodes.len(), whole)?;
        if !nodes.is_empty() {
            entries.push(Entry::implied(field, Node::array(nodes, whole)));
        }
    }
    Ok(Node::object(entries, whole))
}

/// The value of an element or attribute that is no text in JSON.
fn typed(name: &str, node: Node) -> Result<Node, ParseError> {
    if NUMBERS.contains(&name) {
        return number(node);
    }
    if BOOLEANS.contains(&name) {
        let flag = match node.value.as_str() {
            Some("true" | "1") => true,
            Some("false" | "0") => false,
            _ => return Err(ParseError::new("this is neither true nor false", node.spans.value)),
        };
        return Ok(Node::scalar(Value::Bool(flag), node.spans.value));
    }
    Ok(node)
}

fn number(node: Node) -> Result<Node, ParseError> {
    let span = node.spans.value;
    let number = node.value.as_str().and_then(|text| Number::parse(text.trim()));
    let number = number.ok_or_else(|| ParseError::new("this is no number", span))?;
    Ok(Node::scalar(Value::Number(number), span))
}

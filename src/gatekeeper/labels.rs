//! Label selectors, as Kubernetes has them.

use kpolicy_value::Value;

/// A label selector: all of its requirements have to hold.
#[derive(Clone, Debug)]
pub(super) struct Selector(Vec<Requirement>);

#[derive(Clone, Debug)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Operator {
    fn of(name: &str) -> Option<Self> {
        match name {
            "In" => Some(Self::In),
            "NotIn" => Some(Self::NotIn),
            "Exists" => Some(Self::Exists),
            "DoesNotExist" => Some(Self::DoesNotExist),
            _ => None,
        }
    }
}

impl Selector {
    /// The selector that a value is; or the keys to what is wrong in it, and what that is.
    pub(super) fn of(value: &Value) -> Result<Self, (Vec<Value>, String)> {
        let mut requirements = Vec::new();
        let labels = value.field("matchLabels").and_then(Value::as_object);
        for (key, value) in labels.into_iter().flat_map(|labels| labels.iter()) {
            requirements.push(Requirement {
                key: key.key_text(),
                operator: Operator::In,
                values: value.as_str().map(str::to_owned).into_iter().collect(),
            });
        }
        let expressions = value.field("matchExpressions").and_then(Value::as_array);
        for (at, expression) in (0i64..).zip(expressions.unwrap_or_default()) {
            let fault = |message: String| (vec!["matchExpressions".into(), at.into()], message);
            requirements.push(Requirement::of(expression).map_err(fault)?);
        }
        Ok(Self(requirements))
    }

    /// Whether it selects an object with these labels.
    pub(super) fn selects(&self, labels: Option<&Value>) -> bool {
        self.0.iter().all(|requirement| {
            let value = labels.and_then(|labels| labels.field(&requirement.key)?.as_str());
            let is_one = || value.is_some_and(|value| requirement.values.iter().any(|known| known == value));
            match requirement.operator {
                Operator::In => is_one(),
                Operator::NotIn => !is_one(),
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
            }
        })
    }

    /// The requirements in words.
    pub(super) fn described(&self) -> String {
        let words = self.0.iter().map(|requirement| {
            let (key, values) = (&requirement.key, requirement.values.join("|"));
            match requirement.operator {
                Operator::In => format!("{key}={values}"),
                Operator::NotIn => format!("{key}!={values}"),
                Operator::Exists => key.clone(),
                Operator::DoesNotExist => format!("!{key}"),
            }
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

impl Requirement {
    fn of(value: &Value) -> Result<Self, String> {
        let text = |name: &str| value.field(name).and_then(Value::as_str).unwrap_or_default();
        let operator = Operator::of(text("operator")).ok_or_else(|| {
            format!(
                "{:?} is not an operator: use In, NotIn, Exists or DoesNotExist",
                text("operator")
            )
        })?;
        let values = super::matching::texts(value, "values");
        match (operator, values.is_empty()) {
            (Operator::In | Operator::NotIn, true) => Err("In and NotIn need values".to_owned()),
            (Operator::Exists | Operator::DoesNotExist, false) => {
                Err("Exists and DoesNotExist take no values".to_owned())
            }
            _ => Ok(Self {
                key: text("key").to_owned(),
                operator,
                values,
            }),
        }
    }
}

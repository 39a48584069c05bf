//! The tools that a request offers to its model, in the form of OpenTelemetry's conventions.

use opentelemetry::KeyValue;
use serde::Serialize;
use serde_json::{Map, Value};

use super::content::{self, Content, content};
use crate::context::frame::with_current;
use crate::recorder::GLOBAL;

const TYPE: &str = "type";
const NAME: &str = "name";
const DESCRIPTION: &str = "description";
const PARAMETERS: &str = "parameters";

/// Records the tools on the span of the current call, where content is wanted. Returns whether there are any.
pub(super) fn record<T: Serialize + ?Sized>(request: &T) -> bool {
    content(|content| set(content, request))
}

/// Returns the tools as they are recorded on a span that is about to start, where content is wanted.
pub(super) fn of<T: Serialize + ?Sized>(request: &T) -> Option<KeyValue> {
    let recorder = with_current(|frame| frame.recorder).unwrap_or(&GLOBAL);
    recorder.content_capture.get()?;
    content::of(recorder, |content| set(content, request)).pop()
}

fn set<T: Serialize + ?Sized>(content: &mut Content, request: &T) {
    let tools = serde_json::to_value(request).map(|request| definitions(&request)).unwrap_or_default();
    if !tools.is_empty() {
        content.tool_definitions(&tools);
    }
}

/// Returns the definition of each tool: its type, its name and, of a function, its description and parameters.
fn definitions(request: &Value) -> Vec<Value> {
    let tools = request.get("tools").or_else(|| request.pointer("/toolConfig/tools"));
    tools.and_then(Value::as_array).into_iter().flatten().flat_map(of_entry).collect()
}

/// Gemini's entries hold several functions, all others one tool.
fn of_entry(entry: &Value) -> Vec<Value> {
    let declared = ["functionDeclarations", "function_declarations"].iter().find_map(|key| entry.get(key)?.as_array());
    match declared {
        Some(functions) => functions.iter().filter_map(function).collect(),
        None => of_tool(entry).into_iter().collect(),
    }
}

fn of_tool(tool: &Value) -> Option<Value> {
    // OpenAI's chat API and those that took it over, and Bedrock's.
    if let Some(inner) = ["function", "toolSpec"].iter().find_map(|key| tool.get(key)) {
        return function(inner);
    }
    let kind = tool.get(TYPE).and_then(Value::as_str);
    if tool.get(NAME).is_some() && matches!(kind, None | Some("function" | "custom")) {
        return function(tool);
    }
    // A tool that the provider runs. Gemini's has no type, and its only key says which it is.
    let kind = kind.or_else(|| tool.as_object()?.keys().next().map(String::as_str))?;
    let name = tool.get(NAME).and_then(Value::as_str).unwrap_or(kind);
    Some(Map::from_iter([(TYPE, kind), (NAME, name)].map(|(key, text)| (key.to_owned(), text.into()))).into())
}

fn function(function: &Value) -> Option<Value> {
    let name = function.get(NAME)?.as_str()?;
    let mut definition =
        Map::from_iter([(TYPE, "function"), (NAME, name)].map(|(key, text)| (key.to_owned(), text.into())));
    if let Some(description) = function.get(DESCRIPTION) {
        definition.insert(DESCRIPTION.to_owned(), description.clone());
    }
    let schema = [PARAMETERS, "input_schema", "parametersJsonSchema", "inputSchema"];
    if let Some(schema) = schema.iter().find_map(|key| function.get(key)) {
        // Bedrock puts it into an object of its own.
        let schema = if schema.get(TYPE).is_none() { schema.get("json").unwrap_or(schema) } else { schema };
        definition.insert(PARAMETERS.to_owned(), schema.clone());
    }
    Some(definition.into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::definitions;

    #[test]
    fn each_providers_tools_have_one_form() {
        let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
        let weather =
            json!({"type": "function", "name": "weather", "description": "The weather.", "parameters": schema});
        let search = |kind: &str, name: &str| json!({"type": kind, "name": name});
        let plain = json!({"name": "weather", "description": "The weather.", "parameters": schema});
        let cases: [(Value, Vec<Value>); 6] = [
            (json!({"tools": [{"type": "function", "function": plain}]}), vec![weather.clone()]),
            (
                json!({"tools": [weather, {"type": "web_search", "search_context_size": "low"}]}),
                vec![weather.clone(), search("web_search", "web_search")],
            ),
            (
                json!({"tools": [
                    {"name": "weather", "description": "The weather.", "input_schema": schema},
                    {"type": "web_search_20250305", "name": "web_search", "max_uses": 5},
                ]}),
                vec![weather.clone(), search("web_search_20250305", "web_search")],
            ),
            (
                json!({"tools": [{"functionDeclarations": [plain, {"name": "now"}]}, {"googleSearch": {}}]}),
                vec![weather.clone(), search("function", "now"), search("googleSearch", "googleSearch")],
            ),
            (
                json!({"toolConfig": {"tools": [{"toolSpec": {
                    "name": "weather", "description": "The weather.", "inputSchema": {"json": schema},
                }}]}}),
                vec![weather.clone()],
            ),
            (json!({"tools": [7, {}, {"function": {}}], "messages": []}), vec![]),
        ];
        for (request, expected) in cases {
            assert_eq!(definitions(&request), expected, "{request}");
        }
        assert_eq!(definitions(&json!("tools")), Vec::<Value>::new());
    }
}

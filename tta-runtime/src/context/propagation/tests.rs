//! The cases of W3C's repositories for trace context and baggage, and properties of all headers.

use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{extract, inject};

fn received(headers: &[(&str, &str)]) -> HeaderMap {
    let mut received = HeaderMap::new();
    for &(name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        received.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    received
}

fn onward(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut onward = HeaderMap::new();
    extract(headers).run(|| inject(&mut onward));
    let mut onward: Vec<_> =
        onward.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    onward.sort();
    onward
}

fn hop(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    onward(&received(headers))
}

const TRACE: &str = "12345678901234567890123456789012";
const SPAN: &str = "1234567890123456";
const PARENT: &str = "00-12345678901234567890123456789012-1234567890123456-00";

#[track_caller]
fn check_parent(headers: &[(&str, &str)], continues: bool) {
    let expected = format!("00-{TRACE}-{SPAN}-01");
    let found = hop(headers).into_iter().find(|(name, _)| name == "traceparent").map(|(_, value)| value);
    assert_eq!(found, continues.then_some(expected), "{headers:?}");
}

#[test]
fn traceparents_of_w3c_s_cases_are_continued_or_not() {
    for (parent, continues) in [
        ("00-12345678901234567890123456789012-1234567890123456-01", true),
        ("00-12345678901234567890123456789012-1234567890123456-01.", false),
        ("00-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like", false),
        ("cc-12345678901234567890123456789012-1234567890123456-01", true),
        ("cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like", true),
        ("cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-be-like", false),
        ("ff-12345678901234567890123456789012-1234567890123456-01", false),
        (".0-12345678901234567890123456789012-1234567890123456-01", false),
        ("0.-12345678901234567890123456789012-1234567890123456-01", false),
        ("000-12345678901234567890123456789012-1234567890123456-01", false),
        ("0000-12345678901234567890123456789012-1234567890123456-01", false),
        ("0-12345678901234567890123456789012-1234567890123456-01", false),
        ("00-00000000000000000000000000000000-1234567890123456-01", false),
        ("00-.2345678901234567890123456789012-1234567890123456-01", false),
        ("00-1234567890123456789012345678901.-1234567890123456-01", false),
        ("00-123456789012345678901234567890123-1234567890123456-01", false),
        ("00-1234567890123456789012345678901-1234567890123456-01", false),
        ("00-12345678901234567890123456789012-0000000000000000-01", false),
        ("00-12345678901234567890123456789012-.234567890123456-01", false),
        ("00-12345678901234567890123456789012-123456789012345.-01", false),
        ("00-12345678901234567890123456789012-12345678901234567-01", false),
        ("00-12345678901234567890123456789012-123456789012345-01", false),
        ("00-12345678901234567890123456789012-1234567890123456-.0", false),
        ("00-12345678901234567890123456789012-1234567890123456-0.", false),
        ("00-12345678901234567890123456789012-1234567890123456-001", false),
        ("00-12345678901234567890123456789012-1234567890123456-1", false),
        (" 00-12345678901234567890123456789012-1234567890123456-01", true),
        ("\t00-12345678901234567890123456789012-1234567890123456-01", true),
        ("00-12345678901234567890123456789012-1234567890123456-01 ", true),
        ("00-12345678901234567890123456789012-1234567890123456-01\t", true),
        ("\t 00-12345678901234567890123456789012-1234567890123456-01 \t", true),
        // Not among the cases: only lower case is valid, and only the lowest flag has a meaning.
        ("00-1234567890123456789012345678901A-1234567890123456-01", false),
        ("00-12345678901234567890123456789012-1234567890123456-0A", false),
        ("00-12345678901234567890123456789012-1234567890123456-ff", true),
        ("", false),
    ] {
        check_parent(&[("traceparent", parent)], continues);
    }
    let valid = "00-12345678901234567890123456789012-1234567890123456-01";
    let other = "00-12345678901234567890123456789011-1234567890123456-01";
    check_parent(&[], false);
    check_parent(&[("traceparent", other), ("traceparent", valid)], false);
    check_parent(&[("trace-parent", valid)], false);
    check_parent(&[("trace.parent", valid)], false);
    for name in ["TraceParent", "TrAcEpArEnT", "TRACEPARENT"] {
        check_parent(&[(name, valid)], true);
    }
}

#[track_caller]
fn check_state(lines: &[&str], expected: Option<&str>) {
    let mut headers = vec![("traceparent", PARENT)];
    headers.extend(lines.iter().map(|line| ("tracestate", *line)));
    let expected = [("traceparent", Some(PARENT)), ("tracestate", expected)];
    let expected: Vec<_> =
        expected.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
    assert_eq!(hop(&headers), expected, "{lines:?}");
}

#[test]
fn tracestates_of_w3c_s_cases_are_passed_on_or_not() {
    let keys = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
    let values: String = (' '..='~').filter(|c| !matches!(c, ',' | '=')).collect();
    let (simple, of_vendor) = (format!("{keys}={values}"), format!("{keys}@a-z0-9_-*/={values}"));
    let tens = |from: u32, to: u32| (from..=to).map(|n| format!("bar{n:02}={n:02}")).collect::<Vec<_>>().join(",");
    let many = [tens(1, 10), tens(11, 20), tens(21, 30), tens(31, 32), tens(31, 33)];
    let [one, two, three, four, too_many] = many.each_ref().map(String::as_str);
    let long = |key: &str| format!("{key}=1");
    let (longest, too_long) = (long(&"z".repeat(256)), long(&"z".repeat(257)));
    let vendor = long(&format!("{}@{}", "t".repeat(241), "v".repeat(14)));
    let (long_tenant, long_vendor) = (long(&format!("{}@v", "t".repeat(242))), long(&format!("t@{}", "v".repeat(15))));
    let long_value = |length| format!("foo={}", "x".repeat(length));
    let (value_fits, value_is_long) = (long_value(256), long_value(257));
    for (lines, expected) in [
        (&["foo=1,bar=2"][..], Some("foo=1,bar=2")),
        (&[""], None),
        (&["foo=1", ""], Some("foo=1")),
        (&["", "foo=1"], Some("foo=1")),
        (&["foo=1,bar=2", "rojo=1,congo=2", "baz=3"], Some("foo=1,bar=2,rojo=1,congo=2,baz=3")),
        (&["foo=1,foo=1"], None),
        (&["foo=1,foo=2"], None),
        (&["foo=1", "foo=1"], None),
        (&["foo=1", "foo=2"], None),
        (&[&simple], Some(&*simple)),
        (&[&of_vendor], Some(&*of_vendor)),
        (&["foo=1 \t , \t bar=2, \t baz=3"], Some("foo=1,bar=2,baz=3")),
        (&["foo=1\t \t,\t \tbar=2,\t \tbaz=3"], Some("foo=1,bar=2,baz=3")),
        (&[" foo=1"], Some("foo=1")),
        (&["\tfoo=1"], Some("foo=1")),
        (&["foo=1 "], Some("foo=1")),
        (&["foo=1\t"], Some("foo=1")),
        (&["\t foo=1 \t"], Some("foo=1")),
        (&["foo =1"], None),
        (&["FOO=1"], None),
        (&["foo.bar=1"], None),
        (&["foo@=1,bar=2"], None),
        (&["@foo=1,bar=2"], None),
        (&["foo@@bar=1,bar=2"], None),
        (&["foo@bar@baz=1,bar=2"], None),
        (&[one, two, three, four], Some(&*[one, two, three, four].join(","))),
        (&[one, two, three, too_many], None),
        (&["foo=1", &longest], Some(&*format!("foo=1,{longest}"))),
        (&["foo=1", &too_long], None),
        // OpenTelemetry's type cannot hold the longest system; its member alone is left out.
        (&["foo=1", &vendor], Some("foo=1")),
        (&["foo=1", &long_tenant], None),
        (&["foo=1", &long_vendor], None),
        (&["foo=bar=baz"], None),
        (&["foo=,bar=3"], None),
        (&[&value_fits], Some(&*value_fits)),
        (&[&value_is_long], None),
        (&["foobarbaz"], None),
        (&["1special=abracadabra"], Some("1special=abracadabra")),
        (&["foo=\u{e9}"], None),
    ] {
        check_state(lines, expected);
    }
    assert_eq!(hop(&[("tracestate", "foo=1")]), [], "it says nothing without a parent");
    for name in ["TraceState", "TrAcEsTaTe", "TRACESTATE"] {
        let found = hop(&[("traceparent", PARENT), (name, "foo=1")]);
        assert_eq!(found.last(), Some(&("tracestate".to_owned(), "foo=1".to_owned())));
    }
    for name in ["trace-state", "trace.state"] {
        assert_eq!(hop(&[("traceparent", PARENT), (name, "foo=1")]).len(), 1, "{name}");
    }
}

#[test]
fn baggage_of_w3c_s_cases_is_read_and_passed_on() {
    let quoted = "%09%20%22%27%3B%3Dasdf%21%40%23%24%25%5E%26%2A%28%29";
    let value = "\t \"';=asdf!@#$%^&*()";
    let (plain, spaced) = (format!("SomeKey={quoted}"), format!("SomeKey \t = \t {quoted} \t "));
    let two: &[_] = &[("SomeKey", "SomeValue"), ("SomeKey2", "SomeValue2")];
    let one: &[_] = &[("SomeKey", "SomeValue")];
    for (header, values, properties) in [
        ("SomeKey=SomeValue", one, &[][..]),
        ("SomeKey=SomeValue,SomeKey2=SomeValue2", two, &[]),
        ("SomeKey \t = \t SomeValue \t , \t SomeKey2 \t = \t SomeValue2 \t ", two, &[]),
        ("SomeKey=SomeValue;SomeProp,SomeKey2=SomeValue2;ValueProp=PropVal", two, &["SomeProp", "ValueProp=PropVal"]),
        (
            "SomeKey \t = \t SomeValue \t ; \t SomeProp \t , \t SomeKey2 \t = \t SomeValue2 \t ; \t ValueProp \t = \t PropVal",
            two,
            &["SomeProp", "ValueProp \t = \t PropVal"],
        ),
        ("SomeKey=SomeValue=equals", &[("SomeKey", "SomeValue=equals")], &[]),
        (&plain, &[("SomeKey", value)], &[]),
        (&spaced, &[("SomeKey", value)], &[]),
        ("SomeKey=SomeValue;SomeProp;SecondProp=PropValue", one, &["SomeProp;SecondProp=PropValue"]),
        ("SomeKey=", &[("SomeKey", "")], &[]),
        ("SomeKey=%zz%4", &[("SomeKey", "%zz%4")], &[]),
        ("SomeKey=%ff", &[("SomeKey", "\u{fffd}")], &[]),
        // Not valid: no value, no key, spaces and quotes within.
        ("SomeKey", &[], &[]),
        ("=SomeValue", &[], &[]),
        ("Some Key=SomeValue", &[], &[]),
        ("SomeKey=Some Value", &[], &[]),
        ("SomeKey=\"SomeValue\"", &[], &[]),
        ("SomeKey=SomeValue;", &[], &[]),
        ("good=1,bad", &[], &[]),
    ] {
        let headers = received(&[("baggage", header)]);
        let context = extract(&headers);
        let found: Vec<_> = context.baggage().iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(found, values, "{header}");
        let kept: Vec<_> = context.workflow.baggage_properties.values().map(String::as_str).collect();
        assert_eq!(kept, properties, "{header}");
        let again = onward(&headers);
        let again = received(&again.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>());
        assert_eq!(extract(&again).baggage(), context.baggage(), "{header} {again:?}");
    }
    let longest = format!("a={}", "0123456789".repeat(819));
    assert_eq!((longest.len(), hop(&[("baggage", &longest)])[0].1 == longest), (8_192, true));
    let members = (0..64).map(|n| format!("key{n}=value")).collect::<Vec<_>>().join(",");
    assert_eq!(hop(&[("baggage", &members)])[0].1.split(',').count(), 64);
}

#[test]
fn a_long_header_is_refused_before_it_is_read() {
    let long = "a=1,".repeat(1 << 18);
    let many = vec![("tracestate", "a=1,b=2"); 1_000];
    for headers in [
        vec![("traceparent", long.as_str())],
        vec![("traceparent", PARENT), ("tracestate", &long)],
        vec![("baggage", &long)],
        many,
    ] {
        let headers = received(&headers);
        let state = extract(&headers);
        assert_eq!((state.workflow.trace_state.header(), state.baggage().len()), (String::new(), 0));
        let attempt = || {
            let start = Instant::now();
            let context = extract(&headers);
            (start.elapsed(), context).0
        };
        // The fastest of many, so that other work on the machine does not count.
        let fastest = (0..1_000).map(|_| attempt()).min().unwrap();
        assert!(fastest < Duration::from_micros(100), "{fastest:?}");
    }
}

proptest! {
    #[test]
    fn any_header_is_read_and_what_is_passed_on_is_passed_on_unchanged(
        lines in vec((0_usize..3, vec(any::<u8>().prop_filter("HTTP", |b| matches!(b, b'\t' | b' '..=b'~' | 0x80..)), 0..80)), 0..8),
    ) {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(["traceparent", "tracestate", "baggage"][name], HeaderValue::from_bytes(&line).unwrap());
        }
        let first = onward(&headers);
        let again = received(&first.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>());
        prop_assert_eq!(first, onward(&again));
    }

    #[test]
    fn a_traceparent_is_valid_until_a_byte_of_it_is_not(
        trace in 1_u128.., span in 1_u64.., flags: u8, at in 0_usize..55, byte in b' '..=b'~',
    ) {
        let valid = format!("00-{trace:032x}-{span:016x}-{flags:02x}");
        let expected = format!("00-{trace:032x}-{span:016x}-{:02x}", flags & 1);
        prop_assert_eq!(hop(&[("traceparent", &valid)]), vec![("traceparent".to_owned(), expected)]);
        let mut bytes = valid.clone().into_bytes();
        bytes[at] = byte;
        let changed = String::from_utf8(bytes).unwrap();
        let is_dash = matches!(at, 2 | 35 | 52);
        let is_hex = matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_zero = changed[3..35].bytes().all(|b| b == b'0') || changed[36..52].bytes().all(|b| b == b'0');
        let is_valid = if is_dash { byte == b'-' } else { is_hex } && !is_zero && &changed[..2] != "ff";
        prop_assert_eq!(!hop(&[("traceparent", &changed)]).is_empty(), is_valid, "{}", changed);
    }
}

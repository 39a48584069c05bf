//! End-to-end tests of every promise, from outside.
#![allow(clippy::needless_raw_string_hashes, reason = "expected texts are written so by `UPDATE_EXPECT=1`")]

mod accepted;
mod agreement;
mod beside;
mod blocks;
mod budgets;
mod cache;
mod canary;
mod child;
mod cost;
mod dependencies;
mod exporter;
mod exports;
mod exposition;
mod genai;
mod ledger;
mod lifecycle;
mod linked;
mod listing;
mod metrics;
mod monitoring;
mod price_url;
mod prometheus;
mod pushgateway;
mod receiver;
mod registration;
mod returned;
mod shapes;
mod stopping;
mod streams;
mod subscriber;
mod totals;
mod tower;
mod trace_text;
mod traces;
mod views;

//! A model of one Salesforce org.

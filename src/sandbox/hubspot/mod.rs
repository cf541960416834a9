//! A model of one HubSpot portal.

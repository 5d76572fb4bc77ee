//! Two sessions against each other, on virtual time and a network of our own.

mod camera;
mod conditions;
mod connectivity;
mod data;
mod hostile;
mod media;
mod memory;
mod negotiation;
mod network;
mod pair;
mod recorded;
mod renegotiation;

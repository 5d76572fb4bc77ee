//! The call machine, told as stories and tried at random, on virtual time.

mod collisions;
mod endings;
mod holders;
mod hostile;
mod links;
mod losses;
mod properties;
mod reloads;
mod values;
mod world;

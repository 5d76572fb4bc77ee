// simple-peer's README writes its examples for a bundler.
window.require = () => window.SimplePeer;

// PeerJS loses what is sent before its socket is open, so an example that sends waits for that.
{
  const { next } = document.currentScript.dataset;
  const go = () => {
    const script = document.createElement('script');
    script.src = next;
    document.body.append(script);
  };
  // A server on this machine can be faster than this page.
  if (peer.open) go();
  else peer.on('open', go);
}

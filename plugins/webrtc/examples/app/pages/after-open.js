// PeerJS loses what is sent before its socket is open, so an example that sends waits for that.
{
  const { next } = document.currentScript.dataset;
  peer.on('open', () => {
    const script = document.createElement('script');
    script.src = next;
    document.body.append(script);
  });
}

// Goes into each page of the lab before the page's own scripts, as it is: `window.lab` remembers the
// peer connections the page makes, and reads what they receive.
{
  const connections = [];

  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(target, args, newTarget) {
      const connection = Reflect.construct(target, args, newTarget);
      connections.push(connection);
      return connection;
    },
  });

  /** See `Received` in media.ts. */
  const received = async () => {
    const sum = { framesDecoded: 0, audioEnergy: 0, pairs: [] };
    for (const connection of connections) {
      if (connection.connectionState === "closed") continue;
      const stats = new Map();
      (await connection.getStats()).forEach((stat) => stats.set(stat.id, stat));
      for (const stat of stats.values()) {
        if (stat.type === "inbound-rtp" && stat.kind === "video") {
          sum.framesDecoded += stat.framesDecoded ?? 0;
        }
        if (stat.type === "inbound-rtp" && stat.kind === "audio") {
          sum.audioEnergy += stat.totalAudioEnergy ?? 0;
        }
      }
      const pair = selectedPair(stats);
      if (pair) {
        sum.pairs.push({
          local: stats.get(pair.localCandidateId)?.candidateType ?? "none",
          remote: stats.get(pair.remoteCandidateId)?.candidateType ?? "none",
        });
      }
    }
    return sum;
  };

  /** Chromium names the selected pair in the transport, Firefox marks the pair. */
  const selectedPair = (stats) => {
    const all = [...stats.values()];
    const transport = all.find((stat) => stat.type === "transport");
    if (transport?.selectedCandidatePairId) return stats.get(transport.selectedCandidatePairId);
    return all.find((stat) => stat.type === "candidate-pair" && stat.selected);
  };

  /** Resolves once this much more has been received than at the call. */
  const more = async (what, amount) => {
    const enough = (await received())[what] + amount;
    while ((await received())[what] < enough) await new Promise(requestAnimationFrame);
  };

  /** Resolves when no sound has come for a second of the page's own clock. */
  const silence = async () => {
    for (;;) {
      const before = (await received()).audioEnergy;
      const until = performance.now() + 1000;
      while (performance.now() < until) await new Promise(requestAnimationFrame);
      // The last packets and comfort noise have an energy too, far below that of a tone.
      if ((await received()).audioEnergy - before < 1e-6) return;
    }
  };

  window.lab = { connections, received, more, silence };
}

// forward.mjs SOCKET ADDRESS PORT: whoever connects to the Unix socket is connected to the TCP port,
// as seen from the namespace this runs in. Says "ready" once it listens.
import { createServer, connect } from "node:net";

const [socket, address, port] = process.argv.slice(2);
const server = createServer({ allowHalfOpen: true }, (client) => {
  const far = connect({ host: address, port: Number(port), allowHalfOpen: true });
  client.pipe(far).pipe(client);
  client.on("error", () => far.destroy());
  far.on("error", () => client.destroy());
});
server.listen(socket, () => console.log("ready"));

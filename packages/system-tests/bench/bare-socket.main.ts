import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

// A bare server: each connection gets as many frames as its path says, each with the nanoseconds of the machine's
// monotonic clock, at no regular beat.
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('listening', () => console.log((server.address() as AddressInfo).port));
server.on('connection', (socket, { url }) => {
  void (async () => {
    for (let left = Number(url?.slice(1)); left > 0; left -= 1) {
      await sleep(4 + Math.random() * 8);
      socket.send(String(process.hrtime.bigint()));
    }
    socket.close();
  })();
});

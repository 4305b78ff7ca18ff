/**
 * Knocks at PROTOCOL ADDRESS PORT, and prints as JSON what came back ("echo", an error's code, "silence") and after how
 * many ms.
 */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

const [protocol, address, portText] = process.argv.slice(2) as [string, string, string];
const port = Number(portText);
const beganAtMs = performance.now();

const REPEAT_MS = 200;

function done(outcome: string): void {
  process.stdout.write(JSON.stringify({ outcome, afterMs: Math.round(performance.now() - beganAtMs) }));
  process.exit();
}

setTimeout(() => done('silence'), 3_000);
const failed = (error: NodeJS.ErrnoException) => done(error.code ?? error.message);
if (protocol === 'tcp') {
  const socket = connect(port, address, () => socket.write('knock'));
  socket.on('data', () => done('echo'));
  socket.on('error', failed);
} else {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', failed);
  socket.on('message', () => done('echo'));
  // Connected, so that the network's rejection reaches the program. A datagram may be lost on the way, and so may the word
  // that rejects it: whoever speaks UDP repeats what is not answered.
  socket.connect(port, address, () => {
    socket.send('knock');
    setInterval(() => socket.send('knock'), REPEAT_MS);
  });
}

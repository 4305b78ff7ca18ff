/** Answers whatever comes over TCP and UDP. Arguments: ADDRESS PORT pairs. Says "listening" when all are open. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const args = process.argv.slice(2);
for (let index = 0; index < args.length; index += 2) {
  const [address, port] = [args[index]!, Number(args[index + 1])];
  const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (message, { port, address }) => udp.send(message, port, address));
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  await Promise.all([
    new Promise<void>((resolve) => udp.bind(port, address, resolve)),
    new Promise<void>((resolve) => tcp.listen(port, address, resolve)),
  ]);
}
process.stdout.write('listening\n');

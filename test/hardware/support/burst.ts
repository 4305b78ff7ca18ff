/** Asks over UDP as fast as it can, and does not wait for answers. Arguments: FROM TO COUNT. */
import { createSocket } from 'node:dgram';
import { encodeQuestion } from '../../support/dns-client.ts';

const [from = '', to = '', count = ''] = process.argv.slice(2);
const query = encodeQuestion('www.facebook.com');
const socket = createSocket('udp4');
await new Promise<void>((resolve) => socket.bind(0, from, resolve));
for (let sent = 0; sent < Number(count); sent++) {
  await new Promise<void>((resolve, reject) =>
    socket.send(query, 53, to, (error) => (error === null ? resolve() : reject(error))),
  );
}
socket.close();

/**
 * A dashboard that speaks agent-protocol.ts on a real socket and misbehaves on request: it falls silent, forgets to
 * acknowledge, signs with a wrong key, closes the door. The well-behaved one is the Worker, with tests of its own.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  CLOSE_NOT_ENROLLED,
  EnrolRequest,
  type EnrolResponse,
  FromBox,
  type FromDashboard,
  helloText,
  signedText,
} from '../../../policy-rules/agent-protocol.ts';

export interface ProtocolDashboard {
  readonly url: string;
  /** The code that may be used once more; null when there is none. */
  code: string | null;
  /** Whether batches and requests are acknowledged by themselves. */
  acknowledges: boolean;
  /** Every valid message of the box, in the order of arrival over all connections. */
  readonly received: FromBox[];
  /** What the protocol does not allow. */
  readonly violations: string[];
  /** The boxes' public keys; a deleted one is not known any more. */
  readonly boxes: Map<string, string>;
  readonly connections: WebSocket[];
  pings: number;
  /** Signs and sends; `key` defaults to the setting's own. */
  sendSigned(kind: Parameters<typeof signedText>[0], document: unknown, key?: KeyObject): void;
  send(message: FromDashboard): void;
  /** Keeps the connections open and reads nothing more, as a router does that has lost its state. */
  fallSilent(): void;
  /** Ends connections without a goodbye and refuses new ones until `comeBack`. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  ofType<Type extends FromBox['type']>(type: Type): Extract<FromBox, { type: Type }>[];
  close(): Promise<void>;
}

export async function startProtocolDashboard(): Promise<ProtocolDashboard> {
  const settingId = randomUUID();
  const keys = generateKeyPairSync('ed25519');
  const settingPublicKey = String(keys.publicKey.export({ format: 'jwk' }).x);
  const sockets = new Set<Socket>();
  const webSockets = new WebSocketServer({ noServer: true });
  let away = false;

  const server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    const request = EnrolRequest.safeParse(JSON.parse(body));
    if (incoming.url !== '/box/enrol' || !request.success) {
      outgoing.writeHead(404).end('not here');
    } else if (request.data.code !== dashboard.code) {
      outgoing.writeHead(403).end('wrong code');
    } else {
      dashboard.code = null;
      const response: EnrolResponse = {
        boxId: randomUUID(),
        settingId,
        settingName: 'Halstead Nursery',
        settingPublicKey,
      };
      dashboard.boxes.set(response.boxId, request.data.publicKey);
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(response));
    }
  });
  server.on('connection', (socket) => {
    if (away) return void socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (incoming, socket, head) => {
    const url = new URL(incoming.url ?? '', 'http://localhost');
    webSockets.handleUpgrade(incoming, socket, head, (connection) => welcome(connection, url.searchParams.get('box')));
  });

  function welcome(connection: WebSocket, boxId: string | null): void {
    const nonce = randomUUID();
    let proved = false;
    dashboard.connections.push(connection);
    connection.on('error', () => undefined);
    connection.on('message', (data) => {
      if (String(data) === 'ping') {
        dashboard.pings++;
        return connection.send('pong');
      }
      const parsed = FromBox.safeParse(JSON.parse(String(data)));
      if (!parsed.success) return void dashboard.violations.push(String(data));
      const message = parsed.data;
      if (message.type === 'hello') {
        proved =
          boxId === message.boxId && isFrom(dashboard.boxes.get(boxId), helloText(nonce, boxId), message.signature);
        if (!proved) return connection.close(CLOSE_NOT_ENROLLED, 'not enrolled');
      }
      if (!proved) return void dashboard.violations.push(`${message.type} before a good hello`);
      dashboard.received.push(message);
      if (!dashboard.acknowledges) return;
      if (message.type === 'usage-batch') connection.send(JSON.stringify({ type: 'usage-ack', seq: message.seq }));
      if (message.type === 'request') connection.send(JSON.stringify({ type: 'request-ack', id: message.request.id }));
    });
    connection.send(JSON.stringify({ type: 'challenge', nonce }));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const dashboard: ProtocolDashboard = {
    url: `http://127.0.0.1:${port}`,
    code: 'ABCD-2345',
    acknowledges: true,
    received: [],
    violations: [],
    boxes: new Map(),
    connections: [],
    pings: 0,
    sendSigned(kind, document, key = keys.privateKey) {
      const payload = JSON.stringify(document);
      const signature = sign(null, Buffer.from(signedText(kind, settingId, payload)), key).toString('base64url');
      dashboard.send({ type: kind, payload, signature });
    },
    send(message) {
      dashboard.connections.at(-1)?.send(JSON.stringify(message));
    },
    fallSilent() {
      for (const connection of dashboard.connections) connection.pause();
    },
    async goAway() {
      away = true;
      for (const socket of sockets) socket.destroy();
    },
    async comeBack() {
      away = false;
    },
    ofType(type) {
      // The filter is the proof that the type system cannot follow through a type parameter.
      return dashboard.received.filter((message) => message.type === type) as Extract<FromBox, { type: typeof type }>[];
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return dashboard;
}

function isFrom(publicKey: string | undefined, text: string, signature: string): boolean {
  if (publicKey === undefined) return false;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
}

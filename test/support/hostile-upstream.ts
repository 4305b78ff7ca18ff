/**
 * A name server that misbehaves by the name it is asked, as a program of its own: what it says is in hostile-replies.ts.
 * By hand: `node test/support/hostile-upstream.ts 5300`, then `dig -p 5300 @127.0.0.1 wrong-id.one.example`.
 *
 * Owns its sockets, and the note of what it was asked; tests start it with startHostileUpstream() and ask it for that.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Socket, type Server as TcpServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { behaviourOf, frame, type Query, readQuery, type Step } from './hostile-replies.ts';

export interface Asked {
  /** Lower case. */
  readonly name: string;
  readonly type: number;
  readonly transport: 'udp' | 'tcp';
  readonly id: number;
  /** The port that the query came from. */
  readonly port: number;
}

/**
 * What becomes of a TCP connection: it is served, refused, reset as soon as it stands, or accepted and left alone. Not by
 * name: the name is known only afterwards.
 */
export type TcpMode = 'serve' | 'refuse' | 'reset' | 'hang';

type ToProgram = { readonly type: 'report' } | { readonly type: 'tcp'; readonly mode: TcpMode };
type FromProgram =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'report'; readonly asked: readonly Asked[] }
  | { readonly type: 'tcp' };

const ADDRESS = '127.0.0.1';
const OTHER_ADDRESS = '127.0.0.2';
/** Somebody may take the free port before it is taken here. */
const START_ATTEMPTS = 5;

// ---- the tests' side --------------------------------------------------------------------------------------------

export class HostileUpstream {
  readonly address = ADDRESS;
  readonly port: number;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  get udpUrl(): string {
    return `udp://${this.address}:${this.port}`;
  }

  get tcpUrl(): string {
    return `tcp://${this.address}:${this.port}`;
  }

  /** All that it was asked and could read, in order. */
  async asked(): Promise<readonly Asked[]> {
    return (await this.#say({ type: 'report' }, 'report')).asked;
  }

  async setTcp(mode: TcpMode): Promise<void> {
    await this.#say({ type: 'tcp', mode }, 'tcp');
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await exited;
  }

  #say<T extends FromProgram['type']>(message: ToProgram, reply: T): Promise<FromProgram & { readonly type: T }> {
    const heard = hear(this.#child, reply);
    this.#child.send(message);
    return heard;
  }
}

export async function startHostileUpstream(): Promise<HostileUpstream> {
  const child = fork(fileURLToPath(import.meta.url), [], {
    execArgv: [],
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { port } = await hear(child, 'listening');
  return new HostileUpstream(child, port);
}

function hear<T extends FromProgram['type']>(
  child: ChildProcess,
  type: T,
): Promise<FromProgram & { readonly type: T }> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      act();
    };
    const onMessage = (message: FromProgram) => {
      if (isOf(message, type)) settle(() => resolve(message));
    };
    const onExit = (code: number | null) =>
      settle(() => reject(new Error(`the hostile upstream ended with ${code}; its reason is above`)));
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}

function isOf<T extends FromProgram['type']>(
  message: FromProgram,
  type: T,
): message is FromProgram & { readonly type: T } {
  return message.type === type;
}

// ---- the program ------------------------------------------------------------------------------------------------

interface Sockets {
  readonly port: number;
  readonly udp: UdpSocket;
  readonly otherPort: UdpSocket;
  readonly otherAddress: UdpSocket;
  readonly tcp: TcpServer;
}

async function run(wantedPort: number | null): Promise<void> {
  const asked: Asked[] = [];
  let tcpMode: TcpMode = 'serve';
  const sockets = await open(wantedPort);
  const { port, udp, tcp } = sockets;

  const note = ({ labels, type, id }: Query, transport: Asked['transport'], from: number) =>
    asked.push({ name: labels.join('.'), type, transport, id, port: from });

  udp.on('message', (bytes, client) => {
    const query = readQuery(bytes);
    if (query === null) return;
    note(query, 'udp', client.port);
    for (const step of behaviourOf(query).says(query)) after(step, () => sendDatagram(sockets, step, client));
  });
  const connections = new Set<Socket>();
  tcp.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    if (tcpMode === 'reset') socket.resetAndDestroy();
    else if (tcpMode === 'hang') socket.pause();
    else serveStream(socket, (query) => note(query, 'tcp', socket.remotePort ?? 0));
  });

  const setTcp = async (mode: TcpMode) => {
    tcpMode = mode;
    // A connection that stands from before would be served as before.
    for (const socket of connections) socket.destroy();
    if (mode === 'refuse') tcp.close();
    else if (!tcp.listening) await listen(tcp, port);
  };
  process.on('message', (message: ToProgram) => {
    if (message.type === 'report') say({ type: 'report', asked });
    else void setTcp(message.mode).then(() => say({ type: 'tcp' }));
  });
  // Whoever started it is gone.
  process.on('disconnect', () => process.exit());
  say({ type: 'listening', port });
}

function say(message: FromProgram): void {
  if (process.send !== undefined) process.send(message);
  else process.stdout.write(`${JSON.stringify(message)}\n`);
}

function after({ afterMs }: Step, act: () => void): void {
  if (afterMs === undefined) act();
  else setTimeout(act, afterMs);
}

function sendDatagram({ udp, otherPort, otherAddress }: Sockets, { bytes, from }: Step, client: RemoteInfo): void {
  const socket = from === 'other port' ? otherPort : from === 'other address' ? otherAddress : udp;
  socket.send(bytes, client.port, client.address);
}

function serveStream(socket: Socket, note: (query: Query) => void): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const query = readQuery(received.subarray(2, end));
      received = received.subarray(end);
      if (query === null) continue;
      note(query);
      const { says, overTcp } = behaviourOf(query);
      if (overTcp !== undefined) overTcp(query, socket);
      else {
        for (const step of says(query)) {
          if (step.from === undefined) after(step, () => void (socket.destroyed || socket.write(frame(step.bytes))));
        }
      }
    }
  });
}

async function open(wantedPort: number | null): Promise<Sockets> {
  for (let attempt = 1; ; attempt++) {
    const port = wantedPort ?? (await freePort());
    const udp = createSocket('udp4');
    const otherPort = createSocket('udp4');
    const otherAddress = createSocket('udp4');
    const tcp = createServer({ noDelay: true });
    try {
      await bind(udp, port, ADDRESS);
      await bind(otherPort, 0, ADDRESS);
      await bind(otherAddress, port, OTHER_ADDRESS);
      await listen(tcp, port);
      // What a client did to its own socket is no reason to end.
      for (const socket of [udp, otherPort, otherAddress]) socket.on('error', () => {});
      return { port, udp, otherPort, otherAddress, tcp };
    } catch (error) {
      for (const socket of [udp, otherPort, otherAddress]) socket.close();
      tcp.close();
      if (attempt === START_ATTEMPTS || wantedPort !== null) throw error;
    }
  }
}

function bind(socket: UdpSocket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, address }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

function listen(server: TcpServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: ADDRESS, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

if (import.meta.main) await run(process.argv[2] === undefined ? null : Number(process.argv[2]));
